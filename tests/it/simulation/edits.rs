//! What people change in the files while tickets are on their way.

use fastrand::Rng;

use super::organisation::{Plan, chance, pick, priority, slas, some, window};

impl Plan {
    /// Other words in the files; what it was, in words.
    pub fn edit(&mut self, rng: &mut Rng) -> String {
        let number = rng.usize(..self.teams.len().max(1));
        match rng.u8(..9) {
            0 if self.teams.len() > 2 => {
                let team = self.teams.remove(number);
                let named = format!("\"{}\"", team.id);
                self.changes.retain(|change| !change.contains(&named));
                self.owners.retain(|_, owner| *owner != team.id);
                format!("team {} removed", team.id)
            }
            1 if self.people.len() > 3 => {
                let person = pick(rng, &self.people());
                self.forget(person);
                format!("{person} removed")
            }
            2 => {
                let id = pick(rng, &["standard", "urgent"]);
                let place = usize::from(id == "urgent");
                self.policies[place] = self.policy(rng, id);
                format!("policy {id} is another")
            }
            3 => {
                let team = &mut self.teams[number];
                team.hours = (0..rng.usize(..3)).map(|_| window(rng, &team.members)).collect();
                format!("other hours for {}", team.id)
            }
            4 => {
                let which = rng.usize(..5);
                self.priorities[which] = priority(rng, which + 1);
                format!("P{} is another", which + 1)
            }
            5 => {
                let people = self.people();
                self.teams[number].members = some(rng, &people, 0..5);
                let team = &mut self.teams[number];
                team.lead = team.members.first().copied();
                team.hours.iter_mut().for_each(|hours| *hours = window(rng, &[]));
                format!("other members for {}", team.id)
            }
            6 => {
                self.routes = (0..rng.usize(..3)).map(|number| self.route(rng, number)).collect();
                "other routes".to_owned()
            }
            7 => {
                self.slas = slas(rng);
                if chance(rng, 20) {
                    self.slas = self.slas.replace("warn_at = [", "warn_at = [1.5, ");
                }
                "other promises".to_owned()
            }
            _ => {
                let people = self.people();
                let change = self.change(rng, &people);
                let said = change.replace('\n', " ");
                self.changes.push(change);
                said
            }
        }
    }

    fn forget(&mut self, person: &'static str) {
        self.people.remove(person);
        let named = [format!("\"{person}\""), format!("{{ {person} = ")];
        self.changes.retain(|change| !named.iter().any(|named| change.contains(named)));
        self.last_resort = self.last_resort.filter(|last| *last != person);
        for team in &mut self.teams {
            team.members.retain(|member| *member != person);
            team.lead = team.lead.filter(|lead| *lead != person);
            for hours in &mut team.hours {
                if hours.contains(&named[0]) {
                    *hours = "{ from = \"09:00\", to = \"17:00\" }".to_owned();
                }
            }
            for (_, members) in &mut team.rotations {
                members.iter_mut().for_each(|entry| entry.retain(|member| *member != person));
                members.retain(|entry| !entry.is_empty());
            }
            team.rotations.retain(|(_, members)| !members.is_empty());
        }
    }
}
