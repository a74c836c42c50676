//! What the calendar has overtaken. These are warnings, so that a restart never refuses what worked yesterday.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::check::surely_over;
use super::place::{Notes, Place, Sources};
use super::rules::occurrences;
use super::{Every, Files, Moment, Organisation, Origin, Problem, Rotation, Team};

/// How far ahead a rule is asked for its next occurrence.
const HORIZON: TimeDelta = TimeDelta::days(366);

/// Rotations, leave and overrides that have ended at `now`, and rules that name no time within a year of it.
///
/// `files` are those the organisation was read from; they give each problem its place.
pub fn stale(organisation: &Organisation, files: &Files, now: DateTime<Utc>) -> Vec<Problem> {
    let sources = Sources::new(files);
    let mut notes = Notes::default();
    for team in organisation.teams.values() {
        for rotation in &team.rotations {
            stale_rotation(team, rotation, &sources, now, &mut notes);
        }
    }
    for leave in organisation.leave.iter().filter(|leave| surely_over(leave.to, now)) {
        let message = format!("this leave of {} has ended", leave.person);
        notes
            .warning("leave-over", place(&leave.origin, &sources), message)
            .remedy("it has no effect any more: take it out");
    }
    for one in &organisation.overrides {
        if surely_over(one.to, now) {
            notes
                .warning(
                    "override-over",
                    place(&one.origin, &sources),
                    format!("this override of {} has ended", one.team),
                )
                .remedy("it has no effect any more: take it out");
        }
    }
    sources.problems(notes)
}

fn stale_rotation(
    team: &Team,
    rotation: &Rotation,
    sources: &Sources,
    now: DateTime<Utc>,
    notes: &mut Notes,
) {
    let place = place(&rotation.origin, sources);
    let what = format!("the rotation {:?} of {:?}", rotation.name, team.name);
    if rotation.until.is_some_and(|until| surely_over(Moment::Local(until), now)) {
        notes
            .warning("rotation-over", place, format!("{what} has ended: its `until` is past"))
            .remedy("take it out, or write a later `until`");
        return;
    }
    if let Every::Rule(rule) = &rotation.every
        && !occurs(rule, rotation.starts, rotation.starts.max(now.naive_utc()))
    {
        notes
            .warning(
                "rule-without-occurrence",
                place,
                format!("the rule of {what} names no time within a year, so the turn in progress goes on"),
            )
            .remedy("check its BY... parts: is there such a day?");
    }
}

/// Whether the rule names a time within the horizon behind `after`; zones make no difference to a year.
fn occurs(rule: &str, starts: NaiveDateTime, after: NaiveDateTime) -> bool {
    occurrences(rule, starts, after + HORIZON).any(|at| at > after)
}

/// From where the table begins to the end of its line.
fn place(origin: &Origin, sources: &Sources) -> Place {
    match origin {
        Origin::File(path, offset) => sources.line_from(path, *offset),
        Origin::Row(_) => Place::NOWHERE,
    }
}
