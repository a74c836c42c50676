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
/// customer is open, nothing is done; with --when-closed what is done goes now, and what is open a minute after it is closed.
/// Tickets that are opened later are not meant, unless it is asked for again.
///
/// Broken off, it goes on by itself, and when it is asked for again. What still waits is listed with --list, and called off
/// with --call-off: what was erased stays erased. What it does not reach, it says. With the token of an administrator that is
/// bound to nobody.
#[derive(Args)]
#[command(
    name = "forget",
    after_help = "Examples:
  meridian forget acme --dry-run
  meridian forget acme
  meridian forget \"Erika Mustermann\" --yes --when-closed
  meridian forget --list
  meridian forget acme --call-off"
)]
pub struct Forget {
    /// The id in the rotation files, or the name that tickets give
    #[arg(required_unless_present = "list")]
    customer: Option<String>,
    /// Only say what there is
    #[arg(long, conflicts_with_all = ["yes", "when_closed"])]
    dry_run: bool,
    /// Do not ask for the name once more
    #[arg(long)]
    yes: bool,
    /// What is open goes when it is closed
    #[arg(long)]
    when_closed: bool,
    /// Who is being forgotten, since when, and which open tickets that waits for
    #[arg(long, conflicts_with_all = ["customer", "dry_run", "yes", "when_closed"])]
    list: bool,
    /// Erase nothing more of a customer for whom it still waits
    #[arg(long, conflicts_with_all = ["list", "dry_run", "yes", "when_closed"])]
    call_off: bool,
    #[command(flatten)]
    remote: Remote,
}

impl Forget {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Forget { customer, dry_run, yes, when_closed, call_off, remote, .. } = self;
        let Some(customer) = customer else { return list(remote) };
        if call_off {
            return called_off(remote, &customer);
        }
        if !dry_run && !yes && !confirmed(&customer)? {
            anstream::eprintln!("that is another name: nothing was done");
            return Ok(Outcome::No);
        }
        let as_json = remote.json;
        remote.talk(async |client: Client| {
            let mut body = json!({
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
                body["go_on"] = json!(true);
            }
        })
    }
}

fn list(remote: Remote) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        let answer = client.get("v1/forget", &[]).await?;
        if as_json {
            return show::json(&answer);
        }
        let mut table = show::table(&["customer", "asked", "open", "tickets"]);
        let waiting = answer["forgetting"].as_array().map_or(&[][..], Vec::as_slice);
        for one in waiting {
            let open = one["open"].as_array().map_or(0, Vec::len).to_string();
            table.add_row([word(one, "customer"), word(one, "asked_at"), open, open_tickets(one)]);
        }
        match waiting.is_empty() {
            true => show::out("nobody waits to be forgotten\n"),
            false => show::out(&show::lines(&table)),
        }
    })
}

fn called_off(remote: Remote, customer: &str) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        let answer = client.post("v1/forget/call-off", &json!({"customer": customer})).await?;
        if as_json {
            return show::json(&answer);
        }
        let left = match open_tickets(&answer) {
            open if open.is_empty() => String::new(),
            open => format!("; these were waited for, and stay as they are: {open}"),
        };
        let (customer, asked) = (word(&answer, "customer"), word(&answer, "asked_at"));
        show::out(&format!(
            "{customer} is not forgotten any further, as was asked on {asked}; what was erased stays erased{left}\n"
        ))
    })
}

fn word(value: &Value, name: &str) -> String {
    show::plain(value[name].as_str().unwrap_or("-"))
}

fn open_tickets(answer: &Value) -> String {
    let open = answer["open"].as_array().map_or(&[][..], Vec::as_slice);
    let mut told: Vec<String> = open.iter().take(TOLD).map(ToString::to_string).collect();
    if open.len() > TOLD {
        told.push(format!("{} more", open.len() - TOLD));
    }
    told.join(", ")
}

/// Of many open tickets the first; --json has them all.
const TOLD: usize = 20;
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
    let open = open_tickets(answer);
    let mut text = match answer["state"].as_str() {
        Some("dry_run") => {
            let mut text = format!(
                "{customer}: {tickets} done, with words in {events} and {notices}, would be erased now; nothing was changed\n"
            );
            if !open.is_empty() {
                text += &format!("open, and to be closed first: {open}\n");
            }
            text
        }
        Some("waits") => format!(
            "{customer}: {tickets} with words in {events} and {notices} erased; these are open, and go when they are closed: \
             {open}\n(`meridian forget --list` tells who waits, --call-off calls it off)\n"
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
