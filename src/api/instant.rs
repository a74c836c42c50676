//! Instants as people write them.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

/// RFC 3339 with an offset; for requests and for the command line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant(pub DateTime<Utc>);

impl FromStr for Instant {
    type Err = String;

    fn from_str(text: &str) -> Result<Instant, String> {
        // In a query, a `+` that was not escaped arrives as a space.
        let mended = match text.split_once('T') {
            Some((date, time)) => format!("{date}T{}", time.replacen(' ', "+", 1)),
            None => text.to_owned(),
        };
        match DateTime::parse_from_rfc3339(&mended) {
            Ok(at) => Ok(Instant(at.to_utc())),
            Err(_) => Err(format!(
                "{text:?} is not an instant with its offset, like 2026-03-29T00:30:00Z or 2026-03-29T02:30:00+02:00"
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Instant, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
