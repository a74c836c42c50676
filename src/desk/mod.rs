//! Tickets, routing, offers, escalation, handoff, waits. A command and `now` go in, what happened comes out.
//! Pure, total, deterministic: never awaits, never asks a clock, a die or the database.

mod ticket;
pub use ticket::*;

mod command;
pub use command::{Action, Actor, Answer, Command, Patch, Refusal, Verb};

mod event;
pub use event::{Escalation, Event, Explanation, OfferEnd, Outcome, Reason, Rejected, StepWhy, What};

mod notice;
pub use notice::{Notice, NoticeKind};

mod desk;
pub use desk::{Changes, Desk, Numbers, Rules, Saved};
