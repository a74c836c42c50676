//! What the organisation requires and does not get, above all rows.

use super::sheet::{HEAD, LANE, MARGIN, Sheet};
use crate::coverage::{Gap, Proved};
use crate::picture::letters;
use crate::schedule::Language;

impl Sheet<'_, '_> {
    /// A lane for each, with its holes; what a declared gap excuses is shown quietly.
    pub fn requirements(&mut self, y: f64, broken: &[&Proved]) {
        self.svg.text("team-name", [MARGIN, y + 12.0], "Required and missing");
        for (place, proved) in broken.iter().enumerate() {
            let top = y + HEAD + place as f64 * LANE;
            let name = letters::cut(&proved.name, 9.0, self.axis.left - MARGIN - 14.0);
            self.svg.text("who", [MARGIN + 10.0, top + 9.8], &name.unwrap_or_default());
            for declared in &proved.declared {
                let times = self.times(declared.from, declared.until);
                let tip = format!("{}, as declared: {} ({times})", proved.name, declared.why);
                self.stretch("on-call", (declared.from, declared.until), (top + 1.5, LANE - 3.0), &tip);
            }
            for gap in &proved.uncovered {
                let missing = missing(gap);
                let who = format!("{}, {missing}", proved.name);
                self.gap(&who, &[&missing], (gap.from, gap.until), (top + 1.5, LANE - 3.0));
            }
        }
    }
}

/// `no fr, sv`, or `nobody`
fn missing(gap: &Gap) -> String {
    match &gap.languages[..] {
        [] => "nobody".to_owned(),
        languages => {
            format!("no {}", languages.iter().map(Language::as_str).collect::<Vec<_>>().join(", "))
        }
    }
}
