//! Who speaks what. Routing and the proof of coverage both ask here.

use super::{Language, Organisation, PersonId, Team};

impl Organisation {
    /// Whether `person`, at work in `team`, speaks exactly this language: the team's languages count for everybody in
    /// it. Who declares none speaks the house language. Substitutes are no matter of this question.
    pub fn speaks(&self, team: &Team, person: &PersonId, wanted: &Language) -> bool {
        let own = self.people.get(person).map(|person| &person.languages);
        let none_declared = team.languages.is_empty() && own.is_none_or(|own| own.is_empty());
        team.languages.iter().chain(own.into_iter().flatten()).any(|spoken| spoken.serves(wanted))
            || (none_declared && self.language.serves(wanted))
    }
}

impl Language {
    /// `pt` serves `pt-BR` and the other way round; `pt-PT` does not serve `pt-BR` (RFC 4647, 3.3.1, both ways).
    pub fn serves(&self, wanted: &Language) -> bool {
        fn within(range: &str, tag: &str) -> bool {
            tag.get(..range.len()).is_some_and(|start| start.eq_ignore_ascii_case(range))
                && matches!(tag.as_bytes().get(range.len()), None | Some(b'-'))
        }
        within(self.as_str(), wanted.as_str()) || within(wanted.as_str(), self.as_str())
    }
}
