//! What every store must keep, whatever database stands behind it.

mod audit;
mod backups;
mod erase;
mod histories;
mod lost;
mod moving;
mod opening;
mod outbox;
mod restores;
mod retention;
mod rows;
mod tickets;
mod urls;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::*;
use meridian::schedule::{BusinessHoursId, Fraction, PersonId, PolicyId, Priority, Residency, SlaId, TeamId};
use meridian::store::*;
use tempfile::TempDir;

use crate::postgres;

/// Runs a story against an empty store of every kind we have.
async fn for_each_store<F, Done>(story: F)
where
    F: Fn(Store) -> Done,
    Done: Future<Output = ()>,
{
    let folder = TempDir::new().unwrap();
    story(sqlite(&folder).await).await;
    story(Store::open(&postgres::database().await).await.unwrap()).await;
}

async fn sqlite(folder: &TempDir) -> Store {
    Store::open(&sqlite_url(folder)).await.unwrap()
}

fn sqlite_url(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("meridian.db").display())
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-03-02T12:00:00Z")
}

/// Offered to `emea-frontline`.
fn ticket(id: i64) -> Saved {
    let ticket = Ticket {
        id: TicketId(id),
        opened_at: noon(),
        facts: Facts { title: format!("Ticket {id}: the \"shop\" \\ is down 🌍"), ..Facts::default() },
        priority: Priority::P3,
        state: State::Waiting,
        holder: Holder::Nobody { reason: Alone::Offered, look_again: None },
        offer: Some(Offer {
            kind: OfferKind::Routing,
            team: TeamId::new("emea-frontline"),
            line: None,
            ask: vec![PersonId::new("anna")],
            substitute_language: None,
            since: noon(),
            expires_at: noon() + TimeDelta::minutes(15),
            handoff: None,
            unheard: Vec::new(),
        }),
        path: Path {
            overflowed: false,
            route: None,
            policy: PolicyId::new("standard"),
            step: 0,
            target: None,
            hours_asked: false,
            lines_called: 0,
            round: 0,
            since: noon(),
        },
        acknowledge: Some(Wait {
            allowed: TimeDelta::minutes(15),
            spent: TimeDelta::zero(),
            clock: WaitClock::Calendar,
            running_since: Some(noon()),
            due: Some(noon() + TimeDelta::minutes(15)),
        }),
        resolve: None,
        clocks: vec![Clock {
            kind: ClockKind::Resolution,
            sla: Some(SlaId::new("gold")),
            promised: Some(TimeDelta::hours(4)),
            since: noon(),
            spent: TimeDelta::milliseconds(1_500),
            by: WaitClock::Business { hours: BusinessHoursId::new("sweden") },
            running_since: Some(noon()),
            due: Some(noon() + TimeDelta::hours(4)),
            warn_at: vec![Fraction::thousandths(333), Fraction::thousandths(800)],
            warned: 1,
            met_at: None,
            breached_at: Some(noon()),
        }],
        request: Request::of_everything("in words"),
        approval: Some(Approval {
            by: PersonId::new("bjorn"),
            reason: "it is above us".into(),
            request: Request::of_everything("in words"),
            aside: Some(Aside { team: "experts".into(), skills: ["db".into()].into() }),
            lead: PersonId::new("anna"),
            until: noon() + TimeDelta::hours(1),
        }),
        update: None,
        visits: Vec::new(),
        subscribers: [PersonId::new("margit")].into(),
        parent: Some(TicketId(7)),
        overran_at: None,
        pending: None,
        closes_at: None,
        declined: vec![],
        asked: vec![],
        received: Vec::new(),
        reopened: 0,
        past: vec![],
        helpers: vec![],
        briefing: None,
        briefed_by: None,
        recent: vec![],
        stay_until: None,
        kept_until: None,
        left_by: None,
        hops: 0,
        returns: 0,
        reviewed_hops: 0,
        count: 1,
        reported: None,
        unattended_since: None,
        erased_at: None,
        seq: 1,
    };
    Saved { ticket, wake_at: Some(noon() + TimeDelta::minutes(15)), residency: None }
}

fn held_by(id: i64, person: &str, team: &str) -> Saved {
    let mut saved = ticket(id);
    saved.ticket.state = State::Held;
    saved.ticket.offer = None;
    saved.ticket.holder =
        Holder::Person { person: PersonId::new(person), team: TeamId::new(team), since: noon() };
    saved
}

fn closed(id: i64) -> Saved {
    let mut saved = ticket(id);
    saved.ticket.state = State::Closed;
    saved.ticket.offer = None;
    saved.ticket.holder = Holder::Nobody { reason: Alone::Done, look_again: None };
    saved.wake_at = None;
    saved
}

fn note(ticket: i64, seq: u32, text: &str) -> Event {
    Event {
        ticket: TicketId(ticket),
        seq,
        at: noon() + TimeDelta::seconds(i64::from(seq)),
        by: Actor::Person(PersonId::new("anna")),
        what: What::Noted { text: text.to_owned(), progress: true },
    }
}

/// That it has been delivered.
pub fn taken(notice: &str, channel: &str) -> Taken {
    Taken { notice: notice.to_owned(), channel: channel.to_owned() }
}

/// After so many attempts on that channel.
pub fn retried<'a>(due_at: DateTime<Utc>, why: &'a str, channel: &'a str, attempts: u32) -> Again<'a> {
    Again { due_at, why, channel, attempts, passed: &[] }
}

pub fn given_up<'a>(id: &'a str, reason: &'a str) -> GivenUp<'a> {
    GivenUp { id, reason, next: None }
}

fn notice(id: &str, ticket: i64, kind: NoticeKind, minutes: i64) -> Notice {
    Notice {
        id: id.to_owned(),
        at: noon() + TimeDelta::minutes(minutes),
        ticket: Some(TicketId(ticket)),
        priority: Some(Priority::P3),
        kind,
        to: PersonId::new("anna"),
        about: About { title: format!("Ticket {ticket}"), ..About::default() },
        says: Says::Review { hops: 3 },
        expires_at: None,
        stage: None,
    }
}

fn handoff(id: i64, outcome: HandoffOutcome) -> Handoff {
    Handoff {
        id: HandoffId(id),
        boundary: noon() + TimeDelta::hours(4),
        from: TeamId::new("emea-frontline"),
        to: TeamId::new("amer-frontline"),
        items: vec![HandoffItem {
            ticket: TicketId(1),
            from: PersonId::new("anna"),
            outcome,
            briefing: Briefing::default(),
        }],
    }
}

/// One batch with those changes.
async fn save(store: &Store, changes: Changes) -> anyhow::Result<Last> {
    let mut batch = store.begin().await?;
    let before = batch.last().await?;
    let last = batch.save(&changes, &before, noon()).await?;
    batch.commit().await?;
    Ok(last)
}

fn tickets(tickets: Vec<Saved>) -> Changes {
    Changes { tickets, ..Changes::default() }
}

fn numbers(found: &[Saved]) -> Vec<i64> {
    found.iter().map(|saved| saved.ticket.id.0).collect()
}

/// The whole chain of causes in one line.
fn words<T>(outcome: anyhow::Result<T>) -> String {
    format!("{:#}", outcome.err().expect("it fails"))
}
