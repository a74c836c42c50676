//! What is said of a ticket afterwards: by whoever received it, and as a report.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::client::{Client, Remote};
use super::facts::only_given;
use super::ticket::act;
use super::{Outcome, show};

#[derive(Args)]
#[command(after_help = "Examples:
  meridian ticket judge 17 --good --as carl
  meridian ticket judge 17 --missing summary,next_action --note \"whom to call?\" --as carl")]
pub struct Judge {
    id: u64,
    /// I could go on with it
    #[arg(long, conflicts_with = "missing", required_unless_present_any = ["missing", "note"])]
    good: bool,
    /// Parts of the briefing, or of what was said with the escalation: summary, done_so_far, next_action, waiting_on,
    /// customer_mood; summary, steps_taken, impact, help_wanted, time_limit, customer
    #[arg(long, value_name = "PARTS", value_delimiter = ',')]
    missing: Vec<String>,
    /// What else is to be said of it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Examples:
  meridian ticket report 17 > 17.md
  meridian ticket report 17 --html 17.html")]
pub struct Report {
    id: u64,
    /// Write it as a page that stands alone
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

impl Judge {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let mut body = only_given([("note", self.note)]);
        body.insert("good".to_owned(), json!(self.good));
        body.insert("missing".to_owned(), json!(self.missing));
        act(self.id, "verdict", body, self.remote)
    }
}

impl Report {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let (address, html) = (format!("v1/tickets/{}/report", self.id), self.html);
        if self.remote.json {
            bail!(
                "a report is for people; `meridian ticket show {} --json` has all that it is made of",
                self.id
            );
        }
        self.remote.talk(async |client: Client| {
            let Some(file) = html else {
                let text = client.get_text(&address, &[("format", Some("markdown".to_owned()))]).await?;
                return show::out(&text);
            };
            let page = client.get_text(&address, &[("format", Some("html".to_owned()))]).await?;
            std::fs::write(&file, page).with_context(|| format!("could not write {}", file.display()))?;
            show::out(&format!("{}\n", file.display()))
        })
    }
}
