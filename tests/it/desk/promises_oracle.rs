//! Random days at the desk, and clocks that a slow reader counts again from the history, second by second. A failure says
//! how to see it again: `SEED=7421 CASES=1 cargo test --test it promises_oracle`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use meridian::coverage::Coverage;
use meridian::desk::*;
use meridian::schedule::{AnsweredBy, SlaClock, SlaId, TeamId, WhenClosed, defaults};

use super::play::{coverage, running};
use super::promises::promised;

const PEOPLE: [&str; 9] = ["anna", "bjorn", "carl", "dora", "emi", "fumi", "gus", "hana", "ines"];

/// A desk, some tickets with promises, and people who do whatever comes to their mind, for a day and a half.
struct Day {
    rng: Rng,
    desk: Desk,
    stored: BTreeMap<TicketId, Saved>,
    events: BTreeMap<TicketId, Vec<Event>>,
}

impl Day {
    fn lived(seed: u64, coverage: &Coverage, from: DateTime<Utc>, until: DateTime<Utc>) -> Day {
        let rng = Rng::with_seed(seed);
        let mut day = Day { rng, desk: Desk::default(), stored: BTreeMap::new(), events: BTreeMap::new() };
        let rules = Rules { revision: 1, coverage };
        let mut now = from;
        while now < until {
            let next = now + TimeDelta::seconds(day.rng.i64(1..2_400));
            while let Some(due) = day.desk.next_wake().filter(|due| *due <= next) {
                now = now.max(due);
                for id in day.desk.due(rules, now, 100) {
                    day.desk.take(rules, Command::system(Action::On(id, Verb::Wake)), now).unwrap();
                }
                day.keep();
            }
            now = next;
            let command = day.command(now);
            let named = command.action.ticket().filter(|id| day.desk.ticket(*id).is_none());
            if let Some(saved) = named.and_then(|id| day.stored.get(&id)) {
                day.desk.put(saved.clone());
            }
            // A refusal is a normal day.
            let _ = day.desk.take(rules, command, now);
            day.keep();
        }
        day
    }

    fn keep(&mut self) {
        let changes = self.desk.drain();
        self.stored.extend(changes.tickets.into_iter().map(|saved| (saved.ticket.id, saved)));
        for event in changes.events {
            self.events.entry(event.ticket).or_default().push(event);
        }
    }

    fn command(&mut self, now: DateTime<Utc>) -> Command {
        let rng = &mut self.rng;
        if self.stored.len() < 6 && (self.stored.is_empty() || rng.u8(..4) == 0) {
            let mut facts = Facts { title: "Something".into(), ..Facts::default() };
            facts.priority = Some(*rng.choice(&meridian::schedule::Priority::ALL).unwrap());
            facts.region = Some((*rng.choice(&["emea", "amer", "apac"]).unwrap()).into());
            match rng.u8(..3) {
                0 => facts.customer = Some("acme".into()),
                1 => facts.customer = Some("nordic".into()),
                _ => facts.category = Some("contract".into()),
            }
            return Command { by: Actor::Token("desk".into()), action: Action::Open(Box::new(facts)) };
        }
        let id = TicketId(rng.i64(1..=self.stored.len() as i64));
        let reason = "for a reason".to_owned();
        let verb = match rng.u8(..16) {
            0..=5 => Verb::Acknowledge,
            6 | 7 => Verb::Update(Update {
                status: "so it stands".into(),
                done_so_far: None,
                next_action: None,
                expected_resolution: None,
            }),
            8 => Verb::Pend { on: PendingOn::Customer, until: Some(now + TimeDelta::hours(2)), reason },
            9 => Verb::Resume { reason },
            10 => Verb::Resolve { notes: "done".into(), cause: None },
            11 | 12 => Verb::Reopen { reason },
            13 => Verb::EscalateHierarchical { reason, request: Box::default() },
            14 => Verb::Release { reason },
            _ => Verb::Note { text: "seen".into(), progress: false },
        };
        // Whoever is asked or holds it mostly acts, or nothing would.
        let ticket = self.stored.get(&id).map(|saved| &saved.ticket);
        let asked = ticket.and_then(|ticket| ticket.offer.as_ref()).and_then(|offer| offer.ask.first());
        let own = asked.filter(|_| verb == Verb::Acknowledge);
        let own = own.or(ticket.and_then(|ticket| ticket.holder.person())).filter(|_| rng.u8(..4) > 0);
        let by = match own {
            Some(person) => Actor::Person(person.clone()),
            None if rng.bool() => Actor::Token("monitor".into()),
            None => Actor::Person((*rng.choice(&PEOPLE).unwrap()).into()),
        };
        Command { by, action: Action::On(id, verb) }
    }
}

/// What a slow reader finds: seconds by custody for each period of a clock, and when something had passed.
#[derive(Debug, Default, PartialEq)]
struct Found {
    periods: Vec<(ClockKind, Vec<(Custody, i64)>)>,
    passed: Vec<(DateTime<Utc>, ClockKind, String)>,
}

/// One clock in the slow reader's hands.
struct Slow {
    kind: ClockKind,
    on: bool,
    shares: Vec<(Custody, i64)>,
    told: usize,
    breached: bool,
}

impl Slow {
    fn begun(kind: ClockKind, on: bool) -> Slow {
        Slow { kind, on, shares: Vec::new(), told: 0, breached: false }
    }

    fn spent(&self) -> i64 {
        self.shares.iter().map(|(_, seconds)| seconds).sum()
    }
}

fn slow_reader(history: &[Event], coverage: &Coverage, until: DateTime<Utc>) -> Found {
    let mut found = Found::default();
    let organisation = &coverage.organisation;
    let opened = Ticket::replay(&history[..1]).unwrap();
    let facts = &opened.facts;
    let sla = match (facts.customer.as_ref().map(|customer| customer.as_str()), facts.category.is_some()) {
        (Some("acme"), _) => "gold",
        (Some(_), _) => "silver",
        _ => "bronze",
    };
    let sla = &organisation.slas[&SlaId::from(sla)];
    let rule = organisation.priority(opened.priority);
    // `said`: there has been a status update.
    let promise = |kind: ClockKind, said: bool| {
        let by_priority = match kind {
            ClockKind::FirstResponse => &sla.first_response,
            ClockKind::NextUpdate => &sla.next_update,
            ClockKind::Resolution => &sla.resolution,
            // Nobody asks a vendor here.
            ClockKind::VendorReply => return None,
            ClockKind::Update => {
                let owed = rule.updates?;
                return Some(Some(if said { owed.every } else { owed.first }.num_seconds()));
            }
        };
        (!by_priority.is_empty()).then(|| by_priority.get(&opened.priority).map(|p| p.num_seconds()))
    };
    let warn_at = |kind: ClockKind| match kind {
        ClockKind::Update => &defaults::WARN_AT[..],
        _ => &sla.warn_at,
    };
    let answers = |what: &What| match what {
        What::Acknowledged { .. } => sla.first_response_by == AnsweredBy::Acknowledgement,
        What::Updated { .. } | What::Resolved { .. } => true,
        _ => false,
    };
    let first_is_promised = promise(ClockKind::FirstResponse, false).flatten().is_some();
    let mut clocks: Vec<Slow> = ClockKind::ALL
        .into_iter()
        .filter(|kind| promise(*kind, false).is_some())
        .map(|kind| Slow::begun(kind, kind != ClockKind::NextUpdate || !first_is_promised))
        .collect();
    let (mut ticket, mut events) = (opened.clone(), history[1..].iter().peekable());
    let mut by_team: Option<TeamId> = None;
    let mut at = opened.opened_at;
    loop {
        // Whatever came to pass by now came before what happens now.
        for clock in clocks.iter_mut().filter(|clock| clock.on && !clock.breached && ticket.live()) {
            let Some(promised) = promise(clock.kind, ticket.update.is_some()).flatten() else { continue };
            while let Some(fraction) = warn_at(clock.kind).get(clock.told)
                && fraction.as_number() * promised as f64 <= clock.spent() as f64
            {
                found.passed.push((at, clock.kind, fraction.to_string()));
                clock.told += 1;
            }
            if promised <= clock.spent() {
                found.passed.push((at, clock.kind, "broken".into()));
                clock.breached = true;
                // Whoever is silent still owes the next one.
                if clock.kind == ClockKind::Update {
                    let over = std::mem::replace(clock, Slow::begun(ClockKind::Update, true));
                    found.periods.push((ClockKind::Update, over.shares));
                }
            }
        }
        if at >= until {
            break;
        }
        while let Some(event) = events.next_if(|event| event.at <= at) {
            ticket.apply(event);
            if let What::Parked { decision, .. } = &event.what
                && let Outcome::Park { team, .. } = &decision.outcome
            {
                by_team = Some(team.clone());
            }
            for clock in &mut clocks {
                match (clock.kind, &event.what) {
                    (ClockKind::FirstResponse, what) if clock.on && answers(what) => clock.on = false,
                    (ClockKind::NextUpdate, What::Reopened { .. } | What::Updated { .. }) => {
                        let over = std::mem::replace(clock, Slow::begun(ClockKind::NextUpdate, true));
                        found.periods.push((ClockKind::NextUpdate, over.shares));
                    }
                    (ClockKind::NextUpdate, what) if answers(what) => clock.on = true,
                    (ClockKind::Update, What::Reopened { .. } | What::Updated { .. }) => {
                        let over = std::mem::replace(clock, Slow::begun(ClockKind::Update, true));
                        found.periods.push((ClockKind::Update, over.shares));
                    }
                    _ => (),
                }
            }
        }
        let team = ticket.holder.team().or(ticket.offer.as_ref().map(|offer| &offer.team));
        by_team = team.cloned().or(by_team);
        let second = at + TimeDelta::seconds(1);
        let counts = match &sla.clock {
            SlaClock::Calendar => true,
            SlaClock::BusinessHours(hours) => !coverage.open_between(hours, at, second).is_zero(),
            SlaClock::Open => by_team.as_ref().is_none_or(|team| coverage.at(team, at).unwrap().open),
        };
        let at_work =
            |team: &TeamId| rule.when_closed != WhenClosed::Park || coverage.at(team, at).unwrap().open;
        let held = ticket.holder.person().and(ticket.holder.team()).is_some_and(at_work);
        if ticket.live() && ticket.state != State::Pending {
            let custody = Custody::of(&ticket);
            let goes = |clock: &&mut Slow| match clock.kind {
                ClockKind::Update => held,
                _ => clock.on && counts,
            };
            for clock in clocks.iter_mut().filter(goes) {
                match clock.shares.iter_mut().find(|(whose, _)| *whose == custody) {
                    Some((_, seconds)) => *seconds += 1,
                    None => clock.shares.push((custody.clone(), 1)),
                }
            }
        }
        at = second;
    }
    found.periods.extend(clocks.into_iter().map(|clock| (clock.kind, clock.shares)));
    found.periods.retain(|(_, shares)| !shares.is_empty());
    found.periods.sort_by_key(|(kind, _)| *kind);
    found.passed.sort();
    found
}

fn told(history: &[Event], coverage: &Coverage, until: DateTime<Utc>) -> Found {
    let mut found = Found::default();
    for period in attribution(history, |clock| running(clock, coverage, until)) {
        let share = |share: &Share| {
            let custody = share.custody.clone().expect("all of it was promised from the start");
            (custody, share.spent.num_seconds())
        };
        found.periods.push((period.clock, period.shares.iter().map(share).collect()));
    }
    found.periods.retain(|(_, shares)| !shares.is_empty());
    found.periods.sort_by_key(|(kind, _)| *kind);
    for event in history {
        match &event.what {
            What::ClockWarned { clock, fraction, .. } => {
                found.passed.push((event.at, *clock, fraction.to_string()));
            }
            What::ClockBreached { clock, .. } => found.passed.push((event.at, *clock, "broken".into())),
            _ => (),
        }
    }
    found.passed.sort();
    found
}

#[test]
fn random_days_are_counted_again_second_by_second() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seed = number("SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    let midnight: DateTime<Utc> = "2026-03-03T00:00:00Z".parse().unwrap();
    let owed = |org: String, priority: &str, updates: &str| {
        let table = format!("[priorities.{priority}]\n");
        org.replace(&table, &format!("{table}updates = {updates}\n"))
    };
    let owed =
        owed(owed(promised(), "P1", "{ first = \"15m\", every = \"1h\" }"), "P3", "{ every = \"4h\" }");
    let coverage = coverage(&owed, midnight);
    let (mut breaches, mut shares) = (0, 0);
    for seed in seed..seed + number("CASES").unwrap_or(4) {
        let from = midnight + TimeDelta::hours(Rng::with_seed(seed).i64(0..24));
        let until = from + TimeDelta::hours(30);
        let day = Day::lived(seed, &coverage, from, until);
        for (id, history) in &day.events {
            let last = history.last().map_or(until, |event| event.at).max(until);
            let (told, counted) = (told(history, &coverage, last), slow_reader(history, &coverage, last));
            let again = format!("SEED={seed} CASES=1 cargo test --test it promises_oracle");
            assert_eq!(told, counted, "ticket {id}: told, and counted\n{again}\n{}", in_lines(history));
            let at = AuditedAt { now: last, lateness_max: TimeDelta::MAX };
            assert_eq!(audit(&day.stored[id], history, at), [], "ticket {id}\n{again}");
            breaches += told.passed.iter().filter(|(_, _, what)| what == "broken").count();
            shares += told.periods.iter().map(|(_, shares)| shares.len()).sum::<usize>();
        }
    }
    assert!(breaches > 0 && shares > 20, "too little happened: {breaches} breaches, {shares} shares");
}

fn in_lines(history: &[Event]) -> String {
    let line = |event: &Event| format!("{} {:?}\n", event.at, event.what);
    history.iter().map(line).collect::<String>().chars().take(20_000).collect()
}
