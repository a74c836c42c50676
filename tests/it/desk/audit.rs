use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::desk::*;
use meridian::schedule::{PersonId, PolicyId, Priority, TeamId};

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-03-02T{text}Z").parse().unwrap()
}

/// A ticket that was opened, offered and taken, as history has it.
fn story() -> Vec<Event> {
    let facts = Box::new(Facts { title: "The shop is down".into(), ..Facts::default() });
    let (team, person) = (TeamId::new("emea"), PersonId::new("anna"));
    let offer = Offer {
        kind: OfferKind::Routing,
        team: team.clone(),
        line: None,
        ask: vec![person.clone()],
        substitute_language: None,
        since: at("12:00:00"),
        expires_at: at("12:15:00"),
        handoff: None,
        unheard: Vec::new(),
    };
    let decision = Box::new(Explanation {
        text: "Offered to emea.".into(),
        at: at("12:00:00"),
        revision: 1,
        route: None,
        policy: PolicyId::new("standard"),
        step: 0,
        sla: None,
        tier: "frontline".into(),
        outcome: Outcome::Offer { team: team.clone(), ask: vec![person.clone()] },
        rejected: vec![],
        counts: Default::default(),
        loads: Default::default(),
    });
    let whats = [
        (at("12:00:00"), What::Opened { facts, priority: Priority::P3 }),
        (at("12:00:00"), What::Offered { offer, decision }),
        (at("12:10:00"), What::Acknowledged { seat: Seat { person, team }, handoff: None, received: None }),
    ];
    (1..)
        .zip(whats)
        .map(|(seq, (at, what))| Event { ticket: TicketId(1), seq, at, by: Actor::System, what })
        .collect()
}

/// As the desk would have saved it.
fn saved(history: &[Event], wake_at: &str) -> Saved {
    let ticket = Ticket::replay(history).unwrap();
    Saved { ticket, wake_at: Some(at(wake_at)), residency: None }
}

fn audited() -> AuditedAt {
    AuditedAt { now: at("12:10:00"), lateness_max: TimeDelta::minutes(1) }
}

fn flaws(saved: &Saved, history: &[Event]) -> String {
    let flaws = audit(saved, history, audited());
    flaws.iter().map(|flaw| format!("{flaw}\n")).collect()
}

#[test]
fn what_the_desk_saves_has_no_flaw() {
    let history = story();
    assert_eq!(audit(&saved(&history, "16:00:00"), &history, audited()), []);
    assert_eq!(audit(&saved(&history[..2], "12:15:00"), &history[..2], audited()), []);
}

#[test]
fn a_history_has_to_lead_to_the_state() {
    let history = story();
    let mut table = String::new();
    let mut case = |name: &str, change: &dyn Fn(&mut Saved, &mut Vec<Event>)| {
        let (mut saved, mut history) = (saved(&history, "16:00:00"), history.clone());
        change(&mut saved, &mut history);
        table += &format!("{name}\n");
        flaws(&saved, &history).lines().for_each(|line| table += &format!("    {line}\n"));
    };
    case("no events at all", &|_, history| history.clear());
    case("the first event is missing", &|_, history| drop(history.remove(0)));
    case("one in the middle is missing", &|_, history| drop(history.remove(1)));
    case("the last is missing", &|_, history| drop(history.pop()));
    case("one stands there twice", &|_, history| history.insert(1, history[0].clone()));
    case("another begins", &|_, history| {
        history[0].what = What::Noted { text: "Hello".into(), progress: false };
    });
    case("time runs back", &|_, history| history[2].at = at("11:00:00"));
    case("others are asked, and nothing is offered", &|_, history| {
        history[1].what = What::AskedOthers { ask: vec![], why: "a turn changed".into() };
    });
    case("the priority is another", &|saved, _| saved.ticket.priority = Priority::P1);
    case("the holder is another, and so is the path", &|saved, _| {
        saved.ticket.holder = Holder::Nobody { reason: Alone::Parked, look_again: Some(at("17:00:00")) };
        saved.ticket.state = State::Waiting;
        saved.ticket.path.step = 1;
    });
    assert_snapshot!(table, @r#"
    no events at all
        it has no history
    the first event is missing
        event 2 stands where event 1 should
    one in the middle is missing
        event 3 stands where event 2 should
    the last is missing
        its history leads to another state; what differs: asked, holder, offer, seq, state
    one stands there twice
        event 1 stands where event 2 should
    another begins
        its history does not begin with its opening
    time runs back
        event 3, of 2026-03-02 11:00:00 UTC, is earlier than the one before it
        its history leads to another state; what differs: holder
    others are asked, and nothing is offered
        event 2 asks others to take it while nothing is offered
    the priority is another
        its history leads to another state; what differs: priority
    the holder is another, and so is the path
        its history leads to another state; what differs: holder, path, state
    "#);
}

#[test]
fn no_live_ticket_is_silently_alone() {
    let history = story();
    let mut table = String::new();
    let mut case = |name: &str, change: &dyn Fn(&mut Saved)| {
        let mut saved = saved(&history, "12:12:00");
        change(&mut saved);
        let flaws = audit(&saved, &history, audited());
        table += &format!("{name}\n");
        for flaw in flaws.iter().filter(|flaw| !matches!(flaw, Flaw::OtherState { .. })) {
            table += &format!("    {flaw}{}\n", if flaw.is_lateness() { " (late)" } else { "" });
        }
    };
    let nobody = |reason, look_again: Option<&str>| Holder::Nobody { reason, look_again: look_again.map(at) };
    case("never looked at again", &|saved| saved.wake_at = None);
    case("a minute late", &|saved| saved.wake_at = Some(at("12:09:00")));
    case("over a minute late", &|saved| saved.wake_at = Some(at("12:08:59")));
    case("held by nobody", &|saved| saved.ticket.holder = nobody(Alone::Parked, Some("12:20:00")));
    case("waiting with a holder", &|saved| saved.ticket.state = State::Waiting);
    let waiting = |holder: &Holder| {
        let holder = holder.clone();
        move |saved: &mut Saved| {
            saved.ticket.state = State::Waiting;
            saved.ticket.holder = holder.clone();
        }
    };
    case("parked", &waiting(&nobody(Alone::Parked, Some("12:20:00"))));
    case("parked, looked at after the opening", &waiting(&nobody(Alone::Parked, Some("12:11:00"))));
    case("parked for ever", &waiting(&nobody(Alone::Parked, None)));
    case("released", &waiting(&nobody(Alone::Released, None)));
    case("offered to nobody", &waiting(&nobody(Alone::Offered, None)));
    case("in a queue that asks nobody", &|saved| {
        saved.ticket.holder = Holder::Queue { team: TeamId::new("emea"), since: at("12:00:00") };
    });
    case("pending without a date", &|saved| saved.ticket.state = State::Pending);
    case("pending, looked at after its date", &|saved| {
        saved.ticket.state = State::Pending;
        saved.ticket.pending = Some(Pending { on: PendingOn::Customer, until: at("12:11:00") });
    });
    case("resolved, and still with somebody", &|saved| saved.ticket.state = State::Resolved);
    case("closed, and still offered", &|saved| {
        saved.ticket = Ticket { state: State::Closed, ..Ticket::replay(&history[..2]).unwrap() };
        saved.wake_at = None;
    });
    assert_snapshot!(table, @r#"
    never looked at again
        live, and it will never be looked at again
    a minute late
    over a minute late
        it was to be looked at on 2026-03-02 12:08:59 UTC and has not been (late)
    held by nobody
        held, and its holder is nobody
    waiting with a holder
        waiting, and its holder is a person
    parked
    parked, looked at after the opening
        looked at again on 2026-03-02 12:12:00 UTC, after its look on 2026-03-02 12:11:00 UTC
    parked for ever
        live, with nobody, and without an instant to look again
    released
        live, with nobody, not offered, and without a reason to wait (Released)
    offered to nobody
        live, with nobody, not offered, and without a reason to wait (Offered)
    in a queue that asks nobody
        in a team's queue, and nobody is asked
    pending without a date
        pending without a date to look again
    pending, looked at after its date
        looked at again on 2026-03-02 12:12:00 UTC, after its date on 2026-03-02 12:11:00 UTC
    resolved, and still with somebody
        resolved, and its holder is a person
        resolved, and still looked at on 2026-03-02 12:12:00 UTC
    closed, and still offered
        closed, and offered all the same
    "#);
}
