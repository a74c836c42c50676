//! Groups of tickets, as they are counted.

use chrono::{DateTime, TimeDelta, Utc};

use super::course::Course;
use super::{Group, Outcomes, Times};
use crate::desk::{Alone, Holder, State, Ticket};

/// A group under way: the durations are summed up once all are there.
#[derive(Default)]
pub(super) struct Gathered {
    group: Group,
    somebody: Vec<i64>,
    acknowledged: Vec<i64>,
    resolved: Vec<i64>,
    parked: Vec<i64>,
    queued: Vec<i64>,
}

impl Gathered {
    pub fn add(&mut self, course: &Course, told_last_resort: bool) {
        let group = &mut self.group;
        group.opened += 1;
        *group.outcomes.of(&course.ticket) += 1;
        group.unattended += usize::from(course.unattended);
        group.last_resort += usize::from(told_last_resort);
        group.counts += course.counts;
        let since_opened = |at: DateTime<Utc>| (at - course.opened).num_seconds();
        self.somebody.extend(course.somebody.map(since_opened));
        self.acknowledged.extend(course.acknowledged.map(since_opened));
        self.resolved.extend(course.resolved.map(since_opened));
        self.parked.extend(course.parked.as_ref().map(TimeDelta::num_seconds));
        self.queued.extend(course.queued.as_ref().map(TimeDelta::num_seconds));
    }

    pub fn finish(self) -> Group {
        Group {
            time_to_somebody: Times::of(self.somebody),
            time_to_acknowledge: Times::of(self.acknowledged),
            time_to_resolve: Times::of(self.resolved),
            parked: Times::of(self.parked),
            queued: Times::of(self.queued),
            ..self.group
        }
    }
}

impl Outcomes {
    pub(super) fn of(&mut self, ticket: &Ticket) -> &mut usize {
        match (ticket.state, &ticket.holder) {
            (State::Resolved, _) => &mut self.resolved,
            (State::Closed, _) => &mut self.closed,
            (State::Pending, _) => &mut self.pending,
            (_, Holder::Person { .. }) => &mut self.held,
            (_, Holder::Queue { .. }) => &mut self.in_queue,
            (_, Holder::Nobody { .. }) if ticket.offer.is_some() => &mut self.offered,
            (_, Holder::Nobody { reason: Alone::Parked, .. }) => &mut self.parked,
            (_, Holder::Nobody { reason: Alone::NobodyAtAll, .. }) => &mut self.nobody_at_all,
            (_, Holder::Nobody { .. }) => &mut self.left,
        }
    }

    /// Closed or not.
    pub fn all_resolved(&self) -> usize {
        self.resolved + self.closed
    }

    pub fn live(&self) -> usize {
        self.held + self.in_queue + self.offered + self.parked + self.pending + self.nobody_at_all + self.left
    }
}
