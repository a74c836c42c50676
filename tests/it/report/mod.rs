//! What happened, in numbers.

mod fairness;
mod figures;
mod incident;
mod page;
mod parts;
mod recomputed;
pub mod reports;
mod sums;
mod week;

use meridian::report::{Figures, Happened, measure};

use crate::desk::play::{Played, played};

/// The figures of a story.
fn figures(toml: &str, script: &str) -> Figures {
    of(&played(toml, script))
}

fn of(played: &Played) -> Figures {
    measure(&Happened {
        coverage: &played.coverage,
        from: played.from,
        until: played.until,
        tickets: &played.tickets,
        events: &played.events,
        notices: &played.notices,
    })
}
