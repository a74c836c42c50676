//! How values stand in columns: instants as milliseconds, words as text, the rest as versioned JSON.

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserialize, DeserializeOwned, IntoDeserializer};

/// Of every body written by this release; a release that changes a body's shape raises it and reads the older ones.
pub(super) const BODY_VERSION: i64 = 1;

pub(super) fn instant(milliseconds: i64) -> anyhow::Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds)
        .with_context(|| format!("{milliseconds} ms is no instant we can count to"))
}

pub(super) fn instant_if(milliseconds: Option<i64>) -> anyhow::Result<Option<DateTime<Utc>>> {
    milliseconds.map(instant).transpose()
}

/// One word of a closed set, by the name its type has in JSON.
pub(super) fn word<'a, T: Deserialize<'a>>(text: &'a str) -> anyhow::Result<T> {
    let text: StrDeserializer<'a, Error> = text.into_deserializer();
    T::deserialize(text).context("a word in a column that this release does not know")
}

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<String> {
    serde_json::to_string(value).context("could not write a value as JSON")
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    serde_json::from_str(text).context("could not read a value's JSON")
}

/// Refuses what a newer release wrote instead of losing the half it does not know.
pub(super) fn read_body<T: DeserializeOwned>(version: i64, text: &str) -> anyhow::Result<T> {
    ensure!(
        version <= BODY_VERSION,
        "written by a newer release (body version {version}, this one reads up to {BODY_VERSION})"
    );
    from_json(text)
}

/// As text stands in a URL, slashes left as they are.
pub(super) fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
