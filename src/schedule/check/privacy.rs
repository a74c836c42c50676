//! After how long what is personal is erased.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::schedule::place::At;
use crate::schedule::privacy::{INTERNAL, PrivacyRule};
use crate::schedule::read::{CloseAfter, Entries, Length, Node, PrivacyTable, Read, Value};

use super::Checker;

/// In `erase_after`, those of every other class, and of none.
const DEFAULT: &str = "default";
/// What is still being talked about is not erased, and answers to repeated requests live as long.
const ERASE_AFTER_MIN: TimeDelta = TimeDelta::days(1);

impl Checker<'_> {
    pub fn privacy(&mut self, table: Option<PrivacyTable>) -> PrivacyRule {
        let Some(written) = table.and_then(|table| table.erase_after) else { return PrivacyRule::default() };
        if let Value::Text(_) = written.value {
            let after = At::<CloseAfter>::read(written, &mut self.notes);
            let erase_after = after.and_then(|after| self.erase_after(after));
            return PrivacyRule { erase_after, by_class: BTreeMap::new() };
        }
        let mut rule = PrivacyRule::default();
        for (class, after) in self.by_class(written) {
            let after = self.erase_after(after);
            if class.value == DEFAULT {
                rule.erase_after = after;
                continue;
            }
            if class.value == INTERNAL {
                rule.by_class.insert(class.value, after);
                continue;
            }
            let class = self.names.customer_classes(vec![class], &mut self.notes);
            rule.by_class.extend(class.into_iter().map(|class| (class, after)));
        }
        rule
    }

    fn by_class(&mut self, written: Node) -> Vec<(At<String>, At<CloseAfter>)> {
        let table = Entries::<Option<At<CloseAfter>>>::read(written, &mut self.notes).unwrap_or_default();
        table.into_iter().filter_map(|(class, after)| Some((class, after?))).collect()
    }

    fn erase_after(&mut self, At { value, place }: At<CloseAfter>) -> Option<TimeDelta> {
        let after = self.positive(At { value: Length(value.0?), place });
        if after < ERASE_AFTER_MIN && !after.is_zero() {
            self.notes
                .error("out-of-range", place, "nothing is erased within a day")
                .remedy("write at least \"1d\"; what has to go at once goes with `meridian forget`");
        }
        Some(after)
    }
}
