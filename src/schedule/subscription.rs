//! Who is told how tickets go on without working on them, checked.

use std::collections::BTreeSet;

use super::{Conditions, PersonId, Residency};

/// Stakeholders of all tickets of a sort.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// Not empty.
    pub people: Vec<PersonId>,
    pub when: Conditions,
    /// Not empty.
    pub about: BTreeSet<News>,
    /// They may be told of what is bound to it, wherever they are.
    pub residency: Option<Residency>,
}

/// What followers of a ticket are told; of two at one instant the later in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    Opened,
    /// Asked for by somebody, or because nobody answered.
    Escalated,
    /// A promise to the customer was not kept.
    Breached,
    /// A status update.
    Update,
    Reopened,
    Resolved,
}

impl News {
    /// Where nobody says what about.
    pub const USUAL: [News; 4] = [News::Opened, News::Update, News::Reopened, News::Resolved];
}
