use clap::Args;

use super::{Outcome, show};
use crate::schedule;

/// JSON Schema of the rotation files, for editors
///
/// An editor that knows TOML (Even Better TOML, taplo) then completes keys, shows what they mean and marks what is
/// wrong as you type. `meridian check` still has the last word: it knows whether what a name refers to exists.
#[derive(Args)]
#[command(after_help = "Example:
  meridian schema > schedules/.schema.json

Then let each file begin with its place, as seen from that file:
  #:schema .schema.json")]
pub struct Schema {
    /// Accepted for scripts: it is always JSON
    #[arg(long)]
    json: bool,
}

impl Schema {
    pub fn run(self) -> anyhow::Result<Outcome> {
        show::json(&schedule::schema())
    }
}
