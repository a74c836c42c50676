use super::{Figures, Run};

/// For a terminal of 100 columns.
pub fn text(figures: &Figures, run: Option<&Run>) -> String {
    format!("{} {}", figures.organisation, run.map_or("", |run| &run.schedules))
}
