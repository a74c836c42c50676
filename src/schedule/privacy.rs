//! For how long what is personal is kept.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Audience;

/// Stands for our own tickets, of whatever class their customer is, beside the classes.
pub const INTERNAL: &str = "internal";

/// `[privacy]`, checked. By default nothing is erased.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrivacyRule {
    /// Of customers whose class is not among `by_class`; `None`: never.
    pub erase_after: Option<TimeDelta>,
    /// By class of customer, and [`INTERNAL`]; `None`: never.
    pub by_class: BTreeMap<String, Option<TimeDelta>>,
}

impl PrivacyRule {
    /// How long after the last that happened to a ticket that is over what is personal in it goes; `None`: never.
    pub fn erase_after(&self, audience: Audience, class: Option<&str>) -> Option<TimeDelta> {
        let named = |class| self.by_class.get(class);
        let internal = (audience == Audience::Internal).then_some(INTERNAL);
        let own = internal.and_then(named).or_else(|| class.and_then(named));
        own.copied().unwrap_or(self.erase_after)
    }

    /// The shortest of all; `None`: nothing is ever erased.
    pub fn soonest(&self) -> Option<TimeDelta> {
        self.each().map(|(_, after)| after).min()
    }

    /// Every one there is, with the class it is of.
    pub fn each(&self) -> impl Iterator<Item = (Option<&str>, TimeDelta)> {
        let of_class =
            self.by_class.iter().filter_map(|(class, after)| Some((Some(class.as_str()), (*after)?)));
        self.erase_after.map(|after| (None, after)).into_iter().chain(of_class)
    }
}
