//! Tickets, routing, offers, escalation, handoff, waits. A command and `now` go in, what happened comes out.
//! Pure, total, deterministic: never awaits, never asks a clock, a die or the database.

mod ticket;
pub use ticket::*;

mod clock;
pub use clock::{Clock, ClockKind, ClockState};

mod request;
pub use request::Request;

mod blank;
pub use blank::is_blank;

mod approval;
pub use approval::{Approval, ApprovalEnd, Aside};

mod at_once;

mod link;

mod news;

mod update;
pub use update::Update;

mod vendor;
pub use vendor::{ReplyStatus, VendorReply, Visit};

mod verdict;
pub use verdict::{BriefPart, Receipt, Received, ReceivedKind, Verdict};

mod apply;

mod erase;
pub use erase::{ERASED, Erased, Erasure, Forgotten, erase, has_word};

mod audit;
pub use audit::{AuditedAt, Flaw, Retelling, audit};

mod command;
pub use command::{Action, Actor, Answer, Command, Patch, Refusal, Verb};

mod event;
pub use event::{Escalation, Event, Explanation, OfferEnd, Outcome, Reason, Rejected, StepWhy, What};

mod notice;
pub use notice::{About, Asked, Notice, NoticeKind, Passed, Says, Spoken, VendorSaid, Why};

mod contact;
pub use contact::Stage;

mod shifts;
pub use shifts::ShiftCheck;

mod words;

mod profile;
pub use profile::{check_facts, class_of, language_of, may_see, region_of, residency_of};

mod work;

mod choose;

mod case;

mod place;

mod look;

mod promises;

mod closing;

mod further;

mod custody;
pub use custody::{Attributed, Custody, Held, Share, attribution, custody};

mod handoff;

mod verbs;

mod onward;

mod notices;

mod state;
pub use state::{Changes, Desk, Numbers, Rules, Saved};
