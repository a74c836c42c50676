//! What has been decided here, counted as it is committed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::watched::{Asked, Watched};
use crate::desk::{Changes, ClockKind, Event, OfferEnd, TicketId, What};
use crate::schedule::Priority;

type Labels = [(&'static str, &'static str); 1];

/// Seconds, from a page answered at once to a night.
const ANSWER_BUCKETS: [f64; 12] =
    [15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 14_400.0, 43_200.0, 86_400.0];

/// Events that people ask the number of.
const COUNTED: [&str; 14] = [
    "opened",
    "repeated",
    "acknowledged",
    "declined",
    "released",
    "parked",
    "escalated",
    "reassigned",
    "unattended",
    "overran",
    "review_asked",
    "resolved",
    "closed",
    "reopened",
];

/// What becomes of a promise: warned of, broken, then kept, or met though it was broken.
const PROMISES: [&str; 4] = ["warned", "breached", "kept", "late"];

fn promise(clock: ClockKind, priority: Priority, outcome: &'static str) -> [(&'static str, &'static str); 3] {
    [("clock", clock.as_str()), ("priority", priority.as_str()), ("outcome", outcome)]
}

/// Clones count together.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    events: Family<Labels, Counter>,
    offers: Family<Labels, Counter>,
    offers_ended: Family<Labels, Counter>,
    handoffs: Family<Labels, Counter>,
    promises: Family<[(&'static str, &'static str); 3], Counter>,
    /// From being asked to taking the ticket.
    acknowledge_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    /// From the opening of a ticket to its first holder.
    first_acknowledge_seconds: Family<Labels, Histogram, fn() -> Histogram>,
}

impl Tally {
    /// Every label is there from the start: a rate does not see a counter that begins with 1.
    pub fn new() -> Tally {
        let histogram: fn() -> Histogram = || Histogram::new(ANSWER_BUCKETS);
        let tally = Tally {
            events: Family::default(),
            offers: Family::default(),
            offers_ended: Family::default(),
            handoffs: Family::default(),
            promises: Family::default(),
            acknowledge_seconds: Family::new_with_constructor(histogram),
            first_acknowledge_seconds: Family::new_with_constructor(histogram),
        };
        COUNTED.iter().for_each(|event| drop(tally.events.get_or_create(&[("event", event)])));
        for asked in [Asked::Offer, Asked::Page] {
            drop(tally.offers.get_or_create(&[("asked", asked.as_str())]));
            drop(tally.acknowledge_seconds.get_or_create(&[("asked", asked.as_str())]));
        }
        OfferEnd::ALL.iter().for_each(|why| drop(tally.offers_ended.get_or_create(&[("why", why.as_str())])));
        for outcome in ["offered", "taken", "untaken", "kept"] {
            drop(tally.handoffs.get_or_create(&[("outcome", outcome)]));
        }
        for priority in Priority::ALL {
            for (clock, outcome) in ClockKind::ALL.iter().flat_map(|clock| PROMISES.map(|how| (clock, how))) {
                drop(tally.promises.get_or_create(&promise(*clock, priority, outcome)));
            }
            drop(tally.first_acknowledge_seconds.get_or_create(&[("priority", priority.as_str())]));
        }
        tally
    }

    /// `watched` is still what it was before.
    pub fn count(&self, changes: &Changes, watched: &Watched) {
        let mut asked: BTreeMap<TicketId, (Asked, DateTime<Utc>)> = BTreeMap::new();
        for event in &changes.events {
            if let Some(name) = counted(&event.what) {
                self.events.get_or_create(&[("event", name)]).inc();
            }
            match &event.what {
                What::Offered { offer, .. } => {
                    let how = if offer.is_page() { Asked::Page } else { Asked::Offer };
                    asked.insert(event.ticket, (how, offer.since));
                    self.offers.get_or_create(&[("asked", how.as_str())]).inc();
                    if offer.handoff.is_some() {
                        self.handoff("offered");
                    }
                }
                What::OfferEnded { why } => {
                    self.offers_ended.get_or_create(&[("why", why.as_str())]).inc();
                }
                What::Acknowledged { handoff, .. } => {
                    let asked = asked.get(&event.ticket).copied().or_else(|| watched.asked(event.ticket));
                    self.acknowledged(event, asked, changes);
                    if handoff.is_some() {
                        self.handoff("taken");
                    }
                }
                What::ClockWarned { clock, .. } => self.promise(*clock, "warned", event, changes),
                What::ClockBreached { clock, .. } => self.promise(*clock, "breached", event, changes),
                What::ClockMet { clock, spent, promised: Some(promised) } => {
                    let outcome = if spent < promised { "kept" } else { "late" };
                    self.promise(*clock, outcome, event, changes);
                }
                What::ShiftEnded { .. } => self.handoff("untaken"),
                What::Kept { .. } => self.handoff("kept"),
                _ => (),
            }
        }
    }

    fn handoff(&self, outcome: &'static str) {
        self.handoffs.get_or_create(&[("outcome", outcome)]).inc();
    }

    fn promise(&self, clock: ClockKind, outcome: &'static str, event: &Event, changes: &Changes) {
        let ticket = changes.tickets.iter().map(|saved| &saved.ticket).find(|t| t.id == event.ticket);
        if let Some(ticket) = ticket {
            self.promises.get_or_create(&promise(clock, ticket.priority, outcome)).inc();
        }
    }

    fn acknowledged(&self, event: &Event, asked: Option<(Asked, DateTime<Utc>)>, changes: &Changes) {
        if let Some((how, since)) = asked {
            let seconds = (event.at - since).as_seconds_f64();
            self.acknowledge_seconds.get_or_create(&[("asked", how.as_str())]).observe(seconds);
        }
        let ticket = changes.tickets.iter().map(|saved| &saved.ticket).find(|t| t.id == event.ticket);
        if let Some(ticket) = ticket.filter(|ticket| ticket.past.is_empty()) {
            let seconds = (event.at - ticket.opened_at).as_seconds_f64();
            let label = [("priority", ticket.priority.as_str())];
            self.first_acknowledge_seconds.get_or_create(&label).observe(seconds);
        }
    }

    pub fn register(&self, registry: &mut Registry) {
        let events = "What happened to tickets, by kind of event";
        registry.register("ticket_events", events, self.events.clone());
        let offers = "Requests to take a ticket: offers to people in their hours, pages to those on call";
        registry.register("offers", offers, self.offers.clone());
        registry.register("offers_ended", "Requests that nobody took, by why", self.offers_ended.clone());
        let handoffs =
            "Tickets whose holder's shift ended: offered ahead of it, taken, untaken at its end, kept";
        registry.register("handoffs", handoffs, self.handoffs.clone());
        let promises = "What became of promises to customers";
        registry.register("sla_promises", promises, self.promises.clone());
        let answer = "From being asked to take a ticket to taking it";
        registry.register_with_unit("acknowledge", answer, Unit::Seconds, self.acknowledge_seconds.clone());
        let first = "From the opening of a ticket to its first holder, the time it was parked included";
        let first_seconds = self.first_acknowledge_seconds.clone();
        registry.register_with_unit("first_acknowledge", first, Unit::Seconds, first_seconds);
    }
}

fn counted(what: &What) -> Option<&'static str> {
    let name = match what {
        What::Opened { .. } => "opened",
        What::Repeated { .. } => "repeated",
        What::Acknowledged { .. } => "acknowledged",
        What::Declined { .. } => "declined",
        What::Released { .. } => "released",
        What::Overflowed { .. } => "overflowed",
        What::Parked { .. } => "parked",
        What::Escalated { .. } => "escalated",
        What::ApprovalAsked { .. } => "approval_asked",
        What::Reassigned { .. } => "reassigned",
        What::Unattended { .. } => "unattended",
        What::Overran { .. } => "overran",
        What::ReviewAsked { .. } => "review_asked",
        What::Resolved { .. } => "resolved",
        What::Closed { .. } => "closed",
        What::Reopened { .. } => "reopened",
        _ => return None,
    };
    Some(name)
}
