use clap::{Args, ValueEnum};
use serde_json::Value;

use super::client::{Client, Remote};
use super::{Outcome, show};
use crate::api::Instant;

/// Who has read tickets that are bound to a residency, and who had customers exported or forgotten
///
/// Newest first. A row is on disk before anything is shown; with the token of an administrator.
#[derive(Args)]
#[command(
    name = "audit",
    after_help = "Examples:
  meridian audit --ticket 17
  meridian audit --person anna --from 2026-11-01T00:00:00Z
  meridian audit --what forget --json"
)]
pub struct Audit {
    #[arg(long, value_enum)]
    what: Option<What>,
    /// Only rows that name this ticket
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    ticket: Option<i64>,
    /// Only what this person has done, or an administrator as them
    #[arg(long)]
    person: Option<String>,
    /// Only what was done with the token of this name
    #[arg(long)]
    token: Option<String>,
    /// From then on: RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    from: Option<Instant>,
    /// Before then, likewise
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    until: Option<Instant>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// Where the page before ended
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Tickets were shown, or counted for a report
    Read,
    /// A customer was to be forgotten, is, or is not any more
    Forget,
    /// What is kept of a customer was given out
    Export,
}

impl Audit {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let as_json = self.remote.json;
        let what = self.what.and_then(|what| Some(what.to_possible_value()?.get_name().to_owned()));
        let at = |at: Option<Instant>| at.map(|at| at.0.to_rfc3339());
        let query = [
            ("what", what),
            ("ticket", self.ticket.map(|ticket| ticket.to_string())),
            ("person", self.person),
            ("token", self.token),
            ("from", at(self.from)),
            ("until", at(self.until)),
            ("limit", Some(self.limit.to_string())),
            ("cursor", self.cursor),
        ];
        self.remote.talk(async |client: Client| {
            let found = client.get("v1/audit", &query).await?;
            if as_json {
                return show::json(&found);
            }
            let mut table = show::table(&["at", "what", "person", "token", "by", "tickets", "customer"]);
            for row in found["audit"].as_array().map_or(&[][..], Vec::as_slice) {
                let [at, what, person, token, route, customer] =
                    ["at", "what", "person", "token", "route", "customer"].map(|key| word(&row[key]));
                table.add_row([at, what, person, token, route, tickets(row), customer]);
            }
            show::out(&show::lines(&table))?;
            if let Some(next) = found["next"].as_str() {
                anstream::eprintln!("there are more: --cursor {next}");
            }
            Ok(Outcome::Yes)
        })
    }
}

/// The first few, and how many more.
fn tickets(row: &Value) -> String {
    const SHOWN: usize = 8;
    let named = row["tickets"].as_array().map_or(&[][..], Vec::as_slice);
    let more = named.len().saturating_sub(SHOWN) as u64 + row["more"].as_u64().unwrap_or(0);
    let mut said: Vec<String> = named.iter().take(SHOWN).map(ToString::to_string).collect();
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    said.join(" ")
}

fn word(value: &Value) -> String {
    show::plain(value.as_str().unwrap_or("-"))
}
