//! What a certificate says of itself, read from its DER (RFC 5280, 4.1).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    pub validity: Validity,
    /// Hosts and addresses that it is for. Clients go by these, and not by what the subject says.
    pub names: Vec<String>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Validity {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// What renews certificates by itself has done so long before.
const SOON: TimeDelta = TimeDelta::days(14);

/// How things stand with a certificate at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    NotYet,
    Yes,
    /// For less than two weeks.
    NotForLong,
    NoMore,
}

impl Validity {
    pub fn at(&self, now: DateTime<Utc>) -> Holds {
        match () {
            () if self.until <= now => Holds::NoMore,
            () if self.from > now => Holds::NotYet,
            () if self.until - now < SOON => Holds::NotForLong,
            () => Holds::Yes,
        }
    }
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;
/// 2.5.29.17
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

impl Certificate {
    /// `None` where this is no certificate.
    pub fn read(der: &[u8]) -> Option<Certificate> {
        let certificate = Element::first(der)?.0.content_of(SEQUENCE)?;
        let mut fields = Element::all(Element::first(certificate)?.0.content_of(SEQUENCE)?).peekable();
        // The version may be left out; then come serial number and algorithm.
        fields.next_if(|field| field.tag == VERSION);
        let issuer = fields.nth(2)?.content;
        let mut times = Element::all(fields.next()?.content_of(SEQUENCE)?);
        let validity = Validity { from: times.next()?.instant()?, until: times.next()?.instant()? };
        let subject = fields.next()?.content;
        let extensions = fields.find(|field| field.tag == EXTENSIONS);
        let names = extensions.and_then(|extensions| names(extensions.content)).unwrap_or_default();
        Some(Certificate { validity, names, issuer: issuer.to_owned(), subject: subject.to_owned() })
    }

    /// Going by the names in both.
    pub fn is_issued_by(&self, other: &Certificate) -> bool {
        self.issuer == other.subject
    }
}

/// `None`: it has none. Of the kinds of names, those that clients of HTTPS compare.
fn names(extensions: &[u8]) -> Option<Vec<String>> {
    let mut extensions = Element::all(Element::first(extensions)?.0.content_of(SEQUENCE)?);
    let value = extensions.find_map(|extension| {
        let mut parts = Element::all(extension.content_of(SEQUENCE)?);
        let id = parts.next()?.content_of(OBJECT_IDENTIFIER)?;
        // Between both may stand whether it is critical.
        parts.find(|part| part.tag == OCTET_STRING).filter(|_| id == SUBJECT_ALT_NAME)
    })?;
    let names = Element::all(Element::first(value.content)?.0.content_of(SEQUENCE)?);
    Some(names.filter_map(|name| name.host()).collect())
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
}

impl<'a> Element<'a> {
    /// And what comes after it.
    fn first(bytes: &'a [u8]) -> Option<(Element<'a>, &'a [u8])> {
        let (&tag, rest) = bytes.split_first()?;
        let (&short, mut rest) = rest.split_first()?;
        let mut length = usize::from(short);
        if short & 0x80 != 0 {
            let (digits, after) = rest.split_at_checked(usize::from(short & 0x7f))?;
            if digits.len() > size_of::<u32>() {
                return None;
            }
            length = digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length)?;
        Some((Element { tag, content }, after))
    }

    /// One after another, up to what is none.
    fn all(mut bytes: &'a [u8]) -> impl Iterator<Item = Element<'a>> {
        std::iter::from_fn(move || {
            let (element, rest) = Element::first(bytes)?;
            bytes = rest;
            Some(element)
        })
    }

    fn content_of(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
    }

    fn host(&self) -> Option<String> {
        match self.tag {
            DNS_NAME => Some(String::from_utf8_lossy(self.content).into_owned()),
            IP_ADDRESS => {
                let four = || <[u8; 4]>::try_from(self.content).ok().map(|ip| Ipv4Addr::from(ip).into());
                let sixteen = || <[u8; 16]>::try_from(self.content).ok().map(|ip| Ipv6Addr::from(ip).into());
                four().or_else(sixteen).map(|ip: IpAddr| ip.to_string())
            }
            _ => None,
        }
    }

    fn instant(&self) -> Option<DateTime<Utc>> {
        let text = std::str::from_utf8(self.content).ok()?;
        let text = match self.tag {
            // Two digits of the year: those below 50 are of this century.
            UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
            UTC_TIME => format!("19{text}"),
            GENERALIZED_TIME => text.to_owned(),
            _ => return None,
        };
        Some(NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok()?.and_utc())
    }
}
