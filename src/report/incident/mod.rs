//! What happened to one ticket, for those who look back on it: a ticket and its history go in, a document for people
//! comes out, as Markdown or as a page that stands alone.

mod document;
pub use document::Document;

mod markdown;

mod html;

mod happenings;

mod names;

mod parts;

use chrono::{DateTime, Utc};

use crate::coverage::Coverage;
use crate::desk::{Event, Ticket};
use names::Names;

/// What a report is made of.
pub struct Incident<'a> {
    pub ticket: &'a Ticket,
    /// All of it, from its opening on.
    pub history: &'a [Event],
    pub coverage: &'a Coverage,
    /// Counts only while the ticket is live.
    pub now: DateTime<Utc>,
}

impl Incident<'_> {
    pub fn document(&self) -> Document {
        let names = Names::new(self.coverage, self.ticket, self.history);
        Document {
            title: format!("Post-incident report: ticket {}", self.ticket.id),
            subtitle: names.line(&self.ticket.facts.title),
            lead: self.lead(&names),
            sections: vec![
                self.summary(&names),
                self.time_line(&names),
                self.custody(&names),
                self.promises(&names),
                self.updates(&names),
                self.escalations(&names),
                self.verdicts(&names),
                self.unreached(&names),
                self.resolution(&names),
                self.feedback(&names),
                parts::actions(),
            ],
        }
    }
}
