//! The tables of vendors, as they are written in files.

use serde_json::json;

use super::Node;
use super::describe::waits;
use super::fields::tables;
use super::tables::{Listed, Name};
use crate::schedule::defaults;
use crate::schedule::place::At;
use crate::schedule::{Fraction, Language, ZoneName};

tables! {
    /// Whoever outside helps with tickets.
    VendorTable {
        /// As people call it; the id where absent.
        name: String,
        /// The channel of the daemon's settings by which it is asked.
        channel: String = must,
        /// Where mail reaches it, for channels that send some.
        email: At<String>,
        /// Where calls reach it, likewise.
        phone: At<String>,
        /// What it is written to in; the house language where absent.
        language: Language,
        /// IANA zone of the times it is told.
        timezone: At<ZoneName>,
        /// It may be told of tickets that are bound to this residency; of none that is bound where absent.
        residency: Name,
        /// When it gives support, which is what `reply_within` counts; all time where absent.
        business_hours: Name,
        /// How soon it answers each time: one duration for all priorities, or a table by priority. Where absent,
        /// nothing is agreed, and nobody is warned.
        reply_within: Node as waits,
        /// Fractions of it at which whoever holds the ticket is warned, ascending.
        warn_at: Listed<At<Fraction>> => json!(defaults::WARN_AT.map(Fraction::as_number)),
        /// What it knows us by, a customer's or a contract's number; every message has it.
        contract: String,
    }
}
