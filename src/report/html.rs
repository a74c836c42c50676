use super::{Figures, Run};

/// One page that stands alone.
pub fn html(figures: &Figures, run: Option<&Run>) -> String {
    super::text(figures, run)
}
