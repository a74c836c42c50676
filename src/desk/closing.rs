//! A ticket is solved, and some time later it is over.

use super::case::Case;
use super::{Refusal, State, What};
use crate::schedule::{ResolutionPart, nearest};

impl Case<'_> {
    pub fn resolve(&mut self, notes: String, cause: Option<String>) -> Result<(), Refusal> {
        self.must_be(&[State::Waiting, State::Held, State::Pending], "resolved")?;
        let cause = cause.filter(|cause| !cause.trim().is_empty());
        self.must_say(&notes, cause.as_deref())?;
        self.must_be_known(cause.as_deref())?;
        self.must_have_a_hand()?;
        let closes_at = self.org.closing.close_after(self.ticket.priority).map(|after| self.now + after);
        self.recall_resolved();
        self.note(What::Resolved { notes, cause, closes_at });
        Ok(())
    }

    /// What the files ask of a resolution; the refusal names all that is missing.
    fn must_say(&self, notes: &str, cause: Option<&str>) -> Result<(), Refusal> {
        let (rule, priority) = (&self.org.closing, self.ticket.priority);
        let said = |part: &ResolutionPart| match part {
            ResolutionPart::Notes => !super::is_blank(notes),
            ResolutionPart::Cause => cause.is_some(),
        };
        let missing: Vec<ResolutionPart> =
            rule.required(priority).iter().copied().filter(|part| !said(part)).collect();
        let Some(first) = missing.first() else { return Ok(()) };
        let names: Vec<String> = missing.iter().map(|part| format!("`{}`", part.as_str())).collect();
        let causes = match missing.contains(&ResolutionPart::Cause) && !rule.causes.is_empty() {
            true => format!(" (causes are {})", rule.causes.join(", ")),
            false => String::new(),
        };
        let message = format!("a {priority} ticket is not resolved without {}{causes}", names.join(" and "));
        Err(Refusal::Invalid { field: first.as_str(), message })
    }

    fn must_be_known(&self, cause: Option<&str>) -> Result<(), Refusal> {
        let causes = &self.org.closing.causes;
        let Some(cause) = cause.filter(|cause| !causes.is_empty() && !causes.iter().any(|one| one == cause))
        else {
            return Ok(());
        };
        let remedy = match nearest(cause, causes.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("causes are {}", causes.join(", ")),
        };
        Err(Refusal::Invalid { field: "cause", message: format!("there is no cause {cause:?}; {remedy}") })
    }

    /// Nobody has reopened it in the time that the files give for that.
    pub fn close_if_due(&mut self) {
        if self.ticket.closes_at.is_some_and(|at| at <= self.now) {
            self.note_system(What::Closed { reason: "resolved, and nobody has reopened it".into() });
        }
    }
}
