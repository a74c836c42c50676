use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Figures;
use crate::coverage::Coverage;
use crate::desk::{Event, Notice, Saved, TicketId};

/// What is measured. Whoever asks selects the tickets, best those opened within the window; each is counted whole.
#[derive(Clone, Copy, Debug)]
pub struct Happened<'a> {
    pub coverage: &'a Coverage,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub tickets: &'a BTreeMap<TicketId, Saved>,
    /// All of each ticket's events.
    pub events: &'a BTreeMap<TicketId, Vec<Event>>,
    pub notices: &'a [Notice],
}

pub fn measure(happened: &Happened) -> Figures {
    let _ = happened;
    Figures {
        organisation: String::new(),
        from: happened.from,
        until: happened.until,
        all: Default::default(),
        by_priority: BTreeMap::new(),
        by_tier: BTreeMap::new(),
        by_region: BTreeMap::new(),
        by_language: BTreeMap::new(),
        automatic: vec![],
        handoffs: vec![],
        teams: vec![],
        paged: vec![],
        hours_of_week: vec![],
        course: vec![],
        live: vec![],
        waited_longest: vec![],
    }
}
