use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use super::client::{Client, Remote};
use super::facts::{FactsArgs, only_given};
use super::ticket_after::{Judge, Report};
use super::ticket_vendor::{AskVendor, Reply};
use super::{Outcome, show, ticket_text};
use crate::api::Instant;
use crate::schedule::Priority;

/// Tickets: open, look, and everything people do to one
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian ticket open \"checkout is down\" --priority P1 --customer acme
  meridian ticket list --state waiting
  meridian ticket acknowledge 17 --as anna
  meridian ticket brief 17 --summary \"card payments fail\" --next-action \"call the bank at 9\"
  meridian ticket resolve 17 \"restarted the gateway\" --cause deployment")]
pub enum Ticket {
    /// Open a ticket
    Open(Box<Open>),
    /// List tickets, a page at a time
    List(List),
    /// Show one with its history
    #[command(after_help = "Example:
  meridian ticket show 17")]
    Show(One),
    /// Take it
    #[command(after_help = "Example:
  meridian ticket acknowledge 17 --as anna")]
    Acknowledge(One),
    /// Refuse an offer, until the team's next opening
    #[command(after_help = "Example:
  meridian ticket decline 17 \"I am on another incident\" --as anna")]
    Decline(Reasoned),
    /// Give it back
    #[command(after_help = "Example:
  meridian ticket release 17 \"I am on another incident\"")]
    Release(Reasoned),
    /// To the next step; with --team, --skill or --functional to others
    Escalate(Escalate),
    /// As a lead: what somebody has asked for goes to the next step
    #[command(after_help = "Example:
  meridian ticket approve 17 --as carl")]
    Approve(One),
    /// As a lead: it stays where it is
    #[command(after_help = "Example:
  meridian ticket refuse 17 \"the manual has a page on this\" --as carl")]
    Refuse(Reasoned),
    /// Ask a vendor for help; whoever holds it keeps it
    Vendor(AskVendor),
    /// Write down what the vendor says
    VendorReply(Reply),
    /// The vendor need not go on with it
    #[command(after_help = "Example:
  meridian ticket recall 17 \"a new cable has helped\"")]
    Recall(Reasoned),
    /// Give it to a team, a person, or a person in a team
    Reassign(Reassign),
    /// Write the briefing for whoever takes it next
    Brief(Brief),
    /// Keep it past the end of the shift
    Stay(Stay),
    /// Write something down
    Note(Note),
    /// Say how things stand, for the customer
    Update(Update),
    /// Follow it without working on it, or have somebody follow it
    #[command(after_help = "Example:
  meridian ticket subscribe 17 margit")]
    Subscribe(Follow),
    /// No longer
    #[command(after_help = "Example:
  meridian ticket unsubscribe 17 margit")]
    Unsubscribe(Follow),
    /// To another ticket, of the same outage: what is said of that one is said of this one
    Link(Link),
    /// No longer
    #[command(after_help = "Example:
  meridian ticket unlink 18")]
    Unlink(One),
    /// Wait for the customer, a vendor or a date
    Pend(Pend),
    /// Go on after waiting
    #[command(after_help = "Examples:
  meridian ticket resume 17
  meridian ticket resume 17 \"the logs are here\"")]
    Resume(Remarked),
    /// It is solved
    Resolve(Resolve),
    /// It is over
    #[command(after_help = "Examples:
  meridian ticket close 17
  meridian ticket close 17 \"the customer is content\"")]
    Close(Remarked),
    /// It is not over after all
    #[command(after_help = "Example:
  meridian ticket reopen 17 \"it is down again\"")]
    Reopen(Reasoned),
    /// What the customer thinks of it
    Feedback(Feedback),
    /// Whether what came with it was good enough: of whoever received it by a handoff or an escalation
    Judge(Judge),
    /// A report of everything that happened to it, as Markdown, or as a page in a file
    Report(Report),
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket open \"checkout is down\" --impact high --urgency high --language fr")]
pub struct Open {
    title: String,
    #[command(flatten)]
    facts: FactsArgs,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket list --team emea-frontline --priority P1")]
pub struct List {
    #[arg(long, value_parser = ["waiting", "held", "pending", "resolved", "closed"])]
    state: Option<String>,
    /// Held, queued or offered there
    #[arg(long)]
    team: Option<String>,
    /// The person who has it
    #[arg(long)]
    holder: Option<String>,
    #[arg(long)]
    priority: Option<Priority>,
    #[arg(long)]
    external_ref: Option<String>,
    /// Where the page before ended
    #[arg(long)]
    cursor: Option<String>,
    /// Of a page
    #[arg(long)]
    limit: Option<u32>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
pub struct One {
    id: u64,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
pub struct Reasoned {
    id: u64,
    /// In words for whoever reads the history
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
pub struct Remarked {
    id: u64,
    /// If there is anything to say of it
    #[arg(default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Examples:
  meridian ticket escalate 17 \"needs database access\"
  meridian ticket escalate 17 \"network trouble\" --skill network
  meridian ticket escalate 17 \"needs a rollback\" --impact \"nobody can pay\" --help-wanted \"a database owner\"")]
pub struct Escalate {
    id: u64,
    reason: String,
    #[arg(long)]
    team: Option<String>,
    #[arg(long = "skill", value_name = "SKILL")]
    skills: Vec<String>,
    /// To the service's owner
    #[arg(long)]
    functional: bool,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    remote: Remote,
}

/// What whoever is asked for help needs to know.
#[derive(Args)]
pub(super) struct Said {
    /// What it is about; the ticket's policy says which of these must be said
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
    /// What has been done already
    #[arg(long, value_name = "TEXT")]
    steps_taken: Option<String>,
    /// Who cannot work because of it, and what that costs
    #[arg(long, value_name = "TEXT")]
    impact: Option<String>,
    /// What is asked of whoever takes it
    #[arg(long, value_name = "TEXT")]
    help_wanted: Option<String>,
    /// By when, and what happens then
    #[arg(long, value_name = "TEXT")]
    time_limit: Option<String>,
}

impl Said {
    pub fn all(self) -> [(&'static str, Option<String>); 5] {
        [
            ("summary", self.summary),
            ("steps_taken", self.steps_taken),
            ("impact", self.impact),
            ("help_wanted", self.help_wanted),
            ("time_limit", self.time_limit),
        ]
    }
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket reassign 17 \"knows the customer\" --person bjorn")]
pub struct Reassign {
    id: u64,
    reason: String,
    #[arg(long)]
    team: Option<String>,
    #[arg(long)]
    person: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket brief 17 --summary \"card payments fail\" --next-action \"call the bank at 9\"")]
pub struct Brief {
    id: u64,
    #[arg(long)]
    summary: String,
    #[arg(long)]
    done_so_far: Option<String>,
    #[arg(long)]
    next_action: Option<String>,
    #[arg(long)]
    waiting_on: Option<String>,
    #[arg(long)]
    customer_mood: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket stay 17 --until 2026-03-30T18:30:00+02:00")]
pub struct Stay {
    id: u64,
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    until: Instant,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket note 17 \"found it in the logs\" --progress")]
pub struct Note {
    id: u64,
    text: String,
    /// It got the ticket forward
    #[arg(long)]
    progress: bool,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket update 17 \"the bank works on it\" --next-action \"call them at 14\"")]
pub struct Update {
    id: u64,
    /// How things stand, as the customer may read it
    status: String,
    #[arg(long)]
    done_so_far: Option<String>,
    #[arg(long)]
    next_action: Option<String>,
    /// When it is likely to be solved
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    expected_resolution: Option<Instant>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
pub struct Follow {
    id: u64,
    /// Yourself where nobody is named
    person: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket link 18 17")]
pub struct Link {
    id: u64,
    /// The ticket that stands for the outage
    to: u64,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket pend 17 --on customer \"asked for logs\" --until 2026-04-02T09:00:00+02:00")]
pub struct Pend {
    id: u64,
    reason: String,
    #[arg(long, value_enum)]
    on: On,
    /// When to look again
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    until: Option<Instant>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, ValueEnum)]
enum On {
    Customer,
    Vendor,
    Date,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket resolve 17 \"restarted the gateway\" --cause deployment")]
pub struct Resolve {
    id: u64,
    /// How it was solved
    #[arg(default_value = "", hide_default_value = true)]
    notes: String,
    /// Why it happened; the files may say which causes there are, and at which priority one must be named
    #[arg(long)]
    cause: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian ticket feedback 17 5 \"quick and friendly\"")]
pub struct Feedback {
    id: u64,
    /// 1 to 5
    score: u8,
    #[arg(default_value = "", hide_default_value = true)]
    text: String,
    #[command(flatten)]
    remote: Remote,
}

impl Ticket {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Ticket::Open(open) => open.run(),
            Ticket::List(list) => list.run(),
            Ticket::Show(One { id, remote }) => show_one(id, remote),
            Ticket::Acknowledge(One { id, remote }) => act(id, "acknowledge", Map::new(), remote),
            Ticket::Decline(asked) => asked.run("decline"),
            Ticket::Release(asked) => asked.run("release"),
            Ticket::Escalate(asked) => asked.run(),
            Ticket::Approve(One { id, remote }) => act(id, "approve", Map::new(), remote),
            Ticket::Refuse(asked) => asked.run("refuse"),
            Ticket::Vendor(asked) => asked.run(),
            Ticket::VendorReply(said) => said.run(),
            Ticket::Recall(asked) => asked.run("vendor/recall"),
            Ticket::Reassign(Reassign { id, reason, team, person, remote }) => {
                let body = only_given([("reason", Some(reason)), ("team", team), ("person", person)]);
                act(id, "reassign", body, remote)
            }
            Ticket::Brief(asked) => asked.run(),
            Ticket::Stay(Stay { id, until, remote }) => {
                act(id, "stay", only_given([("until", Some(until.0.to_rfc3339()))]), remote)
            }
            Ticket::Note(Note { id, text, progress, remote }) => {
                let mut body = only_given([("text", Some(text))]);
                body.insert("progress".to_owned(), json!(progress));
                act(id, "note", body, remote)
            }
            Ticket::Update(asked) => asked.run(),
            Ticket::Subscribe(asked) => asked.run("subscribe"),
            Ticket::Unsubscribe(asked) => asked.run("unsubscribe"),
            Ticket::Link(Link { id, to, remote }) => {
                act(id, "link", Map::from_iter([("to".to_owned(), json!(to))]), remote)
            }
            Ticket::Unlink(One { id, remote }) => act(id, "unlink", Map::new(), remote),
            Ticket::Pend(asked) => asked.run(),
            Ticket::Resume(asked) => asked.run("resume"),
            Ticket::Resolve(Resolve { id, notes, cause, remote }) => {
                act(id, "resolve", only_given([("notes", Some(notes)), ("cause", cause)]), remote)
            }
            Ticket::Close(asked) => asked.run("close"),
            Ticket::Reopen(asked) => asked.run("reopen"),
            Ticket::Feedback(Feedback { id, score, text, remote }) => {
                let mut body = only_given([("text", Some(text))]);
                body.insert("score".to_owned(), json!(score));
                act(id, "feedback", body, remote)
            }
            Ticket::Judge(asked) => asked.run(),
            Ticket::Report(asked) => asked.run(),
        }
    }
}

impl Follow {
    fn run(self, verb: &str) -> anyhow::Result<Outcome> {
        act(self.id, verb, only_given([("person", self.person)]), self.remote)
    }
}

impl Open {
    fn run(self: Box<Self>) -> anyhow::Result<Outcome> {
        let body = self.facts.body(Some(self.title));
        let as_json = self.remote.json;
        self.remote.talk(async |client: Client| {
            let done = client.post("v1/tickets", &body).await?;
            if as_json { show::json(&done) } else { show::out(&ticket_text::done(&done)) }
        })
    }
}

impl List {
    fn run(self) -> anyhow::Result<Outcome> {
        let query = [
            ("state", self.state),
            ("team", self.team),
            ("holder", self.holder),
            ("priority", self.priority.map(|priority| priority.to_string())),
            ("external_ref", self.external_ref),
            ("cursor", self.cursor),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ];
        let as_json = self.remote.json;
        self.remote.talk(async |client: Client| {
            let page = client.get("v1/tickets", &query).await?;
            if as_json { show::json(&page) } else { show::out(&ticket_text::list(&page)) }
        })
    }
}

fn show_one(id: u64, remote: Remote) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        let ticket = client.get(&format!("v1/tickets/{id}"), &[]).await?;
        if as_json { show::json(&ticket) } else { show::out(&ticket_text::whole(&ticket)) }
    })
}

/// Does something to one ticket and shows what became of it.
pub(super) fn act(id: u64, verb: &str, body: Map<String, Value>, remote: Remote) -> anyhow::Result<Outcome> {
    let as_json = remote.json;
    remote.talk(async |client: Client| {
        let done = client.post(&format!("v1/tickets/{id}/{verb}"), &Value::Object(body)).await?;
        if as_json { show::json(&done) } else { show::out(&ticket_text::done(&done)) }
    })
}

impl Reasoned {
    fn run(self, verb: &str) -> anyhow::Result<Outcome> {
        act(self.id, verb, only_given([("reason", Some(self.reason))]), self.remote)
    }
}

impl Remarked {
    fn run(self, verb: &str) -> anyhow::Result<Outcome> {
        act(self.id, verb, only_given([("reason", Some(self.reason))]), self.remote)
    }
}

impl Escalate {
    fn run(self) -> anyhow::Result<Outcome> {
        let kind = self.functional.then(|| "functional".to_owned());
        let own = [("reason", Some(self.reason)), ("team", self.team), ("kind", kind)];
        let mut body = only_given(own.into_iter().chain(self.said.all()));
        body.insert("skills".to_owned(), json!(self.skills));
        act(self.id, "escalate", body, self.remote)
    }
}

impl Brief {
    fn run(self) -> anyhow::Result<Outcome> {
        let body = only_given([
            ("summary", Some(self.summary)),
            ("done_so_far", self.done_so_far),
            ("next_action", self.next_action),
            ("waiting_on", self.waiting_on),
            ("customer_mood", self.customer_mood),
        ]);
        act(self.id, "brief", body, self.remote)
    }
}

impl Update {
    fn run(self) -> anyhow::Result<Outcome> {
        let body = only_given([
            ("status", Some(self.status)),
            ("done_so_far", self.done_so_far),
            ("next_action", self.next_action),
            ("expected_resolution", self.expected_resolution.map(|expected| expected.0.to_rfc3339())),
        ]);
        act(self.id, "update", body, self.remote)
    }
}

impl Pend {
    fn run(self) -> anyhow::Result<Outcome> {
        let on = match self.on {
            On::Customer => "customer",
            On::Vendor => "vendor",
            On::Date => "date",
        };
        let body = only_given([
            ("on", Some(on.to_owned())),
            ("reason", Some(self.reason)),
            ("until", self.until.map(|until| until.0.to_rfc3339())),
        ]);
        act(self.id, "pend", body, self.remote)
    }
}
