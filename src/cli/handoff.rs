use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, Remote};
use super::{Outcome, show, ticket_text};

/// Handoffs: tickets that change hands where a shift ends
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian handoff list --open
  meridian handoff show 4
  meridian handoff accept 4 --as mei
  meridian handoff accept 4 --ticket 17 --ticket 18")]
pub enum Handoff {
    /// List handoffs, newest first
    List(List),
    /// Show one with its tickets and briefings
    Show(Show),
    /// Take its tickets: all, or those named
    Accept(Accept),
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian handoff list --open")]
pub struct List {
    /// Only those with a ticket that is still offered
    #[arg(long)]
    open: bool,
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian handoff show 4")]
pub struct Show {
    id: u64,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian handoff accept 4 --ticket 17")]
pub struct Accept {
    id: u64,
    /// May be repeated
    #[arg(long = "ticket", value_name = "ID")]
    tickets: Vec<u64>,
    #[command(flatten)]
    remote: Remote,
}

impl Handoff {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Handoff::List(list) => list.run(),
            Handoff::Show(Show { id, remote }) => {
                let as_json = remote.json;
                remote.talk(async |client: Client| {
                    let handoff = client.get(&format!("v1/handoffs/{id}"), &[]).await?;
                    if as_json { show::json(&handoff) } else { show::out(&whole(&handoff)) }
                })
            }
            Handoff::Accept(accept) => accept.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Outcome> {
        let as_json = self.remote.json;
        let query = [("open", self.open.then(|| "true".to_owned())), ("cursor", self.cursor)];
        self.remote.talk(async |client: Client| {
            let page = client.get("v1/handoffs", &query).await?;
            if as_json { show::json(&page) } else { show::out(&list(&page)) }
        })
    }
}

impl Accept {
    fn run(self) -> anyhow::Result<Outcome> {
        let as_json = self.remote.json;
        let body = if self.tickets.is_empty() { json!({}) } else { json!({ "tickets": self.tickets }) };
        self.remote.talk(async |client: Client| {
            let answer = client.post(&format!("v1/handoffs/{}/accept", self.id), &body).await?;
            let refused = answer["refused"].as_object().cloned().unwrap_or_default();
            if as_json {
                show::json(&answer)?;
            } else {
                show::out(&accepted(&answer))?;
            }
            for (ticket, reason) in &refused {
                let reason = reason.as_str().unwrap_or_default();
                anstream::eprintln!("{}: ticket {ticket}: {reason}", show::red("refused"));
            }
            Ok(if refused.is_empty() { Outcome::Yes } else { Outcome::No })
        })
    }
}

fn items(handoff: &Value) -> &[Value] {
    handoff["tickets"].as_array().map_or(&[], Vec::as_slice)
}

fn list(page: &Value) -> String {
    let handoffs = page["handoffs"].as_array().map_or(&[][..], Vec::as_slice);
    if handoffs.is_empty() {
        return "no handoffs\n".to_owned();
    }
    let mut table = show::table(&["id", "shift ends", "from", "to", "tickets"]);
    for handoff in handoffs {
        let tickets: Vec<String> = items(handoff).iter().map(|item| item["ticket"].to_string()).collect();
        table.add_row([
            handoff["id"].to_string(),
            ticket_text::when(&handoff["boundary"]),
            handoff["from"].as_str().unwrap_or_default().to_owned(),
            handoff["to"].as_str().unwrap_or_default().to_owned(),
            tickets.join(", "),
        ]);
    }
    let mut text = show::lines(&table);
    if let Some(next) = page["next"].as_str() {
        text.push_str(&format!("\nmore: --cursor {next}\n"));
    }
    text
}

fn whole(handoff: &Value) -> String {
    let mut text = format!(
        "{}  {} to {} at {}\n",
        show::bold(&format!("handoff {}", handoff["id"])),
        handoff["from"].as_str().unwrap_or_default(),
        handoff["to"].as_str().unwrap_or_default(),
        ticket_text::when(&handoff["boundary"]),
    );
    for item in items(handoff) {
        let outcome = item["outcome"]["kind"].as_str().unwrap_or_default();
        let by = item["outcome"]["by"].as_str().map(|by| format!(" by {by}")).unwrap_or_default();
        text.push_str(&format!(
            "\n{}  {} {outcome}{by}  {}\n{}",
            show::bold(&format!("ticket {}", item["ticket"])),
            item["priority"].as_str().unwrap_or_default(),
            item["title"].as_str().unwrap_or_default(),
            ticket_text::briefing(&item["briefing"]),
        ));
    }
    text
}

fn accepted(answer: &Value) -> String {
    let tickets = answer["accepted"].as_array().map_or(&[][..], Vec::as_slice);
    if tickets.is_empty() {
        return "nothing was taken\n".to_owned();
    }
    let tickets: Vec<String> = tickets.iter().map(Value::to_string).collect();
    format!("taken: {}\n", tickets.join(", "))
}
