//! What comes over the wire before it is a request: bytes that mean two things, that never end, or that are too many.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::daemon::{Daemon, PATIENCE, command, folder};

fn start() -> (TempDir, Daemon) {
    let folder = folder();
    let daemon = Daemon::of(command(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--watch=false"]));
    (folder, daemon)
}

/// The status lines that come back until the other side has enough, or has said nothing for a moment.
fn statuses(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
    // It may have had enough before we are through.
    _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer).is_ok();
    let text = String::from_utf8_lossy(&answer).into_owned();
    // The body of the one before may end without a line of its own.
    let begin = |(at, _): (usize, &str)| text[at..].lines().next();
    let lines: Vec<&str> = text.match_indices("HTTP/1.1 ").filter_map(begin).collect();
    format!("{}{}", lines.join(", "), if ended { "" } else { " (open)" })
}

#[test]
fn a_request_that_could_be_read_in_two_ways_is_one_request_or_none() {
    let (_folder, daemon) = start();
    let inner = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let cases = [
        (
            "two lengths",
            format!(
                "POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: 36\r\n\r\n{inner}"
            ),
        ),
        (
            "length and chunks",
            format!(
                "POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{inner}"
            ),
        ),
        (
            "chunks twice",
            format!(
                "POST /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n{inner}"
            ),
        ),
        (
            "chunks spelt oddly",
            format!(
                "POST /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n{inner}"
            ),
        ),
        (
            "a length with a sign",
            format!("POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: +36\r\n\r\n{inner}"),
        ),
        (
            "a space before the colon",
            format!("POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length : 36\r\n\r\n{inner}"),
        ),
        ("a header that goes on", "GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\r\n b: c\r\n\r\n".to_owned()),
        ("a lonely CR", "GET /healthz HTTP/1.1\r\nhost: x\rx: y\r\n\r\n".to_owned()),
        ("a NUL", "GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n".to_owned()),
        ("no version", "GET /healthz\r\n\r\n".to_owned()),
        ("HTTP/2 by hand", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        (
            "a chunk without end",
            "POST /v1/tickets HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"
                .to_owned(),
        ),
        ("two, one after the other", format!("{inner}{inner}")),
    ];
    let mut table = String::new();
    for (name, bytes) in cases {
        table.push_str(&format!("{name:<25} {}\n", statuses(&daemon.address, bytes.as_bytes())));
    }
    assert_snapshot!(table, @r#"
    two lengths               HTTP/1.1 400 Bad Request
    length and chunks         HTTP/1.1 405 Method Not Allowed
    chunks twice              HTTP/1.1 400 Bad Request
    chunks spelt oddly        HTTP/1.1 400 Bad Request
    a length with a sign      HTTP/1.1 400 Bad Request
    a space before the colon  HTTP/1.1 400 Bad Request
    a header that goes on     HTTP/1.1 400 Bad Request
    a lonely CR               HTTP/1.1 400 Bad Request
    a NUL                     HTTP/1.1 400 Bad Request
    no version                HTTP/1.1 400 Bad Request
    HTTP/2 by hand            
    a chunk without end       HTTP/1.1 401 Unauthorized
    two, one after the other  HTTP/1.1 200 OK, HTTP/1.1 200 OK (open)
    "#);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn too_much_is_refused_and_costs_little() {
    let (_folder, daemon) = start();
    let long = |length: usize| "a".repeat(length);
    let many: String = (0..200).map(|number| format!("x{number}: y\r\n")).collect();
    let cases = [
        ("an address of 100 KB", format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", long(100_000))),
        (
            "a header of a megabyte",
            format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", long(1_000_000)),
        ),
        ("200 headers", format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n")),
        (
            "a token of 50 KB",
            format!("GET /v1/tickets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", long(50_000)),
        ),
    ];
    let mut table = String::new();
    for (name, bytes) in cases {
        table.push_str(&format!("{name:<25} {}\n", statuses(&daemon.address, bytes.as_bytes())));
    }
    assert_snapshot!(table, @r#"
    an address of 100 KB      HTTP/1.1 414 URI Too Long
    a header of a megabyte    HTTP/1.1 431 Request Header Fields Too Large
    200 headers               HTTP/1.1 431 Request Header Fields Too Large
    a token of 50 KB          HTTP/1.1 401 Unauthorized (open)
    "#);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_body_that_drips_keeps_nobody_waiting_and_is_not_waited_for_for_ever() {
    let (folder, daemon) = start();
    let token = std::fs::read_to_string(folder.path().join("state/admin-token")).unwrap();
    let head = format!(
        "POST /v1/tickets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: 100000\r\n\r\n{{",
        token.trim()
    );
    let mut dripping: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(&daemon.address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    let began = Instant::now();
    assert_eq!(
        statuses(&daemon.address, b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
        "HTTP/1.1 200 OK"
    );
    assert!(began.elapsed() < Duration::from_secs(10), "answered only after {:?}", began.elapsed());
    let mut one = dripping.pop().unwrap();
    one.set_read_timeout(Some(PATIENCE * 3)).unwrap();
    let mut answer = [0; 12];
    one.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 503", "given up");
    drop(dripping);
    assert_eq!(daemon.stop(), 0);
}
