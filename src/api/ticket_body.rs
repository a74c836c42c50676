//! A ticket as the API shows it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::desk::{
    Approval, Attributed, Briefing, Clock, ClockKind, ClockState, Custody, Declined, Event, Explanation,
    Held, Holder, Offer, Path, Pending, Receipt, Request, Saved, Seat, State, Ticket, TicketId, Update,
    Visit, Wait, WaitClock, attribution, custody,
};
use crate::schedule::{
    Audience, Customer, CustomerId, Fraction, Language, Level, PersonId, Priority, RegionId, Residency,
    ServiceId, Skill, SlaId,
};

/// Absent values are `null` and lists are there when empty, so that every ticket has the same fields.
#[derive(Serialize)]
pub(super) struct TicketBody {
    id: TicketId,
    title: String,
    description: Option<String>,
    state: State,
    priority: Priority,
    /// As the caller asked for it, before the raise rules.
    priority_asked: Option<Priority>,
    impact: Option<Level>,
    urgency: Option<Level>,
    category: Option<String>,
    customer: Option<CustomerBody>,
    service: Option<ServiceId>,
    language: Option<Language>,
    region: Option<RegionId>,
    skills: BTreeSet<Skill>,
    risk: BTreeSet<String>,
    residency: Option<Residency>,
    via: Option<String>,
    dedup_key: Option<String>,
    external_ref: Option<String>,
    audience: Audience,
    labels: BTreeMap<String, String>,
    opened_at: DateTime<Utc>,
    holder: Holder,
    offer: Option<Offer>,
    path: Path,
    acknowledge: Option<Wait>,
    resolve: Option<Wait>,
    /// What is promised to the customer.
    clocks: Vec<ClockBody>,
    /// What the latest escalation has to say to those who are asked.
    #[serde(skip_serializing_if = "Request::is_empty")]
    request: Request,
    /// An escalation that waits for a lead's word.
    approval: Option<Approval>,
    /// The latest status update.
    update: Option<Update>,
    /// Its latest time at each vendor, the latest last; without `until`, it is there still.
    visits: Vec<Visit>,
    /// Who follows it, beside those whom the rotation files name.
    subscribers: BTreeSet<PersonId>,
    /// The ticket whose status updates count for this one.
    parent: Option<TicketId>,
    overran_at: Option<DateTime<Utc>>,
    pending: Option<Pending>,
    /// It is resolved, and closes by itself then.
    closes_at: Option<DateTime<Utc>>,
    declined: Vec<Declined>,
    helpers: Vec<Seat>,
    /// The last handoff or escalation that each has received, and what they think of it.
    received: Vec<Receipt>,
    /// How often it was reopened.
    reopened: u32,
    /// Who had custody before, oldest first.
    past: Vec<Seat>,
    briefing: Option<Briefing>,
    briefed_by: Option<PersonId>,
    stay_until: Option<DateTime<Utc>>,
    kept_until: Option<DateTime<Utc>>,
    hops: u32,
    count: u32,
    unattended_since: Option<DateTime<Utc>>,
    /// When what was personal in it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<DateTime<Utc>>,
}

/// A promise while its time runs.
#[derive(Serialize)]
struct ClockBody {
    clock: ClockKind,
    state: ClockState,
    sla: Option<SlaId>,
    promised_seconds: Option<i64>,
    /// Before `running_since`; all of it, by whose time it was, stands with the ticket's history.
    spent_seconds: i64,
    running_since: Option<DateTime<Utc>>,
    since: DateTime<Utc>,
    due: Option<DateTime<Utc>>,
    /// What counts.
    by: WaitClock,
    /// The last fraction of the promise that was warned of.
    warned: Option<Fraction>,
    met_at: Option<DateTime<Utc>>,
    breached_at: Option<DateTime<Utc>>,
}

impl From<&Clock> for ClockBody {
    fn from(clock: &Clock) -> ClockBody {
        ClockBody {
            clock: clock.kind,
            state: clock.state(),
            sla: clock.sla.clone(),
            promised_seconds: clock.promised.map(|promised| promised.num_seconds()),
            spent_seconds: clock.spent.num_seconds(),
            running_since: clock.running_since,
            since: clock.since,
            due: clock.due,
            by: clock.by.clone(),
            warned: clock.warned.checked_sub(1).and_then(|last| clock.warn_at.get(last)).copied(),
            met_at: clock.met_at,
            breached_at: clock.breached_at,
        }
    }
}

/// One clock from its beginning, and who spent it. The shares add up to `spent_seconds`.
#[derive(Serialize)]
struct Spent {
    clock: ClockKind,
    since: DateTime<Utc>,
    spent_seconds: i64,
    by_custody: Vec<SpentShare>,
}

#[derive(Serialize)]
struct SpentShare {
    /// `null`: it ran before it was known to be promised.
    custody: Option<Custody>,
    spent_seconds: i64,
}

impl From<Attributed> for Spent {
    fn from(period: Attributed) -> Spent {
        let share = |(custody, spent_seconds): (Option<&Custody>, i64)| SpentShare {
            custody: custody.cloned(),
            spent_seconds,
        };
        Spent {
            clock: period.clock,
            since: period.since,
            spent_seconds: period.spent().num_seconds(),
            by_custody: period.in_seconds().map(share).collect(),
        }
    }
}

/// One the files know, by its id, or all that the caller said of another.
#[derive(Serialize)]
#[serde(untagged)]
enum CustomerBody {
    Id(CustomerId),
    Details(Customer),
}

/// What a command answers.
#[derive(Serialize)]
pub(super) struct Done {
    #[serde(flatten)]
    ticket: TicketBody,
    /// The last routing decision it brought about.
    decision: Option<Explanation>,
}

/// One ticket with everything that ever happened to it.
#[derive(Serialize)]
pub(super) struct WithHistory {
    #[serde(flatten)]
    ticket: TicketBody,
    wake_at: Option<DateTime<Utc>>,
    /// Address of a page that tells how to solve tickets of its category.
    knowledge: Option<String>,
    /// Who had it when.
    custody: Vec<Held>,
    /// Whose time the promises spent, those of earlier status updates included.
    spent: Vec<Spent>,
    history: Vec<Event>,
}

/// All that a sender learns of a live ticket which it may not see, but whose `dedup_key` it knew.
#[derive(Serialize)]
pub(super) struct Repeated {
    id: TicketId,
    state: State,
    priority: Priority,
    count: u32,
}

impl From<Ticket> for TicketBody {
    fn from(ticket: Ticket) -> TicketBody {
        let facts = ticket.facts;
        let details = facts.customer_details.map(CustomerBody::Details);
        TicketBody {
            id: ticket.id,
            title: facts.title,
            description: facts.description,
            state: ticket.state,
            priority: ticket.priority,
            priority_asked: facts.priority,
            impact: facts.impact,
            urgency: facts.urgency,
            category: facts.category,
            customer: details.or(facts.customer.map(CustomerBody::Id)),
            service: facts.service,
            language: facts.language,
            region: facts.region,
            skills: facts.skills,
            risk: facts.risk,
            residency: facts.residency,
            via: facts.via,
            dedup_key: facts.dedup_key,
            external_ref: facts.external_ref,
            audience: facts.audience,
            labels: facts.labels,
            opened_at: ticket.opened_at,
            holder: ticket.holder,
            offer: ticket.offer,
            path: ticket.path,
            acknowledge: ticket.acknowledge,
            resolve: ticket.resolve,
            clocks: ticket.clocks.iter().map(ClockBody::from).collect(),
            request: ticket.request,
            approval: ticket.approval,
            update: ticket.update,
            visits: ticket.visits,
            subscribers: ticket.subscribers,
            parent: ticket.parent,
            overran_at: ticket.overran_at,
            pending: ticket.pending,
            closes_at: ticket.closes_at,
            declined: ticket.declined,
            helpers: ticket.helpers,
            received: ticket.received,
            reopened: ticket.reopened,
            past: ticket.past,
            briefing: ticket.briefing,
            briefed_by: ticket.briefed_by,
            stay_until: ticket.stay_until,
            kept_until: ticket.kept_until,
            hops: ticket.hops,
            count: ticket.count,
            unattended_since: ticket.unattended_since,
            erased_at: ticket.erased_at,
        }
    }
}

impl Done {
    pub fn new(ticket: Ticket, decision: Option<Box<Explanation>>) -> Done {
        Done { ticket: ticket.into(), decision: decision.map(|decision| *decision) }
    }
}

impl WithHistory {
    /// `running`: what a clock that runs has spent since it was written down.
    pub fn new(
        saved: Saved,
        history: Vec<Event>,
        knowledge: Option<String>,
        running: impl Fn(&Clock) -> TimeDelta,
    ) -> WithHistory {
        let spent = attribution(&history, running).into_iter().map(Spent::from).collect();
        let custody = custody(&history);
        let Saved { ticket, wake_at, .. } = saved;
        WithHistory { ticket: ticket.into(), wake_at, knowledge, custody, spent, history }
    }
}

impl From<&Ticket> for Repeated {
    fn from(ticket: &Ticket) -> Repeated {
        Repeated { id: ticket.id, state: ticket.state, priority: ticket.priority, count: ticket.count }
    }
}
