//! What a resolution has to say, and when a ticket is over.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::schedule::place::At;
use crate::schedule::read::{CloseAfter, ClosingTable, Length, Node, Read, Value};
use crate::schedule::{ClosingRule, Priority, ResolutionPart};

use super::Checker;

impl Checker<'_> {
    pub fn closing(&mut self, table: Option<ClosingTable>) -> ClosingRule {
        let mut rule = ClosingRule::default();
        let Some(table) = table else { return rule };
        for (priority, parts) in table.requires.map(|node| self.resolution_parts(node)).unwrap_or_default() {
            rule.requires[priority.index()] = parts;
        }
        for (priority, after) in table.close_after.map(|node| self.close_after(node)).unwrap_or_default() {
            rule.close_after[priority.index()] = after;
        }
        if let Some(written) = table.causes {
            rule.causes = self.causes(written);
        }
        rule
    }

    fn causes(&mut self, written: At<Vec<Option<At<String>>>>) -> Vec<String> {
        if written.value.is_empty() {
            self.notes
                .error("empty-list", written.place, "there are no causes, so no resolution could name one")
                .remedy("write at least one, or leave `causes` out: then any text is a cause");
        }
        let mut causes: Vec<String> = Vec::new();
        for cause in written.value.into_iter().flatten() {
            if cause.value.trim().is_empty() {
                self.notes
                    .error("empty-text", cause.place, "a cause must say something")
                    .remedy("write a word like \"hardware\", or take it out");
            } else if causes.contains(&cause.value) {
                self.notes
                    .warning(
                        "duplicate-cause",
                        cause.place,
                        format!("the cause {:?} stands twice", cause.value),
                    )
                    .remedy("keep one of them");
            } else {
                causes.push(cause.value);
            }
        }
        causes
    }

    /// One list for all priorities, or a table by priority.
    fn resolution_parts(&mut self, node: Node) -> Vec<(Priority, BTreeSet<ResolutionPart>)> {
        let as_set =
            |parts: Vec<Option<ResolutionPart>>| parts.into_iter().flatten().collect::<BTreeSet<_>>();
        if let Value::List(_) = node.value {
            let parts = as_set(Vec::read(node, &mut self.notes).unwrap_or_default());
            return Priority::ALL.into_iter().map(|priority| (priority, parts.clone())).collect();
        }
        let lists = self.by_priority(node);
        lists.into_iter().map(|(priority, parts)| (priority, as_set(parts))).collect()
    }

    /// One for all priorities, or a table by priority.
    fn close_after(&mut self, node: Node) -> Vec<(Priority, Option<TimeDelta>)> {
        if let Value::Text(_) = node.value {
            let Some(after) = At::<CloseAfter>::read(node, &mut self.notes) else { return Vec::new() };
            let after = self.after(after);
            return Priority::ALL.into_iter().map(|priority| (priority, after)).collect();
        }
        let lengths = self.by_priority::<At<CloseAfter>>(node);
        lengths.into_iter().map(|(priority, after)| (priority, self.after(after))).collect()
    }

    fn after(&mut self, At { value, place }: At<CloseAfter>) -> Option<TimeDelta> {
        value.0.map(|length| self.positive(At { value: Length(length), place }))
    }
}
