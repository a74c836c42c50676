//! Who is at work over days or weeks, as a sheet to print and hang up: teams and lines as rows, people as bars.

use chrono::TimeDelta;

use super::people::Faces;
use crate::coverage::{Coverage, CoverageAnswer, Proof};
use crate::schedule::ZoneName;
use crate::zone::Zone;

mod axis;
use axis::Axis;

mod rows;

mod sheet;
use sheet::{Block, Sheet};

mod bars;

mod edge;

mod requirements;

mod notes;

mod style;

/// More days have no room for a bar each.
pub const DAYS_MAX: i64 = 100;

/// More shapes make a file that viewers take long to open.
const SHAPES_MAX: usize = 30_000;

/// Why there is no picture.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum TooLarge {
    #[error(
        "a picture shows at most {DAYS_MAX} days: narrow it down with --from and --to, --week or --month"
    )]
    Days,
    #[error(
        "this would be a picture of {shapes} bars, and {SHAPES_MAX} is the most: narrow it down with --team, --tier \
         or a shorter window"
    )]
    Shapes { shapes: usize },
}

/// Draws an answer on the clock of a zone. What the organisation requires of a tier and does not get stands above,
/// where all of the tier's teams are shown.
pub fn roster(
    coverage: &Coverage,
    answer: &CoverageAnswer,
    proof: &Proof,
    clock: (&ZoneName, &Zone),
) -> Result<String, TooLarge> {
    if answer.to - answer.from > TimeDelta::days(DAYS_MAX) + TimeDelta::hours(2) {
        return Err(TooLarge::Days);
    }
    let tiers = rows::tiers(coverage, answer);
    let axis = Axis {
        zone: clock.1,
        from: answer.from,
        until: answer.to,
        left: sheet::GUTTER,
        width: sheet::WIDTH - sheet::GUTTER - sheet::MARGIN,
    };
    let shapes: usize = tiers.iter().flat_map(|tier| &tier.teams).map(|team| bars::shapes(team, &axis)).sum();
    if shapes > SHAPES_MAX {
        return Err(TooLarge::Shapes { shapes });
    }
    let faces = Faces::new(&coverage.organisation, rows::people(&tiers));
    let changes = edge::clock_changes(coverage, answer, clock);
    let days = axis.days();
    let broken = rows::broken(proof, &tiers);
    let (blocks, bottom) = sheet::blocks(&broken, &tiers, edge::height(&changes, &axis));
    let title = format!("{}: who is at work", coverage.organisation.name);
    let mut sheet = Sheet::new(&axis, faces, bottom, &title);
    sheet.title(&title, answer, clock.0);
    sheet.ground(&days, &blocks);
    for (y, block) in &blocks {
        match block {
            Block::Days => sheet.days(*y, &days),
            Block::Requirements(broken) => sheet.requirements(*y, broken),
            Block::Tier(tier) => sheet.tier(*y, tier),
            Block::Team(team) => sheet.team(*y, team),
        }
    }
    sheet.clock_changes(&changes);
    sheet.legend();
    sheet.notes(&broken, &tiers, &changes);
    Ok(sheet.finish())
}
