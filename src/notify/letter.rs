//! What a channel is given to send: a notice in words, whom it goes to, and what they can follow.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::desk::{Notice, NoticeKind, TicketId};
use crate::message::Words;
use crate::schedule::{Organisation, Person, PersonId, Priority, Vendor};

/// One message to one person, the same at every attempt.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// The notice's: receivers recognise a second copy by it.
    pub id: &'a str,
    pub at: DateTime<Utc>,
    /// `None`: a test.
    pub kind: Option<NoticeKind>,
    /// `None`: no ticket.
    pub about: Option<About>,
    pub to: Recipient<'a>,
    /// Of what stands in it, as a tag.
    pub language: &'a str,
    /// One line.
    pub subject: Cow<'a, str>,
    pub text: Cow<'a, str>,
    /// What its link does, in a word or two.
    pub tap: &'a str,
    /// One line of at most [`SHORT_MAX`] characters, with the link to acknowledge where it fits: for SMS and push.
    pub short: String,
    pub links: Links,
    /// Of a message that several notices share: all of them, this one first.
    pub together: Vec<(&'a str, TicketId)>,
}

/// What a message speaks of.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub ticket: TicketId,
    pub priority: Option<Priority>,
    /// Until when an answer counts.
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    pub id: &'a PersonId,
    pub name: Option<&'a str>,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
}

/// Addresses a message leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Links {
    /// One tap takes the ticket, or approves its escalation: for what asks somebody, where the settings say how we are reached.
    pub acknowledge: Option<String>,
    /// Where a vendor answers; it stands in the text.
    pub reply: Option<String>,
}

pub const SHORT_MAX: usize = 160;
/// A short message that says less than this beside its link says too little.
const SHORT_WORDS_MIN: usize = 40;

const TEST_SUBJECT: &str = "Test message from Meridian";
const TEST_TEXT: &str = "This is a test of a channel, asked for with `meridian channel test`. No ticket is behind \
                         it, and there is nothing to do.";

impl<'a> Letter<'a> {
    /// The notice in words for whoever it goes to.
    pub fn of(notice: &'a Notice, words: &'a Words, to: Recipient<'a>, links: Links) -> Letter<'a> {
        let (priority, expires_at) = (notice.priority, notice.expires_at);
        let about = notice.ticket.map(|ticket| About { ticket, priority, expires_at });
        Letter {
            id: &notice.id,
            at: notice.at,
            kind: Some(notice.kind),
            about,
            to,
            language: &words.language,
            short: short(&words.subject, links.acknowledge.as_deref().or(links.reply.as_deref())),
            subject: words.subject.as_str().into(),
            text: words.text.as_str().into(),
            tap: &words.tap,
            links,
            together: Vec::new(),
        }
    }

    /// The same message for all of these.
    pub fn shared_by(self, notices: &[&'a Notice]) -> Letter<'a> {
        let together =
            notices.iter().filter_map(|notice| Some((notice.id.as_str(), notice.ticket?))).collect();
        Letter { together, ..self }
    }

    /// A message that says that it is none.
    pub fn test(id: &'a str, at: DateTime<Utc>, to: &'a PersonId, person: Option<&'a Person>) -> Letter<'a> {
        Letter {
            id,
            at,
            kind: None,
            about: None,
            to: Recipient::of(to, person),
            language: "en",
            subject: TEST_SUBJECT.into(),
            text: TEST_TEXT.into(),
            tap: "",
            short: short(TEST_SUBJECT, None),
            links: Links::default(),
            together: Vec::new(),
        }
    }

    /// `page`, `offer` ... or `test`.
    pub fn kind(&self) -> &'static str {
        self.kind.map_or("test", NoticeKind::as_str)
    }

    /// It is to wake somebody up.
    pub fn is_page(&self) -> bool {
        self.kind == Some(NoticeKind::Page)
    }
}

impl<'a> Recipient<'a> {
    /// A person of the organisation, or a vendor.
    pub fn in_files(organisation: &'a Organisation, id: &'a PersonId) -> Recipient<'a> {
        match organisation.vendor(id) {
            Some(Vendor { name, email, phone, .. }) => {
                Recipient { id, name: Some(name), email: email.as_deref(), phone: phone.as_deref() }
            }
            None => Recipient::of(id, organisation.people.get(id)),
        }
    }

    pub fn of(id: &'a PersonId, person: Option<&'a Person>) -> Recipient<'a> {
        Recipient {
            id,
            name: person.map(|person| person.name.as_str()),
            email: person.and_then(|person| person.email.as_deref()),
            phone: person.and_then(|person| person.phone.as_deref()),
        }
    }
}

/// Without anything that would begin another line, or say something to a machine.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    match text.contains(breaks) {
        true => text.replace(breaks, " ").into(),
        false => text.into(),
    }
}

fn short(subject: &str, link: Option<&str>) -> String {
    let link = link.filter(|link| link.chars().count() + 1 + SHORT_WORDS_MIN <= SHORT_MAX);
    match link {
        Some(link) => format!("{} {link}", cut(subject, SHORT_MAX - 1 - link.chars().count())),
        None => cut(subject, SHORT_MAX).into_owned(),
    }
}

/// At most so many characters, the last of them `…` where something is missing.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect::<String>().into(),
    }
}
