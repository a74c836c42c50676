use std::path::PathBuf;

use anyhow::{anyhow, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::client::{Client, Remote, segment};
use super::facts::only_given;
use super::{Outcome, show};
use crate::api::{NewToken, check_token_name};
use crate::clock::Clock;
use crate::daemon::database_url;
use crate::settings::{Over, Secret, Settings};
use crate::store::{Role, Store, TokenRow};

/// Bearer tokens, with an administrator's token
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian token add anna --role responder --person anna
  meridian token add monitoring --role ingest
  meridian token list
  meridian token revoke monitoring
  meridian token add rescue --role admin --offline --config /etc/meridian/meridian.toml")]
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

Where no administrator's token is at hand, --offline writes a new one into the database itself, whether
the daemon runs or not. It takes whoever may write the database: the daemon's user, or root.

Examples:
  meridian token add anna --role responder --person anna
  meridian token add rescue --role admin --offline --config /etc/meridian/meridian.toml"
)]
pub struct Add {
    name: String,
    #[arg(long, value_enum)]
    role: RoleName,
    /// Whom it acts as; leads and responders need one
    #[arg(long)]
    person: Option<String>,
    /// Without the daemon: an administrator's, into the database that the settings name
    #[arg(long, conflicts_with = "person")]
    offline: bool,
    /// Settings, which name the database [default: meridian.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "MERIDIAN_CONFIG")]
    config: Option<PathBuf>,
    /// State folder [default: as in the settings]
    #[arg(long, value_name = "DIR", env = "MERIDIAN_STATE")]
    state: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE` [default: as in the settings]
    #[arg(long, value_name = "URL", env = "MERIDIAN_DATABASE", hide_env_values = true)]
    database: Option<String>,
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
        if self.offline {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            return runtime.block_on(self.offline());
        }
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

impl Add {
    /// Nobody is asked who we are: whoever can write the database could do anything.
    async fn offline(self) -> anyhow::Result<Outcome> {
        let admin = matches!(self.role, RoleName::Admin);
        ensure!(
            admin,
            "--offline makes an administrator's token, and that one makes the others: say --role admin"
        );
        check_token_name(&self.name).map_err(|error| anyhow!("{error}"))?;
        let over = Over { state: self.state, database: self.database.map(Secret::new), ..Over::default() };
        let url = database_url(&Settings::read(self.config.as_deref(), over)?);
        // It has to be there, and its tables are left as they are.
        Store::open_beside(url.reveal()).await?.close().await;
        let store = Store::open(url.reveal()).await?;
        let made = NewToken::make()?;
        let (name, at) = (self.name, Clock::machine().now());
        let row = TokenRow { name, hash: made.hash, role: Role::Admin, person: None, at };
        let added = store.add_token(&row).await;
        store.close().await;
        ensure!(added?, "there is a token called {:?} already: take another name", row.name);
        if self.remote.json {
            return show::json(&json!({ "name": row.name, "role": row.role, "token": made.text.reveal() }));
        }
        anstream::eprintln!("keep it: it is not shown again");
        show::out(&format!("{}\n", made.text.reveal()))
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
