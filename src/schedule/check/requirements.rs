//! What `check` is to prove about coverage, as far as the tables go.

use crate::schedule::place::At;
use crate::schedule::read::{GapTable, Node, Read, RequirementTable, Value, ZonedWindowTable};
use crate::schedule::*;

use super::Checker;
use super::changes::span;

impl Checker<'_> {
    pub fn requirements(&mut self, tables: Vec<RequirementTable>) -> Vec<Requirement> {
        tables.into_iter().filter_map(|table| self.requirement(table)).collect()
    }

    fn requirement(&mut self, table: RequirementTable) -> Option<Requirement> {
        let tier = table.tier.and_then(|name| self.names.tier(&name, &mut self.notes));
        let when = table.when.and_then(|when| self.when(when));
        let except = table.except.unwrap_or_default();
        let except = except.into_iter().filter_map(|gap| self.gap(gap)).collect();
        let origin = self.origin(table.place);
        Some(Requirement {
            origin,
            name: table.name?,
            tier: tier?,
            languages: table.languages.unwrap_or_default(),
            when,
            except,
        })
    }

    /// `None`: always.
    fn when(&mut self, when: Node) -> Option<(Vec<Window>, ZoneName)> {
        let place = when.place;
        let tables = match when.value {
            Value::Text(word) if word == "always" => return None,
            Value::Text(word) => {
                self.notes
                    .error("unknown-word", place, format!("{word:?} is not one of the words known here"))
                    .remedy("write \"always\", or { days = [\"mon\"], from = \"08:00\", to = \"17:00\" }");
                return None;
            }
            Value::List(_) => Vec::<Option<ZonedWindowTable>>::read(when, &mut self.notes)?,
            _ => vec![ZonedWindowTable::read(when, &mut self.notes)],
        };
        if tables.is_empty() {
            self.notes
                .error("empty-list", place, "this is required at no time")
                .remedy("write \"always\" or at least one window");
        }
        let mut zone: Option<ZoneName> = None;
        let mut windows = Vec::new();
        for table in tables.into_iter().flatten() {
            zone = Some(self.one_zone(zone, table.timezone, table.place));
            windows.extend(self.window(table.place, table.days, table.from, table.to));
        }
        Some((windows, zone?))
    }

    /// All windows of a requirement are read in the zone of the first.
    fn one_zone(
        &mut self,
        first: Option<ZoneName>,
        own: Option<At<ZoneName>>,
        place: crate::schedule::place::Place,
    ) -> ZoneName {
        let place = own.as_ref().map_or(place, |zone| zone.place);
        let own = match own {
            Some(zone) => self.zones.find(&zone, &mut self.notes).unwrap_or(zone.value),
            None => ZoneName::new(defaults::REQUIREMENT_ZONE),
        };
        if first.as_ref().is_some_and(|first| *first != own) {
            self.notes
                .error("two-zones", place, "the windows of one requirement are in different time zones")
                .remedy("write a second requirement");
        }
        first.unwrap_or(own)
    }

    fn gap(&mut self, gap: GapTable) -> Option<DeclaredGap> {
        let (from, to) = span(gap.from, gap.to, &mut self.notes)?;
        Some(DeclaredGap { from, to, why: gap.why? })
    }
}
