//! Customers and responders: diligent, slow, deaf, contrary, and foolish.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use meridian::desk::{
    About, Action, Actor, BriefPart, Briefing, Command, Facts, HandoffId, Notice, NoticeKind, Patch,
    PendingOn, ReplyStatus, Request, Says, TicketId, Update, VendorReply, Verb, Verdict, What,
};
use meridian::schedule::{Language, PersonId, Priority, Skill, TeamId};

use super::life::{Coming, Life};
use super::organisation::{CUSTOMERS, SERVICES, chance, pick};

/// What a customer says about a new ticket.
pub fn facts(life: &mut Life) -> Facts {
    let residencies = life.plan.residencies();
    let regions = life.plan.regions();
    let rng = &mut life.rng;
    let mut facts = Facts { title: "it does not work".into(), ..Facts::default() };
    facts.priority = rng.choice(Priority::ALL);
    if chance(rng, 40) {
        facts.customer = Some(pick(rng, CUSTOMERS).into());
    }
    if chance(rng, 30) {
        facts.language = Some(Language::new(pick(rng, &["en", "sv", "nb", "fr", "de", "pt", "ja", "ko"])));
    }
    if chance(rng, 20) {
        facts.region = Some(format!("r{}", rng.usize(..regions)).as_str().into());
    }
    if chance(rng, 15) {
        facts.skills = BTreeSet::from([Skill::new(pick(rng, &["network", "billing", "database", "magic"]))]);
    }
    if chance(rng, 20) {
        facts.service = Some(pick(rng, SERVICES).into());
    }
    if chance(rng, 15) && !residencies.is_empty() {
        facts.residency = Some(pick(rng, &residencies).into());
    }
    if chance(rng, 30) {
        facts.dedup_key = Some(format!("alarm {}", rng.u8(..5)));
    }
    facts
}

/// Somebody was asked to take a ticket.
pub fn answer(life: &mut Life, notice: &Notice) {
    let person = notice.to.clone();
    let time_left = notice.expires_at.map_or(TimeDelta::hours(1), |until| until - life.world.now());
    let share = life.rng.i64(1..130);
    let after = TimeDelta::milliseconds((time_left.num_milliseconds().min(86_400_000) * share / 100).max(1));
    let by = Actor::Person(person.clone());
    let on = |verb| Action::On(notice.ticket.unwrap(), verb);
    match life.rng.u8(..100) {
        0..=2 => {
            let failed =
                Action::NoticeFailed { notice: Box::new(notice.clone()), reason: "no such number".into() };
            life.later(after, Coming::Say(Command::system(failed)));
        }
        3..=54 => {
            let batch = life.world.desk().ticket(notice.ticket.unwrap());
            let batch = batch.and_then(|ticket| ticket.offer.as_ref()?.handoff);
            match batch.filter(|_| life.rng.bool()) {
                Some(handoff) => life.later(after, Coming::Batch(person, handoff)),
                None => life.later(after, Coming::Say(Command { by, action: on(Verb::Acknowledge) })),
            }
        }
        55..=68 => {
            let decline = on(Verb::Decline { reason: "too much to do".into() });
            life.later(after, Coming::Say(Command { by: by.clone(), action: decline }));
            if chance(&mut life.rng, 15) {
                let after = after + TimeDelta::minutes(3);
                life.later(after, Coming::Say(Command { by, action: on(Verb::Acknowledge) }));
            }
        }
        69..=74 => {
            // Twice, as people who are not sure that it went through.
            let acknowledge = Coming::Say(Command { by, action: on(Verb::Acknowledge) });
            life.later(after, acknowledge.clone());
            life.later(after + TimeDelta::milliseconds(700), acknowledge);
        }
        _ => (),
    }
}

/// A lead was asked whether a ticket may go to the next tier.
pub fn approve(life: &mut Life, notice: &Notice) {
    let after = life.within_minutes(1, 90);
    let verb = match life.rng.u8(..10) {
        0..=5 => Verb::Approve,
        6..=8 => Verb::Refuse { reason: "not yet".into() },
        _ => return,
    };
    let action = Action::On(notice.ticket.unwrap(), verb);
    life.later(after, Coming::Say(Command { by: Actor::Person(notice.to.clone()), action }));
}

pub fn part_of_batch(life: &mut Life, handoff: HandoffId) -> Option<Vec<TicketId>> {
    let batch = life.world.kept().handoffs.get(&handoff)?;
    let tickets: Vec<TicketId> = batch.items.iter().map(|item| item.ticket).collect();
    if chance(&mut life.rng, 60) {
        return None;
    }
    Some(tickets.into_iter().filter(|_| life.rng.bool()).collect())
}

pub fn before_the_shift_ends(life: &mut Life, notice: &Notice) {
    let after = life.within_minutes(1, 25);
    let verb = match life.rng.u8(..100) {
        0..=39 => Verb::Brief(briefing("what was asked for")),
        40..=54 => {
            let until = life.world.now() + life.within_minutes(20, 500);
            Verb::Stay { until }
        }
        _ => return,
    };
    let action = Action::On(notice.ticket.unwrap(), verb);
    life.later(after, Coming::Say(Command { by: Actor::Person(notice.to.clone()), action }));
}

/// What the holder does next; `None`: they do not hold it any more.
pub fn work(life: &mut Life, person: &PersonId, id: TicketId) -> Option<Verb> {
    let ticket = life.world.desk().ticket(id)?;
    if ticket.holder.person() != Some(person) {
        return None;
    }
    let after = life.within_minutes(10, 1500);
    life.later(after, Coming::Work(person.clone(), id));
    Some(match life.rng.u8(..100) {
        0..=29 => Verb::Resolve { notes: "mended".into(), cause: None },
        30..=39 => Verb::Note { text: "looked at it".into(), progress: life.rng.bool() },
        40..=59 => some_verb(life),
        60..=69 => Verb::Pend {
            on: PendingOn::Customer,
            until: life.rng.bool().then(|| life.world.now() + TimeDelta::hours(life.rng.i64(1..90))),
            reason: "asked the customer".into(),
        },
        70..=75 => Verb::Release { reason: "cannot go on".into() },
        76..=82 => Verb::EscalateHierarchical { reason: "above me".into(), request: Box::default() },
        83..=86 => across(life),
        87 | 88 => ask_vendor(life),
        89..=94 => reassign(life),
        _ => change(life),
    })
}

/// What the customer does about a ticket that waits for them or is said to be done.
pub fn customer(life: &mut Life, ticket: TicketId, what: &What) {
    let by = Actor::Token("inbound".into());
    let after = life.within_minutes(5, 4000);
    let verb = match (what, life.rng.u8(..100)) {
        (What::Pended { .. }, 0..=60) => Verb::Resume { reason: "the customer replied".into() },
        (What::Resolved { .. }, 0..=14) => Verb::Reopen { reason: "it is back".into() },
        (What::Resolved { .. }, 15..=40) => Verb::Close { reason: "confirmed".into() },
        (What::Resolved { .. }, 41..=50) => {
            Verb::Feedback { score: life.rng.u8(1..6), text: "thanks".into() }
        }
        _ => return,
    };
    life.later(after, Coming::Say(Command { by, action: Action::On(ticket, verb) }));
}

/// One that was told, now or long ago, to somebody; or one that never was.
fn some_notice(life: &mut Life, ticket: TicketId) -> Notice {
    let told = &life.world.kept().notices;
    if !told.is_empty() && life.rng.bool() {
        return told[life.rng.usize(..told.len())].clone();
    }
    let to = pick(&mut life.rng, &life.plan.people()).into();
    Notice {
        id: "9-9-9".into(),
        at: life.world.now() - life.within_minutes(0, 600),
        ticket: Some(ticket),
        priority: Some(Priority::P2),
        kind: [NoticeKind::Offer, NoticeKind::Page, NoticeKind::Told][life.rng.usize(..3)],
        to,
        about: About::default(),
        says: Says::Words { subject: "Of old".into(), text: "Of old.".into() },
        expires_at: None,
        stage: None,
    }
}

/// Anybody, anything, at any time, on any ticket, be there one or not.
pub fn foolish(life: &mut Life) -> Command {
    let people = life.plan.people();
    let highest = life.world.kept().numbers.ticket;
    let id = TicketId(life.rng.i64(0..highest + 3));
    let action = match life.rng.u8(..100) {
        0..=9 => {
            let handoff = HandoffId(life.rng.i64(0..life.world.kept().numbers.handoff + 2));
            let tickets = life.rng.bool().then(|| vec![id]);
            Action::AcceptHandoff { handoff, tickets }
        }
        10..=14 => Action::NoticeFailed { notice: Box::new(some_notice(life, id)), reason: "of old".into() },
        15..=19 => {
            let mut facts = facts(life);
            facts.title = " ".into();
            Action::Open(Box::new(facts))
        }
        _ => Action::On(id, some_verb(life)),
    };
    let by = match life.rng.u8(..10) {
        0 => Actor::Token("inbound".into()),
        1 => Actor::Person("nobody-we-know".into()),
        _ => Actor::Person(pick(&mut life.rng, &people).into()),
    };
    Command { by, action }
}

fn some_verb(life: &mut Life) -> Verb {
    let now = life.world.now();
    match life.rng.u8(..23) {
        20 | 21 => ask_vendor(life),
        22 => match life.rng.bool() {
            true => Verb::Recall { reason: "not any more".into() },
            false => Verb::VendorReply(reply(life)),
        },
        0 | 1 => Verb::Acknowledge,
        2 => Verb::Decline { reason: "no".into() },
        3 => Verb::Release { reason: "no".into() },
        4 => Verb::EscalateHierarchical {
            reason: "up".into(),
            request: Box::new(Request::of_everything("up")),
        },
        5 => across(life),
        6 | 7 => reassign(life),
        8 => Verb::Brief(briefing("as things stand")),
        9 => Verb::Stay { until: now + TimeDelta::minutes(life.rng.i64(-60..900)) },
        10 => Verb::Note {
            text: if life.rng.bool() { "still at it".into() } else { String::new() },
            progress: true,
        },
        11 => Verb::Pend {
            on: PendingOn::Date,
            until: Some(now + TimeDelta::minutes(90)),
            reason: "later".into(),
        },
        12 => Verb::Resume { reason: "now".into() },
        13 => Verb::Close { reason: "done with".into() },
        14 => Verb::Reopen { reason: "again".into() },
        15 => Verb::Feedback { score: life.rng.u8(..7), text: String::new() },
        16 => change(life),
        17 => Verb::Judge(verdict(life)),
        19 if life.rng.bool() => Verb::Approve,
        18 => Verb::Update(Update {
            status: "as before".into(),
            done_so_far: None,
            next_action: None,
            expected_resolution: None,
        }),
        _ => Verb::Wake,
    }
}

fn ask_vendor(life: &mut Life) -> Verb {
    let vendor = pick(&mut life.rng, &["near", "far", "near", "far", "unheard-of"]);
    let request = Box::new(Request::of_everything("a new disk"));
    Verb::AskVendor { vendor: vendor.into(), reason: "it is theirs".into(), request }
}

fn reply(life: &mut Life) -> VendorReply {
    let status = life.rng.choice(ReplyStatus::ALL).expect("there are statuses");
    let case = life.rng.bool().then(|| "4711".to_owned());
    VendorReply {
        status,
        case,
        text: if chance(&mut life.rng, 80) { "as it is".into() } else { String::new() },
    }
}

/// The vendor that was asked answers, perhaps twice, perhaps late; or its message is lost.
pub fn vendor(life: &mut Life, notice: &Notice) {
    let (Says::VendorAsked { .. }, Some(ticket)) = (&notice.says, notice.ticket) else { return };
    let by = Actor::Vendor(notice.to.as_str().into());
    for _ in 0..life.rng.u8(..4) {
        let after = life.within_minutes(1, 2500);
        let action = Action::On(ticket, Verb::VendorReply(reply(life)));
        life.later(after, Coming::Say(Command { by: by.clone(), action }));
    }
    if chance(&mut life.rng, 10) {
        let failed = Action::NoticeFailed { notice: Box::new(notice.clone()), reason: "no answer".into() };
        let after = life.within_minutes(1, 90);
        life.later(after, Coming::Say(Command::system(failed)));
    }
}

fn change(life: &mut Life) -> Verb {
    let residencies = life.plan.residencies();
    let rng = &mut life.rng;
    let mut patch = Patch::default();
    match rng.u8(..6) {
        0..=2 => patch.priority = rng.choice(Priority::ALL),
        3 => patch.language = Some(Language::new(pick(rng, &["en", "fr", "ja"]))),
        4 if !residencies.is_empty() => patch.residency = Some(pick(rng, &residencies).into()),
        4 => patch.title = Some("it still does not work".into()),
        _ => patch.customer = Some(pick(rng, CUSTOMERS).into()),
    }
    Verb::Change(Box::new(patch))
}

fn across(life: &mut Life) -> Verb {
    let (team, skills) = match life.rng.u8(..4) {
        0 => (None, BTreeSet::new()),
        1 => (None, BTreeSet::from([Skill::new(pick(&mut life.rng, &["network", "billing"]))])),
        _ => (some_team(life), BTreeSet::new()),
    };
    Verb::EscalateFunctional {
        reason: "for somebody else".into(),
        request: Box::new(Request::of_everything("help")),
        team,
        skills,
    }
}

fn reassign(life: &mut Life) -> Verb {
    let person = pick(&mut life.rng, &life.plan.people());
    let (team, person) = match life.rng.u8(..5) {
        0 => (some_team(life), Some(person.into())),
        1 | 2 => (some_team(life), None),
        3 => (None, None),
        _ => (None, Some(person.into())),
    };
    Verb::Reassign { reason: "you know it better".into(), team, person }
}

fn some_team(life: &mut Life) -> Option<TeamId> {
    match life.rng.u8(..20) {
        0 => Some("no-such-team".into()),
        _ => life.rng.choice(&life.plan.teams).map(|team| team.id.as_str().into()),
    }
}

/// As often of parts that were never there as not.
fn verdict(life: &mut Life) -> Verdict {
    let part = life.rng.choice(BriefPart::ALL).expect("there are parts");
    let (good, note) = (life.rng.bool(), String::new());
    Verdict { good, missing: if good { BTreeSet::new() } else { BTreeSet::from([part]) }, note }
}

fn briefing(summary: &str) -> Briefing {
    Briefing { summary: summary.into(), next_action: "go on".into(), ..Briefing::default() }
}
