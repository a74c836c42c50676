use chrono::TimeDelta;
use clap::Args;

use super::facts::FactsArgs;
use super::files::FilesArgs;
use super::{Outcome, show, ticket_text};
use crate::api::{Instant, facts_of_question};
use crate::desk::{Desk, Rules};

/// Where a ticket would go, and why; creates nothing
///
/// Asks the files alone: an empty desk, nobody busy. `meridian ticket open` says where a real one went.
#[derive(Args)]
#[command(after_help = "Examples:
  meridian explain --priority P1
  meridian explain --priority P3 --language fr --skill billing --at 2026-03-29T02:30:00+02:00
  meridian explain --impact high --urgency low --customer acme --json")]
pub struct Explain {
    #[command(flatten)]
    facts: FactsArgs,
    /// When: RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", default_value = "now", value_parser = show::instant)]
    at: Instant,
    #[command(flatten)]
    files: FilesArgs,
    #[arg(long)]
    json: bool,
}

/// How far ahead an opening is looked for.
const AHEAD: TimeDelta = TimeDelta::days(400);

impl Explain {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let facts = facts_of_question(&self.facts.body(None))?;
        let Some(sound) = self.files.read()? else { return Ok(Outcome::No) };
        let coverage = sound.around(self.at.0, AHEAD);
        let rules = Rules { revision: 0, coverage: &coverage };
        let explanation = Desk::default().explain(rules, &facts, self.at.0)?;
        if self.json {
            return show::json(&explanation);
        }
        show::out(&ticket_text::decision(&serde_json::to_value(&explanation)?))
    }
}
