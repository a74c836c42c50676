//! A daemon with everything that it can be asked about: a few tickets in every state, whatever the time of day, TLS of its
//! own, somebody who hears its heartbeat, and a backup.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::daemon::{Daemon, PATIENCE, run};
use crate::tls::authority::{Authority, write_pair};

const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline"]
policy = "standard"

[regions.world]
name = "World"
timezone = "UTC"

[teams.always]
name = "Always"
region = "world"
tier = "frontline"
languages = ["en"]
members = ["anna"]
hours = [{ from = "00:00", to = "24:00" }]
[[teams.always.rotations]]
name = "nights"
starts = 2026-01-05T00:00:00
every = "week"
members = ["anna"]

[people.anna]
name = "Anna"
languages = ["en"]

[[requirements]]
name = "somebody, always"
tier = "frontline"
[[requirements]]
name = "French, always"
tier = "frontline"
languages = ["fr"]

[policies.standard]
steps = [{ tier = "frontline" }]
"#;

pub struct Sample {
    _folder: TempDir,
    authority: Authority,
    pub daemon: Daemon,
}

impl Sample {
    pub fn start() -> Sample {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("schedules")).unwrap();
        std::fs::write(folder.path().join("schedules/org.toml"), ORG).unwrap();
        let authority = Authority::new("ours");
        write_pair(folder.path(), &authority.pair(90));
        let settings = format!(
            "[tls]\ncertificate = \"tls.crt\"\nkey = \"tls.key\"\n\
            [heartbeat]\nurl = \"http://{}/\"\nallow_private = true\n",
            hears_everything()
        );
        std::fs::write(folder.path().join("meridian.toml"), settings).unwrap();
        let daemon = Daemon::start(folder.path(), None);
        let (server, ca) = (format!("https://{}", daemon.address), authority.file());
        let to_it = ["--server", &server, "--ca", ca.to_str().unwrap()];
        let shell = |line: &[&str]| {
            let (code, _, error) = run(folder.path(), &[&["ticket"], line, &to_it].concat());
            assert_eq!(code, 0, "{line:?}: {error}");
        };
        for priority in ["P1", "P2", "P3", "P4"] {
            shell(&["open", "The shop is down", "--priority", priority]);
        }
        shell(&["acknowledge", "1", "--as", "anna"]);
        shell(&["acknowledge", "2", "--as", "anna"]);
        shell(&["resolve", "2", "Up again", "--as", "anna"]);
        shell(&["decline", "3", "I am busy", "--as", "anna"]);
        let (code, _, error) = run(folder.path(), &["backup", "copy.db"]);
        assert_eq!((code, error.as_str()), (0, ""));
        Sample { _folder: folder, authority, daemon }
    }

    /// As soon as the requirements have been proved, the rows counted and the heartbeat heard.
    pub fn scrape(&self) -> String {
        let all = ["_to_gap_seconds{", "_kept_rows{", "_heartbeat_heard_"];
        eventually(|| Some(self.get("/metrics")).filter(|text| all.iter().all(|late| text.contains(late))))
    }

    fn get(&self, path: &str) -> String {
        meridian::notify::use_ring();
        let roots = reqwest::Certificate::from_pem_bundle(self.authority.text().as_bytes()).unwrap();
        let client = reqwest::Client::builder().tls_certs_only(roots).timeout(PATIENCE).build().unwrap();
        let asked = async {
            let answer = client.get(format!("https://{}{path}", self.daemon.address)).send().await.unwrap();
            answer.error_for_status().unwrap().text().await.unwrap()
        };
        tokio::runtime::Runtime::new().unwrap().block_on(asked)
    }

    /// What whoever asks it has to trust.
    pub fn ca(&self) -> PathBuf {
        self.authority.file()
    }
}

/// The address of somebody who answers every call with 200, for as long as the tests run.
fn hears_everything() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            _ = stream.read(&mut [0; 4096]);
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    address
}

/// The body of an answer in the 200s; `None`: nobody answers, or something else.
pub fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    if !head.starts_with("HTTP/1.1 2") {
        return None;
    }
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Some(if chunked { unchunked(body) } else { body.to_owned() })
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).expect("a length");
        whole += &rest[..length];
        body = rest[length..].trim_start_matches("\r\n");
    }
    whole
}

/// Asks other processes again and again, for two minutes at most.
pub fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "not within two minutes");
        std::thread::sleep(Duration::from_millis(100));
    }
}
