//! Rotations: who takes turns, when turns change, on which line.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

use crate::schedule::place::{At, Note, Place};
use crate::schedule::read::{Node, Read, RotationTable, Value, WindowTable};
use crate::schedule::suggest::did_you_mean;
use crate::schedule::*;

use super::Checker;

/// What an override calls a team's hours, so no line can have this name.
pub const HOURS: &str = "hours";

/// How far ahead of `starts` a rule's first occurrence is looked for.
const FIRST_WITHIN: TimeDelta = TimeDelta::days(3_660);

impl Checker<'_> {
    pub fn rotation(
        &mut self,
        table: RotationTable,
        team: &At<String>,
        team_zone: &ZoneName,
    ) -> Option<Rotation> {
        if let Some(line) = &table.line {
            self.line_name(line);
        }
        let line = table.line.map_or(LineId::new(defaults::LINE), |line| LineId::new(&line.value));
        let during = self.during(table.during, team);
        let starts = table.starts.map(|at| At { value: at.value.0, place: at.place });
        let every = match (&starts, &table.every) {
            (Some(starts), Some(every)) => self.every(every, starts),
            _ => None,
        };
        let lasts = table.lasts.map(|length| self.positive(length));
        if let (Some(starts), Some(until)) = (&starts, &table.until)
            && until.value.0 <= starts.value
        {
            self.notes
                .error("ends-before-start", until.place, "this rotation ends before it starts")
                .remedy("write an `until` that is later than `starts`");
        }
        let zone = table.timezone.map(|zone| self.zones.find(&zone, &mut self.notes));
        let members = table.members.map(|members| self.turns(members));
        Some(Rotation {
            origin: Origin::File(self.sources.path(table.place.file).clone(), table.place.from),
            name: table.name.map_or_else(|| line.to_string(), |name| name.value),
            line,
            layer: table.layer.unwrap_or(0),
            during,
            timezone: zone.unwrap_or_else(|| Some(team_zone.clone()))?,
            starts: starts?.value,
            every: every?,
            lasts,
            until: table.until.map(|until| until.value.0),
            members: members?,
        })
    }

    fn line_name(&mut self, line: &At<String>) {
        self.id(line);
        if line.value == HOURS {
            self.notes
                .error("reserved-line", line.place, "a line cannot be called \"hours\"")
                .remedy("overrides call the team's hours so; choose another name");
        }
    }

    /// Names that the author gave; a line's own can stand for several layers.
    pub fn rotation_names(&mut self, rotations: &[RotationTable]) {
        let mut seen = BTreeSet::new();
        for name in rotations.iter().filter_map(|rotation| rotation.name.as_ref()) {
            if !seen.insert(&name.value) {
                self.notes
                    .warning(
                        "rotation-name-twice",
                        name.place,
                        format!("another rotation of this team is called {:?} too", name.value),
                    )
                    .remedy("give each its own: it is how people tell them apart");
            }
        }
    }

    fn during(&mut self, during: Option<Node>, team: &At<String>) -> During {
        let Some(node) = during else { return During::Always };
        let place = node.place;
        let Value::Text(word) = &node.value else {
            if matches!(&node.value, Value::List(windows) if windows.is_empty()) {
                self.never_serves(place, "there is no window here".to_string())
                    .remedy("write a window, or leave out `during` for always");
            }
            let windows = Vec::<WindowTable>::read(node, &mut self.notes).unwrap_or_default();
            return During::Windows(
                windows
                    .into_iter()
                    .filter_map(|window| self.plain_window(window, "the rotation's own `members` serve"))
                    .collect(),
            );
        };
        match word.as_str() {
            "always" => During::Always,
            "within-hours" => {
                if self.names.closed.contains(team.value.as_str()) {
                    self.never_serves(place, format!("{:?} has no hours", team.value))
                        .remedy("give the team `hours`, or leave out `during`");
                }
                During::WithinHours
            }
            "outside-hours" => During::OutsideHours,
            _ => {
                let note = self.notes.error(
                    "unknown-word",
                    node.place,
                    format!("{word:?} is not one of the words known here"),
                );
                note.remedy = did_you_mean(word, ["always", "within-hours", "outside-hours"]).or_else(|| {
                    Some(
                        "write \"always\", \"within-hours\", \"outside-hours\" or a list of windows"
                            .to_string(),
                    )
                });
                During::Always
            }
        }
    }

    fn never_serves(&mut self, place: Place, why: String) -> &mut Note {
        self.notes.warning("never-serves", place, format!("{why}, so this rotation never serves"))
    }

    fn every(&mut self, every: &At<String>, starts: &At<NaiveDateTime>) -> Option<Every> {
        match every.value.as_str() {
            "day" => return Some(Every::Day),
            "week" => return Some(Every::Week),
            "month" => return Some(Every::Month),
            _ => (),
        }
        let rule = match rules::accept(&every.value, starts.value) {
            Ok(rule) => rule,
            Err(refused) => {
                let note = self.notes.error(refused.code, every.place, refused.message);
                note.remedy(
                    did_you_mean(&every.value, ["day", "week", "month"])
                        .unwrap_or_else(|| refused.remedy.to_string()),
                );
                return None;
            }
        };
        let first = rules::occurrences(&rule, starts.value, starts.value + FIRST_WITHIN).next();
        if let Some(first) = first.filter(|first| *first != starts.value) {
            self.notes
                .warning(
                    "short-first-turn",
                    starts.place,
                    format!("the rule does not name this time: the first turn ends at {first}, out of step"),
                )
                .remedy("write a `starts` that the rule names, unless that is meant");
        }
        Some(Every::Rule(Arc::from(rule)))
    }

    fn turns(&mut self, members: At<Vec<Node>>) -> Vec<Vec<PersonId>> {
        if members.value.is_empty() {
            self.notes
                .error("empty-list", members.place, "nobody takes turns in this rotation")
                .remedy("list the ids of people in `members`");
        }
        members.value.into_iter().filter_map(|entry| self.turn(entry)).collect()
    }

    fn turn(&mut self, entry: Node) -> Option<Vec<PersonId>> {
        let place = entry.place;
        let group: Vec<Option<At<String>>> = match entry.value {
            Value::Text(name) => vec![Some(At { value: name, place })],
            _ => Vec::read(entry, &mut self.notes)?,
        };
        if group.is_empty() {
            self.notes
                .error("empty-list", place, "nobody serves in this turn")
                .remedy("write an id, or a list of ids that serve together");
        }
        Some(self.persons_once(group))
    }
}
