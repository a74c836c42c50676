//! A daemon with a few tickets in every state, whatever the time of day.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::daemon::{Daemon, run};

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
    pub daemon: Daemon,
}

impl Sample {
    pub fn start() -> Sample {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("schedules")).unwrap();
        std::fs::write(folder.path().join("schedules/org.toml"), ORG).unwrap();
        let daemon = Daemon::start(folder.path(), None);
        let server = daemon.server();
        let shell = |line: &[&str]| {
            let (code, _, error) = run(folder.path(), &[&["ticket"], line, &["--server", &server]].concat());
            assert_eq!(code, 0, "{line:?}: {error}");
        };
        for priority in ["P1", "P2", "P3", "P4"] {
            shell(&["open", "The shop is down", "--priority", priority]);
        }
        shell(&["acknowledge", "1", "--as", "anna"]);
        shell(&["acknowledge", "2", "--as", "anna"]);
        shell(&["resolve", "2", "Up again", "--as", "anna"]);
        shell(&["decline", "3", "I am busy", "--as", "anna"]);
        Sample { _folder: folder, daemon }
    }

    /// As soon as the requirements have been proved.
    pub fn scrape(&self) -> String {
        eventually(|| get(&self.daemon.address, "/metrics").filter(|text| text.contains("_to_gap_seconds{")))
    }
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
