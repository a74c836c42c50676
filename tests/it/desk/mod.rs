//! Stories: what becomes of tickets at the real desk, over virtual time, in the words of the domain.

mod approval;
mod audit;
mod choosing;
mod closing;
mod contact;
mod due;
mod erase;
mod escalation;
mod found;
mod further;
mod handoff;
mod internal;
mod news;
mod overflow;
pub mod play;
mod promises;
mod promises_oracle;
mod requests;
mod routing;
mod told;
mod vendor;
mod vendor_clock;
mod waits;
