//! From when and until when a certificate holds, read from its DER (RFC 5280, 4.1).

use chrono::{DateTime, NaiveDateTime, Utc};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Validity {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `None` where this is no certificate.
pub fn validity(certificate: &[u8]) -> Option<Validity> {
    let certificate = Element::first(certificate)?.0.content_of(SEQUENCE)?;
    let mut rest = Element::first(certificate)?.0.content_of(SEQUENCE)?;
    // The version may be left out; then come serial number, algorithm and issuer.
    let (first, after) = Element::first(rest)?;
    if first.tag == VERSION {
        rest = after;
    }
    for _ in 0..3 {
        rest = Element::first(rest)?.1;
    }
    let times = Element::first(rest)?.0.content_of(SEQUENCE)?;
    let (from, rest) = Element::first(times)?;
    let (until, _) = Element::first(rest)?;
    Some(Validity { from: from.instant()?, until: until.instant()? })
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

    fn content_of(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
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
