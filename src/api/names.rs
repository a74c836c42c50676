//! Names in a question, held against the schedules: a slip is no empty answer.

use super::ApiError;
use crate::schedule::{Organisation, PersonId, TeamId, TierId, nearest};

pub(super) fn known_team(organisation: &Organisation, team: Option<&TeamId>) -> Result<(), ApiError> {
    let known = organisation.teams.keys().map(TeamId::as_str);
    known_word("team", "team", team.map(TeamId::as_str), known)
}

pub(super) fn known_tier(organisation: &Organisation, tier: Option<&TierId>) -> Result<(), ApiError> {
    let known = organisation.tiers.iter().map(TierId::as_str);
    known_word("tier", "tier", tier.map(TierId::as_str), known)
}

pub(super) fn known_holder(organisation: &Organisation, holder: Option<&PersonId>) -> Result<(), ApiError> {
    let known = organisation.people.keys().map(PersonId::as_str);
    known_word("holder", "person", holder.map(PersonId::as_str), known)
}

fn known_word<'a>(
    field: &str,
    kind: &str,
    word: Option<&str>,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), ApiError> {
    let Some(word) = word.filter(|word| !known.clone().any(|name| name == *word)) else { return Ok(()) };
    let meant = nearest(word, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Err(ApiError::invalid(field, format!("no {kind} {word:?} in the schedules{meant}")))
}
