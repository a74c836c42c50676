//! Changes of the day: rows of the database, read as the files' tables are.

use crate::coverage::DayChanges;
use crate::schedule::{FieldProblem, Organisation, leave_from_json, override_from_json};
use crate::store::{DayKind, DayRow};

/// Those that fit the organisation, and in words those that do not.
pub(super) fn changes(organisation: &Organisation, rows: &[DayRow]) -> (DayChanges, Vec<String>) {
    let (mut changes, mut stale) = (DayChanges::default(), Vec::new());
    for row in rows {
        if let Err(problems) = add(organisation, row, &mut changes) {
            let problems: Vec<String> =
                problems.into_iter().map(|(field, message)| format!("{field}: {message}")).collect();
            stale.push(format!("{} {} by {}: {}", row.kind.as_str(), row.id, row.by, problems.join("; ")));
        }
    }
    (changes, stale)
}

/// Field and message of what does not fit.
pub(super) fn add(
    organisation: &Organisation,
    row: &DayRow,
    changes: &mut DayChanges,
) -> Result<(), Vec<(String, String)>> {
    let in_pairs = |problems: Vec<FieldProblem>| {
        problems.into_iter().map(|problem| (problem.field, problem.message)).collect::<Vec<_>>()
    };
    match row.kind {
        DayKind::Leave => {
            changes.leave.push(leave_from_json(organisation, &row.body, row.id).map_err(in_pairs)?);
        }
        DayKind::Override => {
            changes.overrides.push(override_from_json(organisation, &row.body, row.id).map_err(in_pairs)?);
        }
    }
    Ok(())
}
