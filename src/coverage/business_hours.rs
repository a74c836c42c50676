//! Open hours that belong to no team: placed date by date as a team's are, with nobody at work in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::hours;
use super::interval::{self, Interval};
use super::plan::zone;
use super::timeline::{People, Span, Timeline};
use crate::schedule::{BusinessHours, BusinessHoursId, Organisation, TeamId};
use crate::zone::Zones;

/// Whose open hours are meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OpenHours<'a> {
    Team(&'a TeamId),
    Business(&'a BusinessHoursId),
}

impl<'a> From<&'a TeamId> for OpenHours<'a> {
    fn from(team: &'a TeamId) -> OpenHours<'a> {
        OpenHours::Team(team)
    }
}

impl<'a> From<&'a BusinessHoursId> for OpenHours<'a> {
    fn from(hours: &'a BusinessHoursId) -> OpenHours<'a> {
        OpenHours::Business(hours)
    }
}

pub fn timelines(
    organisation: &Organisation,
    zones: &Zones,
    range: Interval,
) -> BTreeMap<BusinessHoursId, Arc<Timeline>> {
    let all = organisation.business_hours.iter();
    all.map(|(id, hours)| (id.clone(), Arc::new(timeline(hours, organisation, zones, range)))).collect()
}

pub fn timeline(
    hours: &BusinessHours,
    organisation: &Organisation,
    zones: &Zones,
    range: Interval,
) -> Timeline {
    let zone = zone(zones, &hours.timezone);
    let openings = hours::openings(&hours.hours, &hours.holidays, &organisation.calendars, zone, range);
    let open = interval::union(openings.iter().map(|opening| opening.interval.common(range)).collect());
    let closed = interval::complement(&open, range);
    let (nobody, no_lines): (People, _) = (Arc::from([]), Arc::default());
    let span = |Interval { from, until }: Interval, open| Span {
        from,
        until,
        open,
        working: nobody.clone(),
        on_call: Arc::clone(&no_lines),
    };
    let mut spans: Vec<Span> = open.into_iter().map(|interval| span(interval, true)).collect();
    spans.extend(closed.into_iter().map(|interval| span(interval, false)));
    spans.sort_by_key(|span| span.from);
    Timeline::new(spans)
}
