//! What people do about vendors.

use clap::{Args, ValueEnum};

use super::Outcome;
use super::client::Remote;
use super::facts::only_given;
use super::ticket::{Said, act};

#[derive(Args)]
#[command(
    after_help = "Whoever holds the ticket goes on holding it, and chases the vendor. The message has a link by which the vendor answers.

Examples:
  meridian ticket vendor 17 --to acme-hw \"a disk of the storage has failed\"
  meridian ticket vendor 17 --to acme-hw \"needs a new disk\" --steps-taken \"replaced the cable\" --impact \"nobody can pay\""
)]
pub struct AskVendor {
    id: u64,
    reason: String,
    /// The vendor, as the rotation files call it
    #[arg(long, value_name = "VENDOR")]
    to: String,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(
    after_help = "For what a vendor says on the phone or by mail; by the link in our message it answers itself.

Examples:
  meridian ticket vendor-reply 17 --status working --case 4711
  meridian ticket vendor-reply 17 --status solved \"they have replaced the disk\""
)]
pub struct Reply {
    id: u64,
    /// What the vendor says; may be left away while it is working
    #[arg(required_if_eq_any = [("status", "answered"), ("status", "solved"), ("status", "declined")])]
    text: Option<String>,
    #[arg(long, value_enum)]
    status: Status,
    /// The number of the vendor's own case
    #[arg(long, value_name = "NUMBER")]
    case: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, ValueEnum)]
enum Status {
    /// It stays there
    Working,
    Answered,
    Solved,
    Declined,
}

impl AskVendor {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let own = [("to", Some(self.to)), ("reason", Some(self.reason))];
        let body = only_given(own.into_iter().chain(self.said.all()));
        act(self.id, "vendor", body, self.remote)
    }
}

impl Reply {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let status = self.status.to_possible_value().map(|status| status.get_name().to_owned());
        let body = only_given([("status", status), ("case", self.case), ("text", self.text)]);
        act(self.id, "vendor/reply", body, self.remote)
    }
}
