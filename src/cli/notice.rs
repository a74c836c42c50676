use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::client::{Client, Remote, segment};
use super::{Outcome, show};

/// Messages: what waits, what arrived, what reached nobody
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian notice list --state failed
  meridian notice list --ticket 17
  meridian notice resend 17-3-0")]
pub enum Notice {
    /// Newest first
    List(List),
    /// Send one again, under its id, by the person's channels from the first on; with the token of a lead
    Resend(Resend),
}

#[derive(Args)]
#[command(after_help = "Examples:
  meridian notice list --state failed
  meridian notice list --ticket 17 --json")]
pub struct List {
    #[arg(long, value_enum)]
    state: Option<State>,
    /// About this ticket
    #[arg(long, value_name = "NUMBER")]
    ticket: Option<i64>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// Neither sent nor given up
    Pending,
    /// Reached nobody
    Failed,
    /// Not sent, as nobody needs it any more
    Overtaken,
    /// A channel took it
    Sent,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian notice resend 17-3-0")]
pub struct Resend {
    /// As `notice list` shows it
    id: String,
    #[command(flatten)]
    remote: Remote,
}

impl Notice {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Notice::List(list) => list.run(),
            Notice::Resend(Resend { id, remote }) => {
                let as_json = remote.json;
                remote.talk(async |client: Client| {
                    let path = format!("v1/notices/{}/resend", segment(&id));
                    let notice = client.post(&path, &json!({})).await?;
                    if as_json {
                        return show::json(&notice);
                    }
                    show::out(&format!("{id} is sent to {} once more\n", word(&notice["to"])))
                })
            }
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Outcome> {
        let as_json = self.remote.json;
        let state = self.state.and_then(|state| Some(state.to_possible_value()?.get_name().to_owned()));
        self.remote.talk(async |client: Client| {
            let query = [
                ("state", state),
                ("ticket", self.ticket.map(|ticket| ticket.to_string())),
                ("limit", Some(self.limit.to_string())),
            ];
            let found = client.get("v1/notices", &query).await?;
            if as_json {
                return show::json(&found);
            }
            let mut table =
                show::table(&["notice", "ticket", "", "kind", "to", "state", "at", "channel", "why"]);
            for notice in found["notices"].as_array().map_or(&[][..], Vec::as_slice) {
                let at = ["sent_at", "failed_at", "due_at"].into_iter().map(|key| &notice[key]);
                let at = at.filter_map(Value::as_str).next().unwrap_or("-");
                table.add_row([
                    word(&notice["id"]),
                    notice["ticket"].as_i64().map_or_else(|| "-".to_owned(), |ticket| ticket.to_string()),
                    word(&notice["priority"]),
                    word(&notice["kind"]),
                    word(&notice["to"]),
                    word(&notice["state"]),
                    at.to_owned(),
                    word(&notice["channel"]),
                    word(&notice["last_error"]),
                ]);
            }
            show::out(&show::lines(&table))?;
            if found["next"].is_string() {
                anstream::eprintln!("there are more: --limit, --ticket and --state say which");
            }
            Ok(Outcome::Yes)
        })
    }
}

fn word(value: &Value) -> String {
    show::plain(value.as_str().unwrap_or("-"))
}
