//! A socket that outlives the daemon: systemd holds it, and whoever comes during a restart waits in line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::daemon::{Daemon, PATIENCE, command, folder};
use crate::tls::authority::{Authority, write_pair};

/// Starts as systemd does it: the socket is descriptor 3, and the environment names the process that it is for.
fn passed(folder: &Path, socket: OwnedFd) -> Command {
    let daemon = command(folder, &["serve", "--watch=false"]);
    let mut shell = Command::new("sh");
    // The number of the shell is the daemon's own once it has taken the shell's place.
    let script =
        "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=meridian.socket exec \"$0\" \"$@\"";
    shell.args(["-c", script]).arg(daemon.get_program()).args(daemon.get_args());
    for (name, value) in daemon.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.current_dir(folder).stdin(Stdio::from(socket));
    shell
}

trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// A connection to the daemon, used for as long as it is not told to come back by another.
struct Caller {
    address: String,
    token: String,
    /// Whoever speaks TLS trusts these.
    tls: Option<Arc<ClientConfig>>,
    connection: Option<BufReader<Box<dyn Wire>>>,
    /// How often it was told so.
    sent_away: u32,
}

impl Caller {
    fn secured(&self, stream: TcpStream) -> Box<dyn Wire> {
        let Some(trusted) = &self.tls else { return Box::new(stream) };
        let server = "127.0.0.1".try_into().expect("an address");
        let connection = ClientConnection::new(trusted.clone(), server).expect("the settings are in order");
        Box::new(StreamOwned::new(connection, stream))
    }

    fn post(&mut self, path: &str, body: &Value) -> std::io::Result<(u16, Value)> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(&self.address)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                BufReader::new(self.secured(stream))
            }
        };
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        connection.get_mut().write_all(head.as_bytes())?;
        let (mut line, mut length, mut close) = (String::new(), 0, false);
        connection.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::other(format!("no answer but {line:?}")))?;
        loop {
            let mut header = String::new();
            connection.read_line(&mut header)?;
            let header = header.trim().to_ascii_lowercase();
            match header.split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = value.parse().expect("a number"),
                Some(("connection", value)) => close = value == "close",
                Some(_) => (),
            }
        }
        let mut answer = vec![0; length];
        connection.read_exact(&mut answer)?;
        if close {
            self.sent_away += 1;
            let mut rest = Vec::new();
            connection.read_to_end(&mut rest)?;
            assert!(rest.is_empty(), "it said that this was all");
        } else {
            self.connection = Some(connection);
        }
        Ok((status, serde_json::from_slice(&answer)?))
    }
}

/// Opens tickets until told to stop, each on a connection of its own or all on one for as long as it lasts. Gives
/// their numbers, and what went wrong.
fn open_tickets(mut caller: Caller, keeps: bool, done: &AtomicBool) -> (Vec<i64>, Vec<String>, u32) {
    let (mut opened, mut failed) = (Vec::new(), Vec::new());
    while !done.load(Ordering::SeqCst) {
        if !keeps {
            caller.connection = None;
        }
        match caller.post("/v1/tickets", &json!({"title": "The shop is down", "priority": "P4"})) {
            Ok((201, ticket)) => opened.push(ticket["id"].as_i64().expect("a number")),
            Ok((status, answer)) => failed.push(format!("{status} {answer}")),
            Err(error) => failed.push(error.to_string()),
        }
        thread::sleep(Duration::from_millis(5));
    }
    (opened, failed, caller.sent_away)
}

#[test]
fn a_restart_under_load_fails_no_request() {
    restart_under_load(&folder(), None);
}

#[test]
fn a_restart_under_load_over_tls_fails_no_request() {
    let (folder, authority) = (folder(), Authority::new("ours"));
    write_pair(folder.path(), &authority.pair(30));
    std::fs::write(
        folder.path().join("meridian.toml"),
        "[tls]\ncertificate = \"tls.crt\"\nkey = \"tls.key\"\n",
    )
    .unwrap();
    meridian::notify::use_ring();
    let mut trusted = RootCertStore::empty();
    trusted.add(CertificateDer::from_pem_slice(authority.text().as_bytes()).unwrap()).unwrap();
    let client = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    restart_under_load(&folder, Some(Arc::new(client)));
}

fn restart_under_load(folder: &TempDir, tls: Option<Arc<ClientConfig>>) {
    const RESTARTS: u32 = 3;
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let start = || Daemon::of(passed(folder.path(), socket.try_clone().unwrap().into()));
    let mut daemon = start();
    assert_eq!(daemon.address, socket.local_addr().unwrap().to_string());
    let token = std::fs::read_to_string(folder.path().join("state/admin-token")).unwrap().trim().to_owned();
    let done = AtomicBool::new(false);
    let (daemon, opened, failed, sent_away) = thread::scope(|scope| {
        let load = [false, false, false, true, true].map(|keeps| {
            let (address, token) = (daemon.address.clone(), token.clone());
            let caller = Caller { address, token, tls: tls.clone(), connection: None, sent_away: 0 };
            let done = &done;
            scope.spawn(move || open_tickets(caller, keeps, done))
        });
        for _ in 0..RESTARTS {
            thread::sleep(Duration::from_millis(500));
            assert_eq!(daemon.stop(), 0);
            // Nobody is there to answer; whoever comes now waits.
            thread::sleep(Duration::from_millis(200));
            daemon = start();
        }
        thread::sleep(Duration::from_millis(300));
        done.store(true, Ordering::SeqCst);
        let (mut all_opened, mut all_failed, mut all_away) = (Vec::new(), Vec::new(), Vec::new());
        for one in load {
            let (opened, failed, sent_away) = one.join().unwrap();
            all_opened.extend(opened);
            all_failed.extend(failed);
            all_away.push(sent_away);
        }
        (daemon, all_opened, all_failed, all_away)
    });
    assert_eq!(failed, Vec::<String>::new(), "of {} requests", opened.len() + failed.len());
    // How many hangs on the machine, and over TLS on what a handshake costs it.
    assert!(opened.len() > 30, "only {} requests", opened.len());
    assert!(sent_away[3..].iter().all(|times| *times == RESTARTS), "each stop says so once: {sent_away:?}");
    // What was answered is there, each once.
    let mut numbers = opened.clone();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), opened.len());
    let mut caller = Caller { address: daemon.address.clone(), token, tls, connection: None, sent_away: 0 };
    let (status, latest) = caller.post("/v1/tickets", &json!({"title": "The last one"})).unwrap();
    assert_eq!((status, latest["id"].as_i64()), (201, Some(i64::try_from(opened.len()).unwrap() + 1)));
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_connection_that_has_said_nothing_yet_was_closed_at_the_stop() {
    let folder = folder();
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let daemon = Daemon::of(passed(folder.path(), socket.into()));
    let mut late = TcpStream::connect(&daemon.address).unwrap();
    let mut other = TcpStream::connect(&daemon.address).unwrap();
    write!(other, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    // Both were accepted once the later one is answered.
    other.read_to_string(&mut String::new()).unwrap();
    daemon.signal("TERM");
    daemon.hears("SIGTERM: stopping");
    thread::sleep(Duration::from_millis(200));
    write!(late, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    late.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn an_idle_connection_holds_up_the_stop_for_a_moment_only() {
    let folder = folder();
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let daemon = Daemon::of(passed(folder.path(), socket.into()));
    let mut idle = TcpStream::connect(&daemon.address).unwrap();
    write!(idle, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = [0; 15];
    idle.read_exact(&mut answer).unwrap();
    let began = Instant::now();
    assert_eq!(daemon.stop(), 0);
    assert!(began.elapsed() < Duration::from_secs(6), "stopped only after {:?}", began.elapsed());
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).expect("it is closed, not reset");
}

#[test]
fn the_address_in_the_settings_is_passed_over_and_said_so() {
    let folder = folder();
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    std::fs::write(folder.path().join("meridian.toml"), "listen = \"127.0.0.1:1\"\n").unwrap();
    let mut daemon = passed(folder.path(), socket.into());
    daemon.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut daemon = daemon.spawn().unwrap();
    let log = BufReader::new(daemon.stderr.take().unwrap());
    let said = log.lines().map_while(Result::ok).find(|line| line.contains("systemd holds the socket"));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let said: Value = serde_json::from_str(&said.expect("it says so")).unwrap();
    assert_eq!((&said["level"], &said["listen"]), (&json!("WARN"), &json!("127.0.0.1:1")));
}

#[test]
fn a_socket_that_is_none_of_tcp_is_refused_with_a_remedy() {
    let folder = folder();
    let socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    let output = passed(folder.path(), socket.into()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r#"error: systemd passed the socket "meridian.socket", which is none of TCP: ListenStream= in meridian.socket takes an address and a port, as in 127.0.0.1:8470: invalid argument"#);
    assert!(!folder.path().join("state").exists(), "nothing was written");
}

#[test]
fn sockets_of_another_process_are_left_alone() {
    let folder = folder();
    let mut daemon = command(folder.path(), &["serve", "--watch=false", "--listen", "127.0.0.1:0"]);
    daemon.env("LISTEN_FDS", "1").env("LISTEN_PID", "1");
    assert_eq!(Daemon::of(daemon).stop(), 0);
}
