//! Requirements that no hours and no leave can ever keep, as nobody of the tier speaks the language.

use std::collections::BTreeSet;

use super::check::called_in;
use super::{Files, Language, Organisation, PersonId, Problem, Team, TeamId, TierId, remark, suggest};

/// A warning for each language of a requirement that nobody speaks who could ever be at work in its tier.
pub fn unspoken(organisation: &Organisation, files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for requirement in &organisation.requirements {
        let tier = &requirement.tier;
        let missing = |language: &&Language| !is_spoken(organisation, tier, language);
        for language in requirement.languages.iter().filter(missing) {
            let (name, wanted) = (&requirement.name, language.as_str());
            let message = format!("nobody of {tier} speaks {wanted:?}, so {name:?} cannot be kept");
            let known = organisation.people.values().flat_map(|person| &person.languages);
            let remedy = match suggest::nearest(wanted, known.map(Language::as_str)) {
                Some(near) if near != wanted => format!("did you mean `{near}`?"),
                _ => "add it to the `languages` of somebody who does, or take it out here".to_owned(),
            };
            let origin = &requirement.origin;
            problems.push(remark::warning_at(files, origin, "nobody-speaks", message, &remedy));
        }
    }
    problems
}

fn is_spoken(organisation: &Organisation, tier: &TierId, language: &Language) -> bool {
    let mut teams = organisation.teams.iter().filter(|(_, team)| team.tier == *tier);
    teams.any(|(id, team)| {
        serving(organisation, id, team).iter().any(|person| organisation.speaks(team, person, language))
    })
}

/// Who could ever be at work in a team, by hours, rotations or overrides.
fn serving<'o>(organisation: &'o Organisation, id: &TeamId, team: &'o Team) -> BTreeSet<&'o PersonId> {
    let of_hours = team.hours.iter().flat_map(|window| window.members.iter().flatten());
    let of_rotations = team.rotations.iter().flat_map(|rotation| rotation.members.iter().flatten());
    let overrides = organisation.overrides.iter().filter(|one| one.team == *id);
    let of_overrides = overrides.flat_map(|one| called_in(&one.effect));
    team.members.iter().chain(of_hours).chain(of_rotations).chain(of_overrides).collect()
}
