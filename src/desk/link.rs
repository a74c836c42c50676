//! One outage, many tickets: those that are linked to another ticket hear what happens to that one.

use std::collections::BTreeSet;

use super::case::Case;
use super::profile::may_see;
use super::{Refusal, State, Ticket, TicketId, Update, What, Why};
use crate::schedule::{PersonId, Residency};

/// More are more than one outage; each status update is said of all of them in one decision.
const LINKED_MAX: usize = 1_000;
/// Of each part of a status update: whoever wants all of it looks at the ticket it is about.
const SAID_MAX: usize = 500;

impl Case<'_> {
    /// To a live ticket, whose status updates count for this one from now on.
    pub fn link(&mut self, to: TicketId) -> Result<(), Refusal> {
        self.must_be(&[State::Waiting, State::Held, State::Pending], "linked")?;
        self.must_have_a_hand()?;
        if self.ticket.parent == Some(to) {
            return Ok(());
        }
        let refused = |why: String| Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        if to == self.ticket.id {
            return refused("it cannot be linked to itself".to_owned());
        }
        let parent = self.desk.ticket(to).filter(|parent| parent.live());
        let Some(parent) = parent.filter(|parent| self.sees(parent)) else {
            return refused(format!(
                "there is no live ticket {to} that you may see, so nothing more will be said of it"
            ));
        };
        if let Some(above) = parent.parent {
            return refused(format!("ticket {to} is linked to {above} itself: link to that one"));
        }
        if self.desk.linked_to(self.ticket.id).next().is_some() {
            return refused(format!("others are linked to it; link {to} to this one instead"));
        }
        if self.desk.linked_to(to).count() >= LINKED_MAX {
            return refused(format!(
                "{LINKED_MAX} are linked to ticket {to} already; link the others to another one of the same outage"
            ));
        }
        if let Some(residency) = self.keeps_from(parent) {
            return refused(format!("what is said of ticket {to} stays within {residency}"));
        }
        self.note(What::Linked { to });
        Ok(())
    }

    /// Whoever may not know of a ticket does not learn that there is one; programs see all.
    fn sees(&self, other: &Ticket) -> bool {
        let residency = super::residency_of(self.org, &other.facts);
        self.by.person().is_none_or(|person| may_see(self.org, person, residency.as_ref()))
    }

    /// The residency that the other ticket is bound to, and this one is not.
    pub fn keeps_from(&self, parent: &Ticket) -> Option<Residency> {
        let of_parent = super::residency_of(self.org, &parent.facts)?;
        (self.profile().residency.as_ref() != Some(&of_parent)).then_some(of_parent)
    }

    pub fn unlink(&mut self) -> Result<(), Refusal> {
        self.must_have_a_hand()?;
        if self.ticket.parent.is_some() {
            self.note(What::Unlinked);
        }
        Ok(())
    }

    /// What was said of the ticket it is linked to, in short. Whoever has heard it of that one does not hear it again.
    pub fn said_of_parent(&mut self, parent: TicketId, update: &Update, heard: BTreeSet<PersonId>) {
        self.heard = heard;
        let short = |text: &String| shortened(text, parent);
        let update = Update {
            status: short(&update.status),
            done_so_far: update.done_so_far.as_ref().map(short),
            next_action: update.next_action.as_ref().map(short),
            expected_resolution: update.expected_resolution,
        };
        self.note(What::Updated { update });
    }

    /// What is said of the ticket it is linked to may not be said of this one any more.
    pub fn link_ended(&mut self, parent: TicketId) {
        self.note_system(What::Unlinked);
        let holder = self.ticket.holder.person().cloned();
        self.inform(holder.into_iter().collect(), Why::LinkEnded { ticket: parent });
    }

    /// The ticket it is linked to is resolved: whoever has this one finds out whether it is, too.
    pub fn parent_resolved(&mut self, parent: &Ticket) {
        let holder = self.ticket.holder.person().cloned();
        let others = holder.filter(|holder| self.by.person() != Some(holder));
        self.inform(others.into_iter().collect(), Why::LinkedResolved { ticket: parent.id });
    }
}

fn shortened(text: &str, parent: TicketId) -> String {
    match text.char_indices().nth(SAID_MAX) {
        Some((end, _)) => format!("{}… (all of it: ticket {parent})", &text[..end]),
        None => text.to_owned(),
    }
}
