//! Rule 9: who serves at one instant. A picture holds everybody who is scheduled, those on leave too,
//! and overrides change it one after the other.

/// A person, as their place among a team's people.
pub type Person = u32;

/// What one override does to a picture.
pub enum Change {
    /// Each sees the picture before the override. Somebody named twice is covered first, then removed.
    Change {
        cover: Vec<(Person, Person)>,
        remove: Vec<Person>,
        add: Vec<Person>,
    },
    Only(Vec<Person>),
}

/// Hours, or one line, at one instant.
#[derive(Debug, Default)]
pub struct Picture {
    /// Highest first, down to the first that serves; those below never count.
    layers: Vec<Vec<Slot>>,
    /// Whom overrides have put beside the plan, or in its place.
    beside: Vec<Person>,
}

/// What one rotation's turn, or the hours, put into a picture.
#[derive(Debug)]
pub struct Slot {
    scheduled: Vec<Seat>,
    /// Those who serve while all who are scheduled are away.
    stand_ins: Vec<Seat>,
}

#[derive(Clone, Copy, Debug)]
struct Seat {
    person: Person,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Serving,
    /// On leave; only a cover still finds them.
    Away,
    /// An override took them out, and nobody fills the gap.
    Removed,
}

impl Slot {
    /// The hours: those away are missed, and nobody steps in.
    pub fn of_hours(scheduled: &[Person], is_away: impl Fn(Person) -> bool) -> Slot {
        Slot { scheduled: seats(scheduled, is_away), stand_ins: Vec::new() }
    }

    /// The turn of entry `turn`: where all of it are away, those present of the next entry that has any step in.
    pub fn of_turn(members: &[Vec<Person>], turn: usize, is_away: impl Fn(Person) -> bool) -> Slot {
        let mut slot = Slot::of_hours(&members[turn], &is_away);
        if !slot.is_held() {
            let others = members[turn + 1..].iter().chain(&members[..turn]);
            let mut present = others.map(|entry| {
                let mut seats = seats(entry, &is_away);
                seats.retain(|seat| seat.state == State::Serving);
                seats
            });
            slot.stand_ins = present.find(|seats| !seats.is_empty()).unwrap_or_default();
        }
        slot
    }

    /// Whether the plan's own people, or a gap that an override tore, keep stand-ins away.
    fn is_held(&self) -> bool {
        self.scheduled.iter().any(|seat| seat.state != State::Away)
    }

    fn serves(&self) -> bool {
        self.is_held() || !self.stand_ins.is_empty()
    }

    fn change(&mut self, cover: &[(Person, Person)], remove: &[Person]) {
        // Stand-ins who do not serve are changed as well; whoever made them step back does not go away again.
        for seat in self.scheduled.iter_mut().chain(&mut self.stand_ins) {
            if seat.state == State::Removed {
                continue;
            }
            if let Some(stand_in) = covered_by(cover, seat.person) {
                *seat = Seat { person: stand_in, state: State::Serving };
            } else if seat.state == State::Serving && remove.contains(&seat.person) {
                seat.state = State::Removed;
            }
        }
    }

    /// Who is away of those scheduled, and who serves instead, perhaps nobody. `None`: the plan's own people serve,
    /// or an override has decided.
    pub fn substitution(&self) -> Option<(Vec<Person>, Vec<Person>)> {
        let away = || self.scheduled.iter().map(|seat| seat.person).collect();
        (!self.is_held()).then(|| (away(), self.people().collect()))
    }

    fn people(&self) -> impl Iterator<Item = Person> + '_ {
        let seats = if self.is_held() { &self.scheduled } else { &self.stand_ins };
        seats.iter().filter(|seat| seat.state == State::Serving).map(|seat| seat.person)
    }
}

impl Picture {
    /// Puts a layer beneath those there are. `false`: it serves, so that none below counts.
    pub fn add_layer(&mut self, slots: Vec<Slot>) -> bool {
        let serves = slots.iter().any(Slot::serves);
        self.layers.push(slots);
        !serves
    }

    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Only(people) => *self = Picture { layers: Vec::new(), beside: people.clone() },
            Change::Change { cover, remove, add } => {
                let serving = self.serving();
                for slot in self.layers[..serving].iter_mut().flatten() {
                    slot.change(cover, remove);
                }
                let beside = std::mem::take(&mut self.beside);
                let kept = beside.into_iter().filter_map(|person| {
                    covered_by(cover, person).or_else(|| (!remove.contains(&person)).then_some(person))
                });
                self.beside = kept.chain(add.iter().copied()).collect();
            }
        }
    }

    /// Sorted, without repeats.
    pub fn people(&self) -> Vec<Person> {
        let serving = self.layers().last();
        let planned = serving.into_iter().flatten().flat_map(Slot::people);
        let mut people: Vec<Person> = planned.chain(self.beside.iter().copied()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// The layers that count, highest first, with the slots that were put into each.
    pub fn layers(&self) -> &[Vec<Slot>] {
        &self.layers[..self.serving()]
    }

    /// How many layers count: down to the first that serves.
    fn serving(&self) -> usize {
        let first = self.layers.iter().position(|layer| layer.iter().any(Slot::serves));
        first.map_or(self.layers.len(), |place| place + 1)
    }
}

fn seats(people: &[Person], is_away: impl Fn(Person) -> bool) -> Vec<Seat> {
    let state = |person| if is_away(person) { State::Away } else { State::Serving };
    people.iter().map(|person| Seat { person: *person, state: state(*person) }).collect()
}

fn covered_by(cover: &[(Person, Person)], person: Person) -> Option<Person> {
    cover.iter().find(|(covered, _)| *covered == person).map(|(_, stand_in)| *stand_in)
}
