//! One report under way: tickets go in one after the other, and only sums are kept.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};

use super::attainment::{Attainment, Spent};
use super::briefings::Briefings;
use super::climbs::{Climbs, Recurring};
use super::course::Course;
use super::fairness::Fairness;
use super::offered::Offered;
use super::reports::{Asked, Basis, Kind};
use super::returns::Returns;
use super::scores::Scores;
use super::sheet::Sheet;
use super::took::{Held, Took};
use super::vendors::Vendors;
use super::volume::Volume;
use crate::coverage::Coverage;
use crate::desk::{self, Event, Flaw, Retelling};

/// A report under way. What it keeps grows with the tickets by some numbers each at most, for percentiles.
pub struct Gathering<'a> {
    asked: Asked,
    coverage: &'a Coverage,
    tickets: usize,
    left_out: usize,
    tally: Tally<'a>,
}

enum Tally<'a> {
    Volume(Volume),
    Times(Took),
    Sla(Attainment),
    SlaTime(Spent),
    Escalations(Climbs),
    Recurring(Recurring),
    Returns(Returns),
    Parked(Held),
    Handoffs(Offered),
    Briefings(Briefings),
    Feedback(Scores),
    Vendors(Vendors),
    Fairness(Box<Fairness<'a>>),
}

/// Rest is looked for so far around the window.
pub(super) const AROUND: TimeDelta = TimeDelta::days(2);

impl Asked {
    /// Coverage over all that the report has to know of it, compiled anew where it is not within what is compiled.
    /// `first`: when the first of all tickets was opened; `None`: there is none.
    pub fn covering<'c>(&self, coverage: &'c Coverage, first: Option<DateTime<Utc>>) -> Cow<'c, Coverage> {
        match (self.kind, first) {
            (Kind::Fairness, _) => covering(coverage, self.from - AROUND, self.until + AROUND),
            // Open hours count until now, where a clock still runs.
            (Kind::SlaTime, Some(first)) if first < self.until => {
                covering(coverage, self.from.max(first) - AROUND, self.until.max(self.as_of) + AROUND)
            }
            _ => Cow::Borrowed(coverage),
        }
    }
}

/// Coverage over a window, compiled anew where it is not within what is compiled.
pub(super) fn covering(coverage: &Coverage, from: DateTime<Utc>, until: DateTime<Utc>) -> Cow<'_, Coverage> {
    if coverage.from <= from && until <= coverage.until {
        return Cow::Borrowed(coverage);
    }
    let (organisation, zones) = (coverage.organisation.clone(), coverage.zones.clone());
    Cow::Owned(Coverage::compile(organisation, zones, coverage.changes.clone(), from, until))
}

impl<'a> Gathering<'a> {
    /// `coverage`: as [`Asked::covering`] gives it.
    pub fn new(asked: Asked, coverage: &'a Coverage) -> Gathering<'a> {
        let tally = match asked.kind {
            Kind::Volume => Tally::Volume(Volume::default()),
            Kind::Times => Tally::Times(Took::default()),
            Kind::Sla => Tally::Sla(Attainment::default()),
            Kind::SlaTime => Tally::SlaTime(Spent::default()),
            Kind::Escalations => Tally::Escalations(Climbs::default()),
            Kind::Recurring => Tally::Recurring(Recurring::default()),
            Kind::Returns => Tally::Returns(Returns::default()),
            Kind::Parked => Tally::Parked(Held::default()),
            Kind::Handoffs => Tally::Handoffs(Offered::default()),
            Kind::Briefings => Tally::Briefings(Briefings::default()),
            Kind::Feedback => Tally::Feedback(Scores::default()),
            Kind::Vendors => Tally::Vendors(Vendors::default()),
            Kind::Fairness => Tally::Fairness(Box::new(Fairness::new(coverage))),
        };
        Gathering { asked, coverage, tickets: 0, left_out: 0, tally }
    }

    /// Everything that happened to one ticket, in order. A ticket that the report is not about may come as well.
    /// A history that cannot be true is left out, and said why. Whether anything of it was counted.
    pub fn add(&mut self, history: &[Event]) -> Result<bool, Flaw> {
        let Some(first) = history.first() else { return Ok(false) };
        let mut told = Retelling::of(first.ticket);
        history.iter().for_each(|event| told.hear(event));
        if let Some(flaw) = told.alone().into_iter().next() {
            self.leave_out();
            return Err(flaw);
        }
        let known = history.partition_point(|event| event.at <= self.asked.as_of);
        let history = &history[..known];
        let Some(course) = Course::of(first.ticket, history, self.asked.as_of) else { return Ok(false) };
        let counted = self.is_about(&course) && self.tally(&course, history);
        self.tickets += usize::from(counted);
        Ok(counted)
    }

    /// There is a ticket whose history cannot be read.
    pub fn leave_out(&mut self) {
        self.left_out += 1;
    }

    fn is_about(&self, course: &Course) -> bool {
        let in_time = self.asked.kind.basis() == Basis::Happened || self.asked.within(course.opened);
        let narrowed = &self.asked.narrowed;
        let audience = narrowed.audience.or(self.asked.kind.usual_audience());
        let residency = desk::residency_of(&self.coverage.organisation, &course.ticket.facts);
        in_time
            && (self.asked.is_of_people() || self.asked.sees(residency.as_ref()))
            && audience.is_none_or(|audience| course.ticket.facts.audience == audience)
            && match self.asked.kind {
                Kind::Fairness => narrowed.means_work(course),
                _ => narrowed.means(&self.coverage.organisation, course),
            }
    }

    /// Whether something of it was counted.
    fn tally(&mut self, course: &Course, history: &[Event]) -> bool {
        let (asked, org) = (&self.asked, &*self.coverage.organisation);
        match &mut self.tally {
            Tally::Volume(volume) => volume.add(org, course),
            Tally::Times(took) => took.add(course),
            Tally::Sla(attainment) => attainment.add(course),
            Tally::SlaTime(spent) => spent.add(asked, self.coverage, course, history),
            Tally::Escalations(climbs) => climbs.add(asked, org, course),
            Tally::Recurring(recurring) => recurring.add(asked, course),
            Tally::Returns(returns) => returns.add(course),
            Tally::Parked(held) => held.add(org, course),
            Tally::Handoffs(offered) => offered.add(asked, org, course),
            Tally::Briefings(briefings) => briefings.add(asked, course),
            Tally::Feedback(scores) => scores.add(asked, course),
            Tally::Vendors(vendors) => vendors.add(asked, course),
            Tally::Fairness(fairness) => fairness.add(asked, course),
        }
    }

    pub fn finish(self) -> Sheet {
        let (asked, org) = (&self.asked, &*self.coverage.organisation);
        let (fields, rows) = match self.tally {
            Tally::Volume(volume) => volume.rows(),
            Tally::Times(took) => took.rows(org),
            Tally::Sla(attainment) => attainment.rows(),
            Tally::SlaTime(spent) => spent.rows(org),
            Tally::Escalations(climbs) => climbs.rows(),
            Tally::Recurring(recurring) => recurring.rows(),
            Tally::Returns(returns) => returns.rows(),
            Tally::Parked(held) => held.rows(),
            Tally::Handoffs(offered) => offered.rows(),
            Tally::Briefings(briefings) => briefings.rows(),
            Tally::Feedback(scores) => scores.rows(),
            Tally::Vendors(vendors) => vendors.rows(),
            Tally::Fairness(fairness) => fairness.rows(asked),
        };
        let sheet = Sheet::new(asked, org, fields, rows);
        Sheet { tickets: self.tickets, left_out: self.left_out, ..sheet }
    }
}
