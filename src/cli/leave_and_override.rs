use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::{Client, Remote};
use super::facts::only_given;
use super::{Outcome, show};

/// Leave of the day: somebody is away, said in the database instead of a file
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian leave add anna --from 2026-12-24 --to 2027-01-02
  meridian leave add anna --from 2026-03-30T12:00:00+02:00 --to 2026-03-30T17:00:00+02:00
  meridian leave list
  meridian leave remove 3")]
pub enum Leave {
    /// Somebody is away
    Add(AddLeave),
    /// What there is
    #[command(after_help = "Example:\n  meridian leave list")]
    List(Remote),
    /// They are not away after all
    #[command(after_help = "Example, with the number that `list` shows:\n  meridian leave remove 3")]
    Remove(Remove),
}

/// Overrides of the day: others serve than the plan says
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian override add emea-frontline --from 2026-12-24 --to 2026-12-24 --cover anna=bjorn
  meridian override add emea-frontline --line primary --from 2026-03-30T12:00:00Z --to 2026-03-30T18:00:00Z --only mei
  meridian override list
  meridian override remove 3")]
pub enum Override {
    /// Others serve
    Add(AddOverride),
    /// What there is
    #[command(after_help = "Example:\n  meridian override list --json")]
    List(Remote),
    /// The plan holds after all
    #[command(after_help = "Example, with the number that `list` shows:\n  meridian override remove 3")]
    Remove(Remove),
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian leave add anna --from 2026-12-24 --to 2027-01-02")]
pub struct AddLeave {
    person: String,
    /// A date, a local date-time, or an instant with its offset
    #[arg(long)]
    from: String,
    /// A date is included, a time is not
    #[arg(long)]
    to: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian override add emea-frontline --from 2026-12-24 --to 2026-12-24 --cover anna=bjorn")]
pub struct AddOverride {
    team: String,
    /// A date, a date-time in the team's zone, or an instant with its offset
    #[arg(long)]
    from: String,
    /// A date is included, a time is not
    #[arg(long)]
    to: String,
    /// An on-call line, or `hours` [default: the hours and every line]
    #[arg(long)]
    line: Option<String>,
    /// WHO=BY-WHOM; may be repeated
    #[arg(long, value_name = "WHO=BY", value_parser = cover)]
    cover: Vec<(String, String)>,
    /// Serves as well; may be repeated
    #[arg(long, value_name = "PERSON")]
    add: Vec<String>,
    /// Does not serve; may be repeated
    #[arg(long, value_name = "PERSON")]
    remove: Vec<String>,
    /// These and nobody else; may be repeated
    #[arg(long, value_name = "PERSON", conflicts_with_all = ["cover", "add", "remove", "nobody"])]
    only: Vec<String>,
    /// A declared gap
    #[arg(long, conflicts_with_all = ["cover", "add", "remove"])]
    nobody: bool,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
pub struct Remove {
    id: u64,
    #[command(flatten)]
    remote: Remote,
}

fn cover(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((who, by)) if !who.is_empty() && !by.is_empty() => Ok((who.to_owned(), by.to_owned())),
        _ => Err("say WHO=BY-WHOM, like anna=bjorn".to_owned()),
    }
}

const LEAVE: &str = "leave";
const OVERRIDES: &str = "overrides";

impl Leave {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Leave::Add(AddLeave { person, from, to, remote }) => {
                let table = only_given([("person", Some(person)), ("from", Some(from)), ("to", Some(to))]);
                add(LEAVE, table, remote)
            }
            Leave::List(remote) => list(LEAVE, remote),
            Leave::Remove(Remove { id, remote }) => remove(LEAVE, id, remote),
        }
    }
}

impl Override {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Override::Add(asked) => asked.run(),
            Override::List(remote) => list(OVERRIDES, remote),
            Override::Remove(Remove { id, remote }) => remove(OVERRIDES, id, remote),
        }
    }
}

impl AddOverride {
    fn run(self) -> anyhow::Result<Outcome> {
        let mut table = only_given([
            ("team", Some(self.team)),
            ("line", self.line),
            ("from", Some(self.from)),
            ("to", Some(self.to)),
        ]);
        if !self.cover.is_empty() {
            table.insert("cover".to_owned(), self.cover.into_iter().collect());
        }
        for (name, people) in [("add", self.add), ("remove", self.remove)] {
            if !people.is_empty() {
                table.insert(name.to_owned(), json!(people));
            }
        }
        if self.nobody || !self.only.is_empty() {
            table.insert("only".to_owned(), json!(self.only));
        }
        add(OVERRIDES, table, self.remote)
    }
}

fn add(kind: &str, table: Map<String, Value>, remote: Remote) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        let row = client.post(&format!("v1/{kind}"), &Value::Object(table)).await?;
        if as_json { show::json(&row) } else { show::out(&format!("added: number {}\n", row["id"])) }
    })
}

fn list(kind: &str, remote: Remote) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        let found = client.get(&format!("v1/{kind}"), &[]).await?;
        if as_json { show::json(&found) } else { show::out(&text(&found[kind])) }
    })
}

fn remove(kind: &str, id: u64, remote: Remote) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        client.delete(&format!("v1/{kind}/{id}")).await?;
        if as_json {
            show::json(&json!({ "removed": id }))
        } else {
            show::out(&format!("removed: number {id}\n"))
        }
    })
}

fn text(rows: &Value) -> String {
    let rows = rows.as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return "none\n".to_owned();
    }
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut table = show::table(&["number", "from", "to", "who", "what", "by"]);
    for row in rows {
        let who = if row["team"].is_null() { word(&row["person"]) } else { word(&row["team"]) };
        table.add_row([
            row["id"].to_string(),
            word(&row["from"]),
            word(&row["to"]),
            who,
            what(row),
            word(&row["created_by"]),
        ]);
    }
    show::lines(&table)
}

fn what(row: &Value) -> String {
    if row["team"].is_null() {
        return "away".to_owned();
    }
    let line = row["line"].as_str().map(|line| format!("{line}: ")).unwrap_or_default();
    let parts = ["cover", "add", "remove", "only"].into_iter().filter(|part| !row[*part].is_null());
    let parts: Vec<String> = parts.map(|part| format!("{part} {}", row[part])).collect();
    format!("{line}{}", parts.join(", "))
}
