//! The same desk in virtual time: commands and schedules go in, an organisation's history comes out.
//! Decides nothing itself, and keeps what a store would keep, so that a restart can be played too.

mod world;
pub use world::{Kept, News, World};

mod invariants;
pub use invariants::{Invariants, Step};

mod standing;

mod stream;
pub use stream::{FIELDS, Format, Mistake, Opening, ReadFacts, Set, generate, read};

mod rows;

mod generate;
pub use generate::Wanted;

mod chance;
pub use chance::Delay;

mod habits;
pub use habits::Habits;

mod presence;

mod work;

mod people;

mod absence;

mod play;
pub use play::{Played, Progress, Setting, play};
