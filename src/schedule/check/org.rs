//! The organisation as such: tiers, priorities, waits, handoffs, regions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::schedule::place::{At, Place};
use crate::schedule::read::{
    HandoffTable, Length, OrgTable, PriorityRuleTable, PriorityTable, RaiseTable, RegionTable, UpdatesTable,
};
use crate::schedule::*;

use super::Checker;
use super::merge::Declared;

/// `[org]`, checked.
pub struct Org {
    pub name: String,
    pub tiers: Vec<TierId>,
    pub language: Language,
    pub policy: PolicyId,
    pub last_resort: Option<PersonId>,
    pub sla: Option<SlaId>,
    pub check_before: TimeDelta,
}

impl Checker<'_> {
    pub fn org(&mut self, written: bool, org: Option<OrgTable>) -> Option<Org> {
        let Some(org) = org else {
            if !written {
                self.notes
                    .error("missing-org", Place::NOWHERE, "no file has a table [org]")
                    .remedy("write one with `tiers`, lowest first, and `policy`");
            }
            return None;
        };
        let tiers = org.tiers.map(|tiers| self.tiers(tiers));
        let policy = org.policy.and_then(|name| self.names.policy(&name, &mut self.notes));
        let last_resort = org.last_resort.map(|name| self.names.person(&name, &mut self.notes));
        let sla = org.sla.map(|name| self.names.sla(&name, &mut self.notes));
        let check_before = org.check_before.map(|length| self.check_before(length));
        Some(Org {
            name: org.name.unwrap_or_else(|| defaults::ORG_NAME.to_string()),
            tiers: tiers?,
            language: org.language.unwrap_or_else(|| Language::new(defaults::LANGUAGE)),
            policy: policy?,
            last_resort: last_resort.flatten(),
            sla: sla.flatten(),
            check_before: check_before.unwrap_or(defaults::CHECK_BEFORE),
        })
    }

    /// Of the organisation or of a team; zero: nobody is checked.
    pub fn check_before(&mut self, length: At<Length>) -> TimeDelta {
        if length.value.0 > defaults::CHECK_BEFORE_MAX {
            let most = duration_text(defaults::CHECK_BEFORE_MAX);
            self.notes
                .error("bad-duration", length.place, format!("this is longer than {most:?}"))
                .remedy(format!(
                    "write what is left to mend a channel before a shift, like \"30m\": at most {most:?}, \"0s\" to check \
                     nobody"
                ));
        }
        length.value.0
    }

    fn tiers(&mut self, tiers: At<Vec<Option<At<String>>>>) -> Vec<TierId> {
        if tiers.value.is_empty() {
            self.notes
                .error("empty-list", tiers.place, "there are no tiers")
                .remedy("write at least one: [\"frontline\"]");
        }
        let mut seen = BTreeSet::new();
        for tier in tiers.value.iter().flatten() {
            self.id(tier);
            if !seen.insert(&tier.value) {
                self.notes
                    .error("duplicate-id", tier.place, format!("the tier {:?} stands twice", tier.value))
                    .remedy("each tier has one place in the order");
            }
        }
        tiers.value.iter().flatten().map(|tier| TierId::new(&tier.value)).collect()
    }

    pub fn priority(&mut self, table: Option<PriorityTable>) -> ([[Priority; 3]; 3], Vec<Raise>) {
        let Some(table) = table else { return (defaults::MATRIX, Vec::new()) };
        let matrix = table.matrix.and_then(|matrix| self.matrix(matrix)).unwrap_or(defaults::MATRIX);
        let raise = table.raise.unwrap_or_default();
        (matrix, raise.into_iter().filter_map(|raise| self.raise(raise)).collect())
    }

    fn matrix(&mut self, matrix: At<Vec<Option<Vec<Option<Priority>>>>>) -> Option<[[Priority; 3]; 3]> {
        // What could not be read has been noted.
        let rows = matrix.value.into_iter().map(|row| row?.into_iter().collect());
        let rows: Vec<Vec<Priority>> = rows.collect::<Option<_>>()?;
        let rows: Option<Vec<[Priority; 3]>> = rows.into_iter().map(|row| row.try_into().ok()).collect();
        let square = rows.and_then(|rows| rows.try_into().ok());
        if square.is_none() {
            self.notes
                .error("bad-matrix", matrix.place, "the matrix needs three rows of three priorities")
                .remedy("rows are impact, columns urgency: high, medium, low");
        }
        square
    }

    fn raise(&mut self, raise: RaiseTable) -> Option<Raise> {
        let when = raise.when.map(|when| self.conditions(when));
        let to = match (raise.by, raise.to) {
            (Some(by), None) => RaiseTo::By(by.value as usize),
            (None, Some(to)) => RaiseTo::AtLeast(to),
            (None, None) => {
                self.notes
                    .error("raise-to-what", raise.place, "this does not say to which priority")
                    .remedy("add `by = 1` or `to = \"P1\"`");
                return None;
            }
            (Some(_), Some(_)) => {
                self.notes
                    .error("raise-to-what", raise.place, "`by` and `to` exclude each other")
                    .remedy("keep one of them");
                return None;
            }
        };
        Some(Raise { when: when?, to })
    }

    pub fn priorities(&mut self, tables: Declared<PriorityRuleTable>) -> [PriorityRule; 5] {
        let mut rules = defaults::PRIORITIES;
        for (name, (id, table)) in tables {
            let Some(priority) = Priority::ALL.into_iter().find(|priority| priority.to_string() == name)
            else {
                self.notes
                    .error("unknown-priority", id.place, format!("there is no priority {name:?}"))
                    .remedy("the priorities are P1 to P5");
                continue;
            };
            if let Some(table) = table {
                self.priority_rule(table, &mut rules[priority.index()]);
            }
        }
        rules
    }

    fn priority_rule(&mut self, table: PriorityRuleTable, rule: &mut PriorityRule) {
        if let Some(length) = table.acknowledge_within {
            rule.acknowledge_within = self.positive(length);
        }
        if let Some(At { value: resolve, place }) = table.resolve_within {
            rule.resolve_within = resolve.0.map(|length| self.positive(At { value: Length(length), place }));
        }
        rule.when_closed = table.when_closed.unwrap_or(rule.when_closed);
        rule.at_shift_end = table.at_shift_end.unwrap_or(rule.at_shift_end);
        rule.updates = table.updates.and_then(|updates| self.updates(updates));
        if rule.resolve_within.is_some_and(|resolve| resolve < rule.acknowledge_within) {
            self.notes
                .warning(
                    "resolve-before-acknowledge",
                    table.place,
                    "`resolve_within` runs out before `acknowledge_within`",
                )
                .remedy(
                    "give more time to resolve than to acknowledge, or write `resolve_within = \"none\"`",
                );
        }
    }

    fn updates(&mut self, table: UpdatesTable) -> Option<UpdatesOwed> {
        let first = table.first.map(|length| self.positive(length));
        let every = self.positive(table.every?);
        Some(UpdatesOwed { first: first.unwrap_or(every), every })
    }

    pub fn handoff(&mut self, table: Option<HandoffTable>) -> HandoffRule {
        let mut rule = defaults::HANDOFF;
        let Some(table) = table else { return rule };
        let length = |found: Option<At<Length>>, default| found.map_or(default, |at| at.value.0);
        rule.lead = length(table.lead, rule.lead);
        rule.minimum_remaining = length(table.minimum_remaining, rule.minimum_remaining);
        rule.hops_before_review = table.hops_before_review.unwrap_or(rule.hops_before_review);
        rule.keep_at_most = length(table.keep_at_most, rule.keep_at_most);
        rule
    }

    pub fn regions(&mut self, tables: Declared<RegionTable>) -> BTreeMap<RegionId, Region> {
        let mut regions = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            let Some(table) = table else { continue };
            let zone = table.timezone.and_then(|zone| self.zones.find(&zone, &mut self.notes));
            let Some(timezone) = zone else { continue };
            let name = table.name.unwrap_or_else(|| id.value.clone());
            let residency = table.residency.map(|name| Residency::new(&name.value));
            regions.insert(RegionId::new(&id.value), Region { name, timezone, residency });
        }
        regions
    }

    /// A duration that cannot be zero.
    pub fn positive(&mut self, length: At<Length>) -> TimeDelta {
        if length.value.0.is_zero() {
            self.notes
                .error("bad-duration", length.place, "this cannot be zero")
                .remedy("write a duration like \"15m\"");
        }
        length.value.0
    }
}
