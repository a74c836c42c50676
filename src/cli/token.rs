use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::client::{Client, Remote, segment};
use super::facts::only_given;
use super::{Outcome, show};

/// Bearer tokens, with an administrator's token
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian token add anna --role responder --person anna
  meridian token add monitoring --role ingest
  meridian token list
  meridian token revoke monitoring")]
pub enum Token {
    /// Make one; its text is shown this once
    Add(Add),
    /// Names and roles
    #[command(after_help = "Example:\n  meridian token list")]
    List(Remote),
    /// It opens nothing any more
    Revoke(Revoke),
}

#[derive(Args)]
#[command(
    after_help = "Roles: admin everything; lead also leave and overrides; responder tickets and handoffs;
reader looks; ingest only opens tickets.

Example:
  meridian token add anna --role responder --person anna"
)]
pub struct Add {
    name: String,
    #[arg(long, value_enum)]
    role: RoleName,
    /// Whom it acts as; leads and responders need one
    #[arg(long)]
    person: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Admin,
    Lead,
    Responder,
    Reader,
    Ingest,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian token revoke monitoring")]
pub struct Revoke {
    name: String,
    #[command(flatten)]
    remote: Remote,
}

impl Token {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Token::Add(add) => add.run(),
            Token::List(remote) => list(remote),
            Token::Revoke(Revoke { name, remote }) => {
                let as_json = remote.json;
                remote.talk(async |client: Client| {
                    client.delete(&format!("v1/tokens/{}", segment(&name))).await?;
                    if as_json {
                        show::json(&json!({ "revoked": name }))
                    } else {
                        show::out(&format!("revoked: {name}\n"))
                    }
                })
            }
        }
    }
}

impl Add {
    fn run(self) -> anyhow::Result<Outcome> {
        let role = self.role.to_possible_value().map(|role| role.get_name().to_owned());
        let body = only_given([("name", Some(self.name)), ("role", role), ("person", self.person)]);
        let as_json = self.remote.json;
        self.remote.talk(async |client: Client| {
            let made = client.post("v1/tokens", &Value::Object(body)).await?;
            if as_json {
                return show::json(&made);
            }
            anstream::eprintln!("keep it: it is not shown again");
            show::out(&format!("{}\n", made["token"].as_str().unwrap_or_default()))
        })
    }
}

fn list(remote: Remote) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        let found = client.get("v1/tokens", &[]).await?;
        if as_json {
            return show::json(&found);
        }
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let mut table = show::table(&["name", "role", "person", "made"]);
        for token in found["tokens"].as_array().map_or(&[][..], Vec::as_slice) {
            table.add_row([
                word(&token["name"]),
                word(&token["role"]),
                word(&token["person"]),
                word(&token["created_at"]),
            ]);
        }
        show::out(&show::lines(&table))
    })
}
