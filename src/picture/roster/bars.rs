//! The rows themselves: names at the left, people as bars, and loudly where nobody is.

use chrono::{DateTime, Utc};

use super::axis::Axis;
use super::rows::{Bar, Group, Lane, TeamRow, Tier, Who};
use super::sheet::{Band, HEAD, LANE, MARGIN, Sheet, TIER_HEIGHT, Times};
use crate::coverage::{Duty, Nobody, Presence, Present};
use crate::picture::letters;

/// A narrower bar is drawn together with its neighbours.
const NARROW: f64 = 1.0;
/// A gap is seen, however short.
const GAP_MIN: f64 = 3.0;

/// How far nothing is drawn at the right of a bar but the thread of a line that rests.
fn free_until(group: &Group, bar: &Bar, next: DateTime<Utc>) -> DateTime<Utc> {
    let missing = group.nobody.iter().filter(|nobody| !nobody.by_plan && nobody.until > bar.until);
    missing.map(|nobody| nobody.from).min().map_or(next, |from| next.min(from)).max(bar.until)
}

/// What a gap is about, in words.
pub fn about(nobody: &Nobody) -> String {
    match nobody.duty {
        Duty::Hours => "open with nobody at work".to_owned(),
        Duty::Line(line) => format!("nobody on call ({line})"),
    }
}

/// About how many shapes a team's rows will be.
pub fn shapes(team: &TeamRow, axis: &Axis) -> usize {
    let lanes = team.groups.iter().flat_map(|group| &group.lanes);
    let bars: usize = lanes.map(|lane| runs(&lane.bars, axis).count()).sum();
    bars + team.groups.iter().map(|group| group.nobody.len()).sum::<usize>() + team.open.len()
}

/// Bars as they are drawn: one by one, and side by side narrow ones together.
fn runs<'b, 'a>(bars: &'b [Bar<'a>], axis: &Axis) -> impl Iterator<Item = &'b [Bar<'a>]> {
    let narrow = |bar: &Bar| axis.x(bar.until) - axis.x(bar.from) < NARROW;
    bars.chunk_by(move |one, next| {
        narrow(one) && narrow(next) && axis.x(next.from) - axis.x(one.until) < NARROW
    })
}

impl<'a> Sheet<'_, 'a> {
    /// The tier's name, and whether anybody of it is there.
    pub fn tier(&mut self, y: f64, tier: &Tier) {
        let width = self.axis.right() - MARGIN;
        self.svg.rect("tier-head", [MARGIN, y + 2.0, width, TIER_HEIGHT - 4.0], "");
        let name = letters::cut(tier.id.as_str(), 12.0, self.axis.left - MARGIN - 12.0);
        self.svg.text("tier-name", [MARGIN + 6.0, y + 15.0], &name.unwrap_or_default());
        let band = (y + 4.0, TIER_HEIGHT - 8.0);
        for Present { presence, from, until } in tier.presence.iter().flatten() {
            let (class, what) = match presence {
                Presence::AtWork => ("at-work", "somebody at work"),
                Presence::OnCall => ("on-call", "on call only"),
                Presence::Nobody => continue,
            };
            let tip = format!("{}, {what}: {}", tier.id, self.times(*from, *until));
            self.stretch(class, (*from, *until), band, &tip);
            let room = self.axis.x(*until) - self.axis.x(*from);
            if *presence == Presence::OnCall && letters::width("on call", 9.0) + 8.0 < room {
                self.word("on call", "strip-word", "halo", (*from, *until), band);
            }
        }
        for Present { presence, from, until } in tier.presence.iter().flatten() {
            if *presence == Presence::Nobody {
                let who = format!("{}, nobody at all", tier.id);
                self.gap(&who, &["NOBODY AT ALL", "NOBODY"], (*from, *until), band);
            }
        }
    }

    pub fn team(&mut self, y: f64, team: &TeamRow<'a>) {
        self.svg.line("rule", [MARGIN, y, self.axis.right(), y]);
        self.team_name(y, team);
        let mut top = y + HEAD;
        for group in &team.groups {
            for rest in group.nobody.iter().filter(|nobody| nobody.by_plan) {
                let tip = format!(
                    "{}, {} by plan: {}",
                    team.team.name,
                    about(rest),
                    self.times(rest.from, rest.until)
                );
                self.stretch("rest", (rest.from, rest.until), (top + LANE / 2.0 - 1.0, 2.0), &tip);
            }
            for (place, lane) in group.lanes.iter().enumerate() {
                self.lane(top + place as f64 * LANE, team, group, place, lane);
            }
            let height = group.lanes.len() as f64 * LANE;
            for nobody in group.nobody.iter().filter(|nobody| !nobody.by_plan) {
                let who = format!("{}, {}", team.team.name, about(nobody));
                self.gap(&who, &["nobody"], (nobody.from, nobody.until), (top + 1.5, height - 3.0));
            }
            top += height;
        }
        self.holiday_names(y, team);
    }

    fn team_name(&mut self, y: f64, team: &TeamRow) {
        let room = self.axis.left - MARGIN - 8.0;
        let name = letters::cut(&team.team.name, 10.5 * letters::BOLD, room).unwrap_or_default();
        self.svg.text("team-name", [MARGIN, y + 12.0], &name);
        let room = room - letters::bold(&name, 10.5) - 6.0;
        let whole = format!("{} · {}", team.team.region, team.team.timezone);
        let texts = [whole.as_str(), team.team.timezone.as_str()];
        if let Some(text) = texts.into_iter().find(|text| letters::width(text, 8.0) < room) {
            self.svg.text("team-zone left", [self.axis.left - 6.0, y + 12.0], text);
        }
    }

    /// Above the bars, over the day itself and as far to the right as the next one allows.
    fn holiday_names(&mut self, y: f64, team: &TeamRow) {
        let followers =
            team.holidays.iter().skip(1).map(|day| self.axis.x(day.from)).chain([self.axis.right()]);
        let followers: Vec<f64> = followers.collect();
        for (day, follower) in std::iter::zip(&team.holidays, followers) {
            let (left, right) = (self.axis.x(day.from) + 3.0, self.axis.x(day.until));
            let room = if team.open.is_empty() { follower - left } else { right - left };
            if let Some(text) = letters::cut(&day.name, 8.0, room - 3.0) {
                self.svg.rect("halo", [left - 1.0, y + 3.5, letters::width(&text, 8.0) + 2.0, 10.0], "");
                self.svg.text("holiday-name", [left, y + 11.5], &text);
            }
        }
    }

    fn lane(&mut self, y: f64, team: &TeamRow, group: &Group, place: usize, lane: &Lane<'a>) {
        let room = self.axis.left - MARGIN - 20.0;
        let (class, label) = match (lane.owner, group.duty) {
            (Some(owner), _) => ("who", self.faces.name(owner).to_owned()),
            (None, Duty::Line(line)) if place == 0 => ("duty", format!("on call: {line}")),
            (None, Duty::Hours) if lane.bars.is_empty() => ("duty", "at work: nobody".to_owned()),
            (None, Duty::Hours) => ("duty", "at work".to_owned()),
            (None, Duty::Line(_)) => ("duty", String::new()),
        };
        if let Some(label) = letters::cut(&label, 9.0, room) {
            self.svg.text(class, [MARGIN + 10.0, y + 9.8], &label);
        }
        let runs: Vec<&[Bar]> = runs(&lane.bars, self.axis).collect();
        for (place, run) in runs.iter().enumerate() {
            match run {
                [bar] => {
                    let next = runs.get(place + 1).map_or(self.axis.until, |next| next[0].from);
                    let beside = if lane.owner.is_some() { bar.until } else { free_until(group, bar, next) };
                    self.bar(y, team, (group.duty, lane.owner.is_some()), bar, beside);
                }
                many => {
                    let (from, until) = (many[0].from, many[many.len() - 1].until);
                    let tip = format!("{} turns: {}", many.len(), self.times(from, until));
                    self.stretch("many", (from, until), (y + 1.5, LANE - 3.0), &tip);
                }
            }
        }
    }

    /// `beside`: until then there is room for a name at the right of a bar that is too narrow for it.
    fn bar(
        &mut self,
        y: f64,
        team: &TeamRow,
        (duty, owned): (Duty, bool),
        bar: &Bar<'a>,
        beside: DateTime<Utc>,
    ) {
        const SIZE: f64 = 8.5;
        let (left, right) = (self.axis.x(bar.from), self.axis.x(bar.until));
        let room = right - left - 4.0;
        let what = match duty {
            Duty::Hours => "at work".to_owned(),
            Duty::Line(line) => format!("on call ({line})"),
        };
        let (class, who, label) = match bar.who {
            Who::One(person) => {
                let class = format!("bar {}", self.faces.class(person));
                let outside = self.axis.x(beside) - right - 6.0;
                let inside = self.faces.label(person, SIZE, room, true).map(|label| (left + 2.5, label));
                let label = inside
                    .or_else(|| Some((right + 2.5, self.faces.label(person, SIZE, outside, true)?)))
                    .or_else(|| Some((left + 2.5, self.faces.label(person, SIZE, room, owned)?)))
                    .or_else(|| Some((right + 2.5, self.faces.label(person, SIZE, outside, owned)?)));
                (class, self.faces.name(person).to_owned(), label)
            }
            Who::Many(people) => {
                let names: Vec<&str> = people.iter().map(|person| person.as_str()).collect();
                let labels = [format!("{} people", people.len()), people.len().to_string()];
                let label = labels.into_iter().find(|label| letters::width(label, SIZE) <= room);
                ("bar crowd".to_owned(), names.join(", "), label.map(|label| (left + 2.5, label)))
            }
        };
        let tip = format!("{who} {what}, {}: {}", team.team.name, self.times(bar.from, bar.until));
        self.stretch(&class, (bar.from, bar.until), (y + 1.5, LANE - 3.0), &tip);
        if let Some((x, label)) = label {
            let class = if x > right { "in-bar beside" } else { "in-bar" };
            self.svg.text(class, [x, y + 9.5], &label);
        }
    }

    /// Hatched, framed, and with the longest of the words that fits; where none does, with a flag above it.
    pub fn gap(&mut self, who: &str, words: &[&str], (from, until): Times, (y, height): Band) {
        let (left, right) = (self.axis.x(from), self.axis.x(until));
        let width = (right - left).max(GAP_MIN);
        let tip = format!("{who}: {}", self.times(from, until));
        self.svg.rect("gap", [left, y, width, height], &tip);
        match words.iter().find(|word| letters::bold(word, 8.5) + 10.0 <= width) {
            Some(word) => self.word(word, "gap-word", "tag", (from, until), (y, height)),
            None => {
                let middle = left + width / 2.0;
                self.svg.shape(
                    "flag",
                    &[[middle - 4.0, y - 4.0], [middle + 4.0, y - 4.0], [middle, y + 3.0]],
                    &tip,
                );
            }
        }
    }

    /// A word in a box in the middle of a stretch.
    fn word(&mut self, word: &str, class: &str, frame: &str, (from, until): Times, (y, height): Band) {
        let (x, y) = ((self.axis.x(from) + self.axis.x(until)) / 2.0, y + height / 2.0);
        let width = letters::bold(word, 8.5) + 5.0;
        self.svg.rect(frame, [x - width / 2.0, y - 5.0, width, 10.0], "");
        self.svg.text(class, [x, y + 3.0], word);
    }
}
