//! Who is at work, when. An organisation and its zones go in, a [`Timeline`] per team comes out.
//! The one place that answers this. Never reads a file, a clock or the database.

mod compile;
pub use compile::Coverage;

mod timeline;
pub use timeline::{People, Span, Timeline};

mod answers;
pub use answers::{CoverageAnswer, OnDuty, TeamSpans, WhoAnswer, spans, who};

mod proof;
pub use proof::{Declared, Gap, Miss, Needless, Proof, Proved, Why, prove, tell_who_nearly};

mod stretches;
pub use stretches::{Duty, Nobody, Presence, Present, Stretch, presence};

mod calendar;
pub use calendar::{REACH as CALENDAR_REACH, calendar};

mod moved;
pub use moved::{Border, Move, MovedTeam, MovedZone, compare_zones, moved_by_zones};

mod clock_changes;
pub use clock_changes::{ClockSurprise, ClocksSet, SurpriseKind, ZoneChange, clock_surprises, clocks_set};

mod stand_ins;
pub use stand_ins::{StandIn, stand_ins};

mod team;

mod plan;

mod picture;

mod turns;

mod beginnings;

mod hours;
pub use hours::holiday;

mod business_hours;
pub use business_hours::OpenHours;

mod contact;
pub use contact::{LOG, Unreached, unreached};

mod shifts;
pub use shifts::{Fault, Faulty, Shift, Unready};

mod moments;
pub use moments::DayChanges;

mod empty;
pub use empty::{EmptyChange, empty_changes};

mod lasting;
pub use lasting::lasting;

mod interval;
pub use interval::{Interval, complement, union};
