use std::io::{IsTerminal, Write};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Map, Value, json};

use super::client::{Client, Remote};
use super::{Outcome, show};

/// Forget a customer: erase what is personal, and leave nothing that leads back to them
///
/// In all tickets that are done, what was written is erased, in histories, messages and briefings, too, and a pseudonym takes
/// the customer's place; figures stay, so that reports count as before. It does not come back. As long as a ticket of the
/// customer is open, nothing is done; with --when-closed what is done goes now, and what is open when it is closed.
///
/// Broken off, it goes on by itself, and when it is asked for again. What it does not reach, it says. With the token of an
/// administrator that is bound to nobody.
#[derive(Args)]
#[command(
    name = "forget",
    after_help = "Examples:
  meridian forget acme --dry-run
  meridian forget acme
  meridian forget \"Erika Mustermann\" --yes --when-closed"
)]
pub struct Forget {
    /// The id in the rotation files, or the name that tickets give
    customer: String,
    /// Only say what there is
    #[arg(long, conflicts_with_all = ["yes", "when_closed"])]
    dry_run: bool,
    /// Do not ask for the name once more
    #[arg(long)]
    yes: bool,
    /// What is open goes when it is closed
    #[arg(long)]
    when_closed: bool,
    #[command(flatten)]
    remote: Remote,
}

impl Forget {
    pub fn run(self) -> anyhow::Result<Outcome> {
        if !self.dry_run && !self.yes && !confirmed(&self.customer)? {
            anstream::eprintln!("that is another name: nothing was done");
            return Ok(Outcome::No);
        }
        let Forget { customer, dry_run, when_closed, remote, .. } = self;
        let as_json = remote.json;
        remote.talk(async |client: Client| {
            let body = json!({
                "customer": customer,
                "confirm": if dry_run { Value::Null } else { json!(customer) },
                "when_closed": when_closed,
                "dry_run": dry_run,
            });
            let mut sums = Map::new();
            loop {
                let mut answer = client.post_patiently("v1/forget", &body).await?;
                for name in COUNTED {
                    let sum = number(&answer[name]) + sums.get(name).map_or(0, number);
                    sums.insert(name.to_owned(), json!(sum));
                    answer[name] = json!(sum);
                }
                if answer["state"] != "more" {
                    return if as_json { show::json(&answer) } else { show::out(&told(&answer)) };
                }
                anstream::eprintln!("{} tickets so far", sums["tickets"]);
            }
        })
    }
}

const COUNTED: [&str; 6] = ["tickets", "events", "notices", "handoffs", "answers", "revisions"];

fn confirmed(customer: &str) -> anyhow::Result<bool> {
    ensure!(
        std::io::stdin().is_terminal(),
        "what is forgotten does not come back: say --yes where nobody can be asked, and --dry-run to see what there is"
    );
    anstream::eprint!("What is forgotten does not come back. The customer's name once more: ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("the name cannot be read")?;
    Ok(line.trim_end_matches(['\r', '\n']) == customer)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn told(answer: &Value) -> String {
    let customer = show::plain(answer["customer"].as_str().unwrap_or("-"));
    let counted = |name: &str, word: &str| show::counted(number(&answer[name]), word);
    let (tickets, events, notices) =
        (counted("tickets", "ticket"), counted("events", "event"), counted("notices", "notice"));
    let open: Vec<String> =
        answer["open"].as_array().map_or(&[][..], Vec::as_slice).iter().map(ToString::to_string).collect();
    let open = open.join(", ");
    let mut text = match answer["state"].as_str() {
        Some("dry_run") => {
            let mut text =
                format!("{customer}: {tickets} done, with {events} and {notices}; nothing was changed\n");
            if !open.is_empty() {
                text += &format!("open, and to be closed first: {open}\n");
            }
            text
        }
        Some("waits") => format!(
            "{customer}: {tickets} with words in {events} and {notices} erased; these are open, and go when they are closed: \
             {open}\n"
        ),
        _ => format!(
            "{customer} is forgotten: {tickets}, words in {events}, {notices}, {} and {} erased\n",
            counted("handoffs", "handoff"),
            counted("answers", "remembered answer"),
        ),
    };
    text += "not reached:\n";
    for said in answer["not_reached"].as_array().map_or(&[][..], Vec::as_slice) {
        text += &format!("  - {}\n", show::plain(said.as_str().unwrap_or("-")));
    }
    text
}
