//! Mail to a server that is not ours, read back by Python's email package.

use std::process::Stdio;

use insta::assert_snapshot;
use meridian::notify::{Channel, Letter};
use meridian::schedule::PersonId;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::post::{HOSTILE, anna, at, channel, notice, said, send};
use crate::tls::authority::Authority;
use crate::validators;

struct Sink {
    port: u16,
    said: Lines<BufReader<ChildStdout>>,
    _server: Child,
    authority: Authority,
}

impl Sink {
    /// `none`, `starttls` or `implicit`; beside `none` it wants to be signed in to by `meridian`.
    async fn open(kind: &str) -> Sink {
        let authority = Authority::new("mail");
        let (certificate, key) = authority.pair(30);
        let folder = tempfile::TempDir::new().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let mut command = Command::new(validators::python());
        command.arg("tests/tools/mail_sink.py").arg(kind).current_dir(env!("CARGO_MANIFEST_DIR"));
        if kind != "none" {
            command.arg(file("crt", &certificate)).arg(file("key", &key)).args(["meridian", "hush-hush"]);
        }
        let mut server = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
        let port = said.next_line().await.unwrap().expect("the sink starts").parse().unwrap();
        Sink { port, said, _server: server, authority }
    }

    fn channel(&self, tls: &str, more: &str) -> Channel {
        let signed_in = if tls == "none" {
            ""
        } else {
            "username = \"meridian\"\npassword_file = \"secret\"\nca_file = \"ca\"\n"
        };
        let text = format!(
            "kind = \"smtp\"\nhost = \"localhost\"\nport = {}\ntls = {tls:?}\n\
             from = \"Meridian <meridian@example.com>\"\n{signed_in}{more}",
            self.port
        );
        channel(&text, &[("ca", &self.authority.text())]).unwrap()
    }

    async fn mail(&mut self) -> Value {
        serde_json::from_str(&self.said.next_line().await.unwrap().expect("a mail")).unwrap()
    }
}

/// Headers line by line, and the text.
fn shown(mail: &Value) -> String {
    let headers = mail["headers"].as_array().unwrap().iter();
    let headers =
        headers.map(|header| format!("{}: {}", header[0].as_str().unwrap(), header[1].as_str().unwrap()));
    let envelope =
        format!("{} -> {}, TLS {}, signed in {}", mail["from"], mail["to"], mail["tls"], mail["signed_in"]);
    format!("{envelope}\n{}\n\n{}", headers.collect::<Vec<_>>().join("\n"), mail["text"].as_str().unwrap())
}

#[tokio::test]
async fn a_page_arrives_by_mail_over_tls_and_a_hostile_title_stays_in_its_line() {
    let text =
        "P1 ticket 17 is yours: «Köksön» har slut på ström. Сервер недоступен. 停電です 🚨\n.\nbefore noon.";
    let mut mails = Vec::new();
    for kind in ["starttls", "implicit"] {
        let mut sink = Sink::open(kind).await;
        let outcome = send(&sink.channel(kind, ""), &notice(HOSTILE, text), Some(&anna())).await;
        assert_eq!(outcome, "taken: answered 250 2.0.0 queued as 4711");
        let mail = sink.mail().await;
        assert_eq!((&mail["defects"], &mail["ascii"]), (&serde_json::json!([]), &true.into()), "{mail:#}");
        mails.push(shown(&mail));
    }
    assert_eq!(mails[0], mails[1], "the same message both ways");
    assert_snapshot!(mails[0], @r#"
    "meridian@example.com" -> ["anna@example.com"], TLS true, signed in true
    From: Meridian <meridian@example.com>
    To: "Anna \"A\" Lindqvist, <x@evil.example>" <anna@example.com>
    Subject: Köksön <!channel> & <https://evil.example|click> Bcc: victim@example.com </Say><Dial>+1900</Dial> "}],"x":[{" **[здесь](https://evil.example)** 停電 🚨
    Date: Mon, 02 Mar 2026 09:00:00 +0000
    Message-ID: <notice-17-3-0@example.com>
    Auto-Submitted: auto-generated
    Content-Type: text/plain; charset="utf-8"
    In-Reply-To: <ticket-17@example.com>
    References: <ticket-17@example.com>
    Content-Transfer-Encoding: base64

    P1 ticket 17 is yours: «Köksön» har slut på ström. Сервер недоступен. 停電です 🚨
    .
    before noon.

    Take it: https://meridian.example.com/a/17-3-0.69a5.abc-_
    "#);
}

#[tokio::test]
async fn an_answer_of_the_mail_server_decides_whether_to_try_again() {
    let sink = Sink::open("starttls").await;
    let mut table = String::new();
    for to in ["anna", "busy", "nobody", "lost", "Ünder"] {
        let mut person = anna();
        person.email = Some(format!("{to}@example.com"));
        table += &format!(
            "{to}: {}\n",
            send(&sink.channel("starttls", ""), &notice("x", "y"), Some(&person)).await
        );
    }
    let mut person = anna();
    person.email = Some("anna@example.com>\r\nRCPT TO:<victim@example.com".to_owned());
    table +=
        &format!("two: {}\n", send(&sink.channel("starttls", ""), &notice("x", "y"), Some(&person)).await);
    table += &format!("none: {}\n", send(&sink.channel("starttls", ""), &notice("x", "y"), None).await);
    assert_snapshot!(table, @r#"
    anna: taken: answered 250 2.0.0 queued as 4711
    busy: again None: answered 450: 4.2.1 the mailbox is busy
    nobody: never: answered 550: 5.1.1 no such mailbox
    lost: never: answered 554: 5.7.1 refused by policy
    Ünder: never: Envelope contains non-ascii chars but server does not support SMTPUTF8
    two: never: the `email` of anna is no address: Invalid email user
    none: never: anna has no `email` in the rotation files
    "#);
}

#[tokio::test]
async fn a_password_goes_to_nobody_who_is_not_whom_we_mean() {
    let (clear, safe) = (Sink::open("none").await, Sink::open("starttls").await);
    let text = |port: u16, more: &str| {
        format!(
            "kind = \"smtp\"\nhost = \"localhost\"\nport = {port}\nfrom = \"m@example.com\"\nusername = \"meridian\"\n\
             password_file = \"secret\"\n{more}"
        )
    };
    let other = Authority::new("other").text();
    let ours = [("ca", safe.authority.text()), ("other", other), ("wrong", "hush-hush-not".to_owned())];
    let ours: Vec<(&str, &str)> = ours.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let mut table = String::new();
    for (what, text) in [
        ("no TLS there", text(clear.port, "ca_file = \"ca\"")),
        ("another authority", text(safe.port, "ca_file = \"other\"")),
        ("the system's authorities", text(safe.port, "")),
        ("another name", text(safe.port, "ca_file = \"ca\"").replace("localhost", "127.0.0.2")),
        ("another password", text(safe.port, "ca_file = \"ca\"").replace("\"secret\"", "\"wrong\"")),
        ("TLS from the first byte", text(safe.port, "ca_file = \"ca\"\ntls = \"implicit\"")),
    ] {
        let outcome = send(&channel(&text, &ours).unwrap(), &notice("x", "y"), Some(&anna())).await;
        table += &format!("{what}: {outcome}\n");
    }
    for text in [
        text(25, "tls = \"none\""),
        text(25, "").replace("password_file = \"secret\"", ""),
        text(25, "").replace("m@example.com", "nobody"),
        text(25, "ca_file = \"wrong\""),
    ] {
        let refused = channel(&text, &ours).err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(!refused.contains("hush"));
        table += &format!("{refused}\n");
    }
    assert_snapshot!(table, @r#"
    no TLS there: never: STARTTLS is not supported on this server
    another authority: again None: invalid peer certificate: UnknownIssuer
    the system's authorities: again None: invalid peer certificate: UnknownIssuer
    another name: again None: invalid peer certificate: certificate not valid for name "127.0.0.2"; certificate is only valid for DnsName("localhost") or IpAddress(127.0.0.1)
    another password: never: answered 535: 5.7.8 Authentication credentials invalid
    TLS from the first byte: again None: received corrupt message of type InvalidContentType
    meridian.toml: channels.it: a password does not travel without TLS: `tls` is "starttls" or "implicit"
    meridian.toml: channels.it: `username` and `password_file` go together
    `from` is no address: Invalid input
    ca_file has no certificate: PEM is expected (BEGIN CERTIFICATE)
    "#);
}

#[tokio::test]
async fn without_tls_mail_goes_to_this_machine_only_and_nowhere_inside_unless_allowed() {
    let mut sink = Sink::open("none").await;
    assert_eq!(
        send(&sink.channel("none", ""), &notice("x", "y"), Some(&anna())).await,
        "taken: answered 250 2.0.0 queued as 4711"
    );
    assert_eq!(sink.mail().await["tls"], false);
    let (now, id) = (at(), PersonId::new("anna"));
    let person = anna();
    let test = Letter::test("test-1", now, &id, Some(&person));
    assert!(said(sink.channel("none", "").send(&test, now).await).starts_with("taken"));
    let mail = sink.mail().await;
    let headers = mail["headers"].as_array().unwrap();
    assert!(headers.iter().all(|header| header[0] != "References"), "a test belongs to no thread: {mail:#}");
    let smtp = |host: &str, more: &str| {
        format!("kind = \"smtp\"\nhost = {host:?}\nport = {}\nfrom = \"m@example.com\"\n{more}", sink.port)
    };
    let mut table = String::new();
    for text in [smtp("192.0.2.1", "tls = \"none\""), smtp("8.8.8.8", "tls = \"none\"")] {
        table +=
            &format!("{}\n", send(&channel(&text, &[]).unwrap(), &notice("x", "y"), Some(&anna())).await);
    }
    for host in ["localhost", "127.0.0.1", "[::1]", "10.0.0.7", "169.254.169.254"] {
        let text = smtp(host, "tls = \"none\"");
        let settings = format!("[channels.it]\n{text}");
        let settings = meridian::settings::Settings::parse(
            &settings,
            std::path::Path::new("meridian.toml"),
            None,
            Default::default(),
        );
        let guarded =
            Channel::new(&settings.unwrap().channels["it"], std::time::Duration::from_secs(5)).unwrap();
        table += &format!("{host}: {}\n", send(&guarded, &notice("x", "y"), Some(&anna())).await);
    }
    assert_snapshot!(table, @r#"
    never: 192.0.2.1 is another machine: `tls` is "starttls" or "implicit"
    never: 8.8.8.8 is another machine: `tls` is "starttls" or "implicit"
    localhost: never: localhost: localhost has no public address; say `allow_private = true` if it is meant to be called
    127.0.0.1: never: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    [::1]: never: ::1 is not a public address; say `allow_private = true` if it is meant to be called
    10.0.0.7: never: 10.0.0.7 is not a public address; say `allow_private = true` if it is meant to be called
    169.254.169.254: never: 169.254.169.254 is not a public address; say `allow_private = true` if it is meant to be called
    "#);
}
