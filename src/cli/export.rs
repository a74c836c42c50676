use std::io::{Write, stdout};

use clap::Args;
use serde_json::{Value, json};

use super::Outcome;
use super::client::{Client, Remote};

/// Everything that is kept of a customer, as JSON
///
/// Tickets with their histories, messages and briefings, a page at a time, as one document; docs/export.md tells its shape. It
/// has names of your own people in it, and may have those of others: read it before you give it away. With the token of an
/// administrator that is bound to nobody; that it was made stands in the audit log.
#[derive(Args)]
#[command(
    name = "export",
    after_help = "Examples:
  (umask 077; meridian export acme > acme.json)
  meridian export \"Erika Mustermann\" | jq '.tickets[].title'"
)]
pub struct Export {
    /// The id in the rotation files, or the name that tickets give
    customer: String,
    #[command(flatten)]
    remote: Remote,
}

impl Export {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Export { customer, remote } = self;
        remote.talk(async |client: Client| {
            let (mut after, mut first, mut count) = (json!(0), true, 0);
            loop {
                let body = json!({ "customer": customer, "after": after });
                let page = client.post_patiently("v1/export", &body).await?;
                let mut out = stdout().lock();
                if first {
                    let [customer, at, known] =
                        ["customer", "exported_at", "known"].map(|key| page[key].to_string());
                    write!(
                        out,
                        "{{\"customer\":{customer},\"exported_at\":{at},\"known\":{known},\"tickets\":["
                    )?;
                    first = false;
                }
                for ticket in page["tickets"].as_array().map_or(&[][..], Vec::as_slice) {
                    write!(out, "{}\n{ticket}", if count > 0 { "," } else { "" })?;
                    count += 1;
                }
                after = page["next"].clone();
                if after == Value::Null {
                    writeln!(out, "\n]}}")?;
                    out.flush()?;
                    anstream::eprintln!("{count} tickets");
                    return Ok(Outcome::Yes);
                }
            }
        })
    }
}
