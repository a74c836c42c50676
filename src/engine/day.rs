//! Rows of the database held against the files: changes of the day, read as the files' tables are, and tokens.

use chrono::{DateTime, Utc};

use crate::coverage::DayChanges;
use crate::schedule::{FieldProblem, Organisation, leave_from_json, override_from_json, surely_over};
use crate::store::{DayKind, DayRow, TokenRow};

/// Those that fit the organisation, and in words those that do not.
pub(super) fn changes(organisation: &Organisation, rows: &[DayRow]) -> (DayChanges, Vec<String>) {
    let (mut changes, mut stale) = (DayChanges::default(), Vec::new());
    for row in rows {
        if let Err(problems) = add(organisation, row, &mut changes) {
            stale.push(format!("{} {} by {}: {}", row.kind.as_str(), row.id, row.by, in_words(problems)));
        }
    }
    (changes, stale)
}

/// In words, why a row changes nothing: it does not fit, or is over, in whatever zone its times are.
pub(super) fn without_effect(
    organisation: &Organisation,
    row: &DayRow,
    now: DateTime<Utc>,
) -> Option<String> {
    let mut read = DayChanges::default();
    if let Err(problems) = add(organisation, row, &mut read) {
        return Some(in_words(problems));
    }
    let leave = read.leave.iter().map(|leave| leave.to);
    let mut ends = leave.chain(read.overrides.iter().map(|one| one.to));
    ends.all(|to| surely_over(to, now)).then(|| "it has ended already, and changes nothing".to_owned())
}

fn in_words(problems: Vec<(String, String)>) -> String {
    let problems: Vec<String> =
        problems.into_iter().map(|(field, message)| format!("{field}: {message}")).collect();
    problems.join("; ")
}

/// In words, the tokens of people the schedules do not know any more: nobody can sign in with them.
pub(super) fn stale_tokens(organisation: &Organisation, tokens: &[TokenRow]) -> Vec<String> {
    let orphaned = tokens.iter().filter_map(|token| {
        let person = token.person.as_ref().filter(|person| !organisation.people.contains_key(*person))?;
        Some(format!("token {}: the schedules do not know {person} any more", token.name))
    });
    orphaned.collect()
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
