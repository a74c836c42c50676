//! A letter to send, and channels of settings as a person writes them.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::{About, Notice, NoticeKind, Says, TicketId};
use meridian::message::{Words, on_one_line, on_several_lines};
use meridian::notify::{Channel, Failure, Letter, Links, Recipient, use_ring};
use meridian::schedule::{Person, PersonId, Priority, parse};
use meridian::settings::{Over, Settings};
use tempfile::TempDir;

/// As bad as a title gets: another header, a ping for everybody, a link, markup, and letters of three alphabets.
pub const HOSTILE: &str = "Köksön <!channel> & <https://evil.example|click>\r\nBcc: victim@example.com\n\
                           </Say><Dial>+1900</Dial> \"}],\"x\":[{\" **[здесь](https://evil.example)** 停電 🚨";

pub fn at() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

pub fn notice(subject: &str, text: &str) -> Notice {
    Notice {
        id: "17-3-0".to_owned(),
        at: at(),
        ticket: Some(TicketId(17)),
        priority: Some(Priority::P1),
        kind: NoticeKind::Page,
        to: PersonId::new("anna"),
        about: About::default(),
        says: Says::Words { subject: subject.to_owned(), text: text.to_owned() },
        expires_at: Some(at() + TimeDelta::minutes(5)),
        stage: None,
    }
}

/// Anna, whose name would like to be an address of its own.
pub fn anna() -> Person {
    let text = crate::api::office::ORG.replace(
        "name = \"Anna\"",
        "name = \"Anna \\\"A\\\" Lindqvist, <x@evil.example>\"\nemail = \"anna@example.com\"\nphone = \"+46700000001\"",
    );
    let files = [("org.toml".to_owned(), text)].into_iter().collect();
    let organisation = parse(&files).check(&|_| true).organisation.expect("it is sound");
    organisation.people[&PersonId::new("anna")].clone()
}

pub fn with_link() -> Links {
    Links { acknowledge: Some("https://meridian.example.com/a/17-3-0.69a5.abc-_".to_owned()), reply: None }
}

/// The channel called `it` of these settings; every file of secrets has the text `hush-hush` unless given.
pub fn channel(text: &str, files: &[(&str, &str)]) -> anyhow::Result<Channel> {
    use_ring();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("secret"), "hush-hush\n").unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let text = format!("[channels.it]\nallow_private = true\n{text}");
    let settings = Settings::parse(&text, Path::new("meridian.toml"), Some(folder.path()), Over::default())?;
    assert!(!format!("{settings:?}").contains("hush-hush"), "{settings:?}");
    Channel::new(&settings.channels["it"], Duration::from_secs(5))
}

/// Of a notice that has them already.
pub fn words(notice: &Notice) -> Words {
    let Says::Words { subject, text } = &notice.says else { panic!("{notice:?}") };
    let (subject, text) = (on_one_line(subject), on_several_lines(text));
    Words { language: "en".to_owned(), subject, text, tap: "Take it".to_owned(), flaw: None }
}

/// What came of it, in a line.
pub async fn send(channel: &Channel, notice: &Notice, person: Option<&Person>) -> String {
    said(
        channel
            .send(&Letter::of(notice, &words(notice), Recipient::of(&notice.to, person), with_link()), at())
            .await,
    )
}

pub fn said(outcome: Result<String, Failure>) -> String {
    let line = match outcome {
        Ok(said) => format!("taken: {said}"),
        Err(Failure::Passing { why, retry_after }) => format!("again {retry_after:?}: {why}"),
        Err(Failure::Throttled { why, retry_after }) => format!("less, again {retry_after:?}: {why}"),
        Err(Failure::Lasting { why }) => format!("never: {why}"),
    };
    assert!(!line.contains("hush"), "a secret is shown: {line}");
    line
}
