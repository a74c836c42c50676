//! A ticket as the API shows it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::desk::{
    Briefing, Declined, Event, Explanation, Holder, Offer, Path, Pending, Seat, State, Ticket, TicketId, Wait,
};
use crate::schedule::{
    Customer, CustomerId, Language, Level, PersonId, Priority, RegionId, Residency, ServiceId, Skill,
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
    labels: BTreeMap<String, String>,
    opened_at: DateTime<Utc>,
    holder: Holder,
    offer: Option<Offer>,
    path: Path,
    acknowledge: Option<Wait>,
    resolve: Option<Wait>,
    overran_at: Option<DateTime<Utc>>,
    pending: Option<Pending>,
    declined: Vec<Declined>,
    helpers: Vec<Seat>,
    /// Who had custody before, oldest first.
    past: Vec<Seat>,
    briefing: Option<Briefing>,
    briefed_by: Option<PersonId>,
    stay_until: Option<DateTime<Utc>>,
    kept_until: Option<DateTime<Utc>>,
    hops: u32,
    count: u32,
    unattended_since: Option<DateTime<Utc>>,
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
            labels: facts.labels,
            opened_at: ticket.opened_at,
            holder: ticket.holder,
            offer: ticket.offer,
            path: ticket.path,
            acknowledge: ticket.acknowledge,
            resolve: ticket.resolve,
            overran_at: ticket.overran_at,
            pending: ticket.pending,
            declined: ticket.declined,
            helpers: ticket.helpers,
            past: ticket.past,
            briefing: ticket.briefing,
            briefed_by: ticket.briefed_by,
            stay_until: ticket.stay_until,
            kept_until: ticket.kept_until,
            hops: ticket.hops,
            count: ticket.count,
            unattended_since: ticket.unattended_since,
        }
    }
}

impl Done {
    pub fn new(ticket: Ticket, decision: Option<Box<Explanation>>) -> Done {
        Done { ticket: ticket.into(), decision: decision.map(|decision| *decision) }
    }
}

impl WithHistory {
    pub fn new(ticket: Ticket, wake_at: Option<DateTime<Utc>>, history: Vec<Event>) -> WithHistory {
        WithHistory { ticket: ticket.into(), wake_at, history }
    }
}

impl From<&Ticket> for Repeated {
    fn from(ticket: &Ticket) -> Repeated {
        Repeated { id: ticket.id, state: ticket.state, priority: ticket.priority, count: ticket.count }
    }
}
