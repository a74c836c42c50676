//! A daemon that speaks HTTPS: who is let in, who is turned away, and what keeps nobody else waiting.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use meridian::tls::{Certificate as Shown, Validity};
use reqwest::{Certificate, Client, tls};
use serde_json::Value;
use tempfile::TempDir;

use super::authority::{Authority, write_pair};
use crate::daemon::{self, Daemon, PATIENCE, command, run};

const SETTINGS: &str = "listen = \"127.0.0.1:0\"\n[tls]\ncertificate = \"tls.crt\"\nkey = \"tls.key\"\n";

/// With a pair in it that holds for so many days.
fn folder(authority: &Authority, days: i32) -> TempDir {
    let folder = daemon::folder();
    std::fs::write(folder.path().join("meridian.toml"), SETTINGS).unwrap();
    write_pair(folder.path(), &authority.pair(days));
    folder
}

fn start(folder: &TempDir, arguments: &[&str]) -> Daemon {
    Daemon::of(command(folder.path(), &[&["serve"], arguments].concat()))
}

fn client(authority: &Authority) -> reqwest::ClientBuilder {
    meridian::notify::use_ring();
    let roots = Certificate::from_pem_bundle(authority.text().as_bytes()).unwrap();
    Client::builder().tls_certs_only(roots).tls_info(true).timeout(PATIENCE)
}

/// `/readyz`, and the certificate that it came under.
async fn ready(client: &Client, address: &str) -> (Value, Validity) {
    let answer = client.get(format!("https://{address}/readyz")).send().await.unwrap();
    let info = answer.extensions().get::<tls::TlsInfo>().unwrap();
    let held = Shown::read(info.peer_certificate().unwrap()).unwrap().validity;
    (answer.json().await.unwrap(), held)
}

#[test]
fn the_shell_speaks_https_to_whom_it_trusts() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &["--watch=false"]);
    let list = |server: &str, ca: &Path| {
        let ca = ca.to_str().unwrap();
        let (code, text, error) = run(folder.path(), &["ticket", "list", "--server", server, "--ca", ca]);
        (code, format!("{text}{error}").replace(&daemon.address, "ADDRESS"))
    };
    let https = format!("https://{}", daemon.address);
    assert_eq!(list(&https, &ours.file()), (0, "no tickets\n".to_owned()));
    let by_name = https.replace("127.0.0.1", "localhost");
    assert_eq!(list(&by_name, &ours.file()).0, 0);
    let mut said = vec![
        list(&https, &others.file()).1,
        list(&format!("http://{}", daemon.address), &ours.file()).1,
        list(&https, &folder.path().join("tls.key")).1.replace(&folder.path().display().to_string(), "DIR"),
    ];
    // The authorities of the system do not know ours.
    let (code, _, error) = run(folder.path(), &["ticket", "list", "--server", &https]);
    assert_eq!(code, 1);
    said.push(error.replace(&daemon.address, "ADDRESS"));
    assert_snapshot!(said.concat(), @r#"
    error: the daemon at https://ADDRESS/ does not answer: its certificate is of an authority that is not trusted here; --ca FILE (MERIDIAN_CA) names one: error sending request: client error (Connect): invalid peer certificate: UnknownIssuer
    error: this address speaks HTTPS: ask for https://. A token that was sent along has travelled readable: revoke it (400 Bad Request)
    error: --ca DIR/tls.key has no certificate: PEM is expected (BEGIN CERTIFICATE)
    error: the daemon at https://ADDRESS/ does not answer: its certificate is of an authority that is not trusted here; --ca FILE (MERIDIAN_CA) names one: error sending request: client error (Connect): invalid peer certificate: UnknownIssuer
    "#);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn an_address_beyond_this_machine_is_warned_of_only_without_tls() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &["--watch=false", "--listen", "0.0.0.0:0"]);
    assert_eq!(daemon.stop(), 0);
    std::fs::remove_file(folder.path().join("meridian.toml")).unwrap();
    let mut plain = command(folder.path(), &["serve", "--watch=false", "--listen", "0.0.0.0:0"]);
    let mut plain = plain.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut first = [0; 400];
    let read = plain.stderr.as_mut().unwrap().read(&mut first).unwrap();
    plain.kill().unwrap();
    plain.wait().unwrap();
    let said = String::from_utf8_lossy(&first[..read]).into_owned();
    assert!(said.contains("listening beyond this machine without TLS"), "{said}");
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken_and_nothing_older() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &["--watch=false"]);
    for version in [tls::Version::TLS_1_2, tls::Version::TLS_1_3] {
        let client = client(&ours).tls_version_min(version).tls_version_max(version).build().unwrap();
        let (body, _) = ready(&client, &daemon.address).await;
        assert_eq!(body["tls"]["certificate"], "at work", "{version:?}");
    }
    // A client hello of TLS 1.1, and of nothing at all.
    for hello in
        [&b"\x16\x03\x02\x00\x2d\x01\x00\x00\x29\x03\x02"[..], &b"\x16\x03\x01\xff\xff"[..], b"\0\0\0\0"]
    {
        let mut stream = TcpStream::connect(&daemon.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(hello).unwrap();
        stream.write_all(&[0; 64]).unwrap();
        let mut alert = Vec::new();
        _ = stream.read_to_end(&mut alert);
        assert!(alert.is_empty() || alert[0] == 0x15, "an alert or the end: {alert:?}");
    }
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn plain_http_is_told_to_come_back_by_https() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &["--watch=false"]);
    let mut stream = TcpStream::connect(&daemon.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let body = "x".repeat(20_000);
    write!(stream, "POST /v1/tickets HTTP/1.1\r\nhost: x\r\ncontent-length: 20000\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a clean end");
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    let problem: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(problem["type"], "urn:meridian:problem:needs-https");
    assert_eq!(daemon.stop(), 0);
}

#[tokio::test]
async fn whoever_connects_and_says_nothing_keeps_nobody_waiting() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &["--watch=false"]);
    let client = client(&ours).build().unwrap();
    // Nothing, a bit of a hello, and a hello that goes on and on; more than one address may have under way.
    let mut silent = Vec::new();
    for number in 0..110 {
        let mut stream = TcpStream::connect(&daemon.address).unwrap();
        let said: &[u8] = if number % 2 == 0 { b"" } else { b"\x16\x03\x01\x02\x00\x01\x00" };
        stream.write_all(said).unwrap();
        silent.push(stream);
    }
    let began = Instant::now();
    ready(&client, &daemon.address).await;
    assert!(began.elapsed() < Duration::from_secs(5), "answered only after {:?}", began.elapsed());
    // Beyond its share an address is turned away at once, and gets in again when the silent ones are gone.
    for _ in 0..40 {
        silent.push(TcpStream::connect(&daemon.address).unwrap());
    }
    let mut last = silent.pop().unwrap();
    last.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(last.read(&mut [0]).unwrap_or(0), 0, "turned away");
    drop(silent);
    let began = Instant::now();
    while self::client(&ours)
        .build()
        .unwrap()
        .get(format!("https://{}/healthz", daemon.address))
        .send()
        .await
        .is_err()
    {
        assert!(began.elapsed() < PATIENCE, "nobody is let in any more");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_handshake_that_is_not_finished_is_ended_and_does_not_hold_up_the_stop() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &["--watch=false"]);
    let mut silent = TcpStream::connect(&daemon.address).unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    let began = Instant::now();
    assert_eq!(silent.read(&mut [0]).unwrap(), 0);
    assert!((8..18).contains(&began.elapsed().as_secs()), "ended after {:?}", began.elapsed());
    let _silent = TcpStream::connect(&daemon.address).unwrap();
    let began = Instant::now();
    assert_eq!(daemon.stop(), 0);
    assert!(began.elapsed() < Duration::from_secs(6), "stopped only after {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_served_and_whoever_is_connected_stays() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &[]);
    daemon.hears("an administrator's token is in");
    let old = client(&ours).build().unwrap();
    let (_, first) = ready(&old, &daemon.address).await;

    write_pair(folder.path(), &ours.pair(60));
    daemon.hears("a new certificate is at work");
    let (body, held) = ready(&client(&ours).build().unwrap(), &daemon.address).await;
    assert_eq!((held.until - first.until).num_days(), 30, "without being asked");
    assert_eq!(
        body["tls"]["expires_at"].as_str().unwrap(),
        held.until.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    );
    assert_eq!(ready(&old, &daemon.address).await.1, first, "on the connection it had");

    let broken = (ours.pair(90).0, "no key".to_owned());
    write_pair(folder.path(), &broken);
    let refused = daemon.hears("the new certificate is refused");
    assert_eq!(refused["level"], "ERROR");
    let (body, still) = ready(&client(&ours).build().unwrap(), &daemon.address).await;
    assert_eq!((still, &body["tls"]["certificate"]), (held, &"refused".into()));
    assert!(body["tls"]["detail"].as_str().unwrap().contains("has no private key"), "{body}");
    let metrics = client(&ours).build().unwrap().get(format!("https://{}/metrics", daemon.address)).send();
    let metrics = metrics.await.unwrap().text().await.unwrap();
    assert!(metrics.contains("\nmeridian_tls_certificate_refused 1\n"), "{metrics}");
    for outcome in ["taken_up", "refused"] {
        let counted = format!("\nmeridian_tls_certificate_renewals_total{{outcome=\"{outcome}\"}} 1\n");
        assert!(metrics.contains(&counted), "{metrics}");
    }
    let expires = metrics
        .lines()
        .find_map(|line| line.strip_prefix("meridian_tls_certificate_expires_timestamp_seconds "))
        .map(|value| value.parse::<f64>().unwrap());
    assert_eq!(expires, Some(held.until.timestamp() as f64), "{metrics}");
    assert_eq!(daemon.stop(), 0);
}

#[tokio::test]
async fn a_hangup_takes_up_a_renewed_certificate_too() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    let daemon = start(&folder, &["--watch=false"]);
    let before = ready(&client(&ours).build().unwrap(), &daemon.address).await.1;
    write_pair(folder.path(), &ours.pair(60));
    daemon.signal("HUP");
    daemon.hears("a new certificate is at work");
    let after = ready(&client(&ours).build().unwrap(), &daemon.address).await.1;
    assert_eq!((after.until - before.until).num_days(), 30);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_daemon_whose_pair_is_broken_does_not_start_and_one_whose_pair_has_ended_says_so_loudly() {
    let ours = Authority::new("ours");
    let folder = folder(&ours, 30);
    std::fs::write(folder.path().join("tls.key"), ours.pair(30).1).unwrap();
    let (code, _, error) = run(folder.path(), &["serve"]);
    assert_eq!(code, 1);
    assert_snapshot!(error.lines().last().unwrap(), @"error: tls: the key in tls.key is not that of the first certificate in tls.crt; they are of two different pairs: bring both files of one");
    assert!(!folder.path().join("state").exists(), "nothing was written");

    for (days, words) in [(-1, "THE CERTIFICATE HAS EXPIRED"), (5, "expires in 4 days")] {
        write_pair(folder.path(), &ours.pair(days));
        let mut daemon = command(folder.path(), &["serve", "--watch=false"]);
        let mut daemon = daemon.stderr(std::process::Stdio::piped()).spawn().unwrap();
        let log = std::io::BufReader::new(daemon.stderr.take().unwrap());
        let mut lines = std::io::BufRead::lines(log).map_while(Result::ok);
        assert!(lines.any(|line| line.contains(words)), "{words}");
        assert!(lines.any(|line| line.contains("listening at https://")), "tickets are routed all the same");
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }
}
