//! Stories: what becomes of tickets at the real desk, over virtual time, in the words of the domain.

mod escalation;
mod handoff;
pub mod play;
mod routing;
