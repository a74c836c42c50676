//! What the months have shown, each as small as it gets.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::desk::{Action, Actor, Command, Facts, NoticeKind, Patch, PendingOn, TicketId, Verb};
use meridian::schedule::Priority;
use meridian::simulate::World;

use crate::desk::play::{coverage, play};

/// Two people by day, of whom one speaks French; at night, turns of one or both.
const ONE_TEAM: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
last_resort = "rosa"
[priorities.P1]
acknowledge_within = "4h"
[priorities.P4]
acknowledge_within = "12h"
when_closed = "park"
at_shift_end = "hand-over"
[regions.emea]
timezone = "UTC"
[teams.emea]
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
assign = "queue"
hours = [{ from = "08:00", to = "16:00" }]
[[teams.emea.rotations]]
name = "nights"
starts = 2026-03-02T20:00:00
every = "day"
members = [["anna", "bjorn"], ["bjorn", "rosa"]]
[people.anna]
languages = ["fr", "en"]
[people.bjorn]
languages = ["en"]
[people.rosa]
languages = ["fr", "en"]
[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }]
"#;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn opened(priority: Priority, now: DateTime<Utc>) -> World {
    opened_in(ONE_TEAM, priority, now)
}

fn opened_in(toml: &str, priority: Priority, now: DateTime<Utc>) -> World {
    let mut world = World::new(coverage(toml, now), now);
    let facts = Facts { title: "it does not work".into(), priority: Some(priority), ..Facts::default() };
    let by = Actor::Token("inbound".into());
    world.take(Command { by, action: Action::Open(Box::new(facts)) }).unwrap();
    world
}

fn by_anna(verb: Verb) -> Command {
    Command { by: Actor::Person("anna".into()), action: Action::On(TicketId(1), verb) }
}

#[test]
fn a_wait_stopped_within_a_second_is_the_same_after_a_restart() {
    let mut world = opened(Priority::P4, at("2026-03-02T08:00:00Z"));
    world.take(by_anna(Verb::Acknowledge)).unwrap();
    world.advance_to(at("2026-03-02T09:00:00.500Z"));
    let pend = Verb::Pend { on: PendingOn::Customer, until: None, reason: "asked".into() };
    world.take(by_anna(pend)).unwrap();
    let before = world.desk().ticket(TicketId(1)).cloned();
    world.restart();
    assert_eq!(world.desk().ticket(TicketId(1)), before.as_ref());
}

#[test]
fn a_page_to_one_of_two_on_call_follows_the_next_turn() {
    assert_snapshot!(play(ONE_TEAM, "
        2026-03-03 19:00  open P1 fr: la nuit
        22:00  nothing
    "), @r"
    03 19:00 1: opened P1
    03 19:00 1: step 1 of standard (Routed)
    03 19:00 1: routing to emea primary: anna until 03 23:00
    03 19:00 1:   page to anna
    03 20:00 1: now rosa (who is on call has changed)
    03 20:00 1:   page to rosa
    ");
}

#[test]
fn a_note_at_the_last_instant_does_not_put_off_what_is_due_then() {
    let mut world = opened(Priority::P1, at("2026-03-02T20:00:00Z"));
    world.sleep_until(at("2026-03-03T00:00:00Z"));
    let note = Verb::Note { text: "still nobody".into(), progress: false };
    world.take(by_anna(note)).unwrap();
    assert_eq!(world.desk().next_wake(), Some(world.now()));
}

#[test]
fn a_change_just_before_the_shift_ends_does_not_put_off_its_end() {
    let mut world = opened(Priority::P4, at("2026-03-02T15:00:00Z"));
    world.take(by_anna(Verb::Acknowledge)).unwrap();
    world.advance_to(at("2026-03-02T15:59:59.300Z"));
    let patch = Patch { title: Some("it does not work at all".into()), ..Patch::default() };
    world.take(by_anna(Verb::Change(Box::new(patch)))).unwrap();
    assert_eq!(world.desk().next_wake(), Some(at("2026-03-02T16:00:00Z")));
}

#[test]
fn a_wait_longer_than_a_shift_runs_out_on_the_second_day() {
    assert_snapshot!(play(ONE_TEAM, "
        2026-03-02 08:00  open P4: it can wait
        2026-03-03 12:00  nothing
    "), @r"
    02 08:00 1: opened P4
    02 08:00 1: step 1 of standard (Routed)
    02 08:00 1: in the queue of emea
    02 08:00 1: routing to emea: whoever picks it until 03 12:00
    02 08:00 1:   offer to anna
    02 08:00 1:   offer to bjorn
    02 16:00 1: offer ended (WentHome)
    02 16:00 1: no longer in the queue of emea
    02 16:00 1: parked until 03 08:00 (Parked)
    03 08:00 1: in the queue of emea
    03 08:00 1: routing to emea: whoever picks it until 03 12:00
    03 08:00 1:   offer to anna
    03 08:00 1:   offer to bjorn
    03 12:00 1: offer ended (Expired)
    03 12:00 1: escalated (Automatic: emea did not answer)
    03 12:00 1: unattended, round 1
    03 12:00 1: told rosa: it has been offered along its whole path and nobody has answered
    03 12:00 1: step 1 of standard (NextRound)
    03 12:00 1: routing to emea: whoever picks it until 04 16:00
    03 12:00 1:   last_resort to rosa
    03 12:00 1:   offer to anna
    03 12:00 1:   offer to bjorn
    ");
}

#[test]
fn the_last_resort_hears_once_of_what_can_wait() {
    let mut world = opened(Priority::P4, at("2026-03-02T08:00:00Z"));
    world.advance_to(at("2026-03-09T08:00:00Z"));
    let notices = world.kept().notices.iter();
    let told = notices.filter(|notice| notice.kind == NoticeKind::LastResort).count();
    let rounds = world.desk().ticket(TicketId(1)).map(|ticket| ticket.path.round);
    assert!(rounds > Some(3), "{rounds:?}");
    assert_eq!(told, 1);
}

#[test]
fn what_fell_due_in_an_outage_is_done_when_it_is_over() {
    let mut world = opened(Priority::P1, at("2026-03-02T08:00:00Z"));
    world.sleep_until(at("2026-03-02T08:00:00Z") + TimeDelta::hours(30));
    world.restart();
    world.edit(Arc::clone(world.coverage()));
    world.advance_to(world.now());
    let ticket = world.desk().ticket(TicketId(1)).unwrap();
    assert!(ticket.offer.as_ref().is_some_and(|offer| offer.expires_at > world.now()));
}

#[test]
fn refused_at_the_very_end_of_a_shift_it_is_not_offered_ahead_of_that_end_again() {
    let late = r#"members = ["anna", "bjorn", "rosa"]
hours = [
  { from = "08:00", to = "16:00", members = ["anna"] },
  { from = "15:50", to = "20:00", members = ["bjorn", "rosa"] },
]
"#;
    let team = ONE_TEAM.replace("members = [\"anna\", \"bjorn\"]\nassign = \"queue\"\n", "");
    let team = team.replace("hours = [{ from = \"08:00\", to = \"16:00\" }]\n", late);
    let mut world = opened_in(&team, Priority::P1, at("2026-03-02T15:00:00Z"));
    world.take(by_anna(Verb::Acknowledge)).unwrap();
    world.advance_to(at("2026-03-02T15:45:00Z"));
    world.sleep_until(at("2026-03-02T16:00:00Z"));
    let by = Actor::Person("bjorn".into());
    let refused = Action::On(TicketId(1), Verb::Decline { reason: "no".into() });
    world.take(Command { by, action: refused }).unwrap();
    let ticket = world.desk().ticket(TicketId(1)).unwrap();
    assert_eq!((ticket.offer.as_ref(), world.desk().next_wake()), (None, Some(world.now())));
}

#[test]
fn a_repeat_after_an_outage_does_not_do_away_with_the_look_that_was_due() {
    let mut world = opened(Priority::P4, at("2026-03-02T15:00:00Z"));
    world.sleep_until(at("2026-03-02T18:00:00Z"));
    world.take(by_anna(Verb::Note { text: "anybody there?".into(), progress: false })).unwrap();
    world.advance_to(at("2026-03-02T18:01:00Z"));
    let ticket = world.desk().ticket(TicketId(1)).unwrap();
    assert_eq!(ticket.offer, None, "nobody in the team is at work");
}

#[test]
fn a_page_ends_when_the_priority_no_longer_pages() {
    let two_tiers = ONE_TEAM.replace("tiers = [\"frontline\"]", "tiers = [\"frontline\", \"expert\"]");
    let two_tiers = two_tiers.replace(
        "call = [\"primary\"] }",
        "call = [\"primary\"] },\n{ tier = \"expert\", call = [\"primary\"] }",
    );
    let experts = r#"
[teams.experts]
region = "emea"
tier = "expert"
members = ["rosa"]
[[teams.experts.rotations]]
name = "always"
starts = 2026-03-01T00:00:00
every = "day"
members = ["rosa"]
"#;
    assert_snapshot!(play(&(two_tiers + experts), "
        2026-03-02 09:00  open P1: it burns
        09:01  anna acknowledges 1
        09:02  anna escalates 1
        09:03  anna raises 1 to P4
        09:10  nothing
    "), @r"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: in the queue of emea
    02 09:00 1: routing to emea: whoever picks it until 02 13:00
    02 09:00 1:   offer to anna
    02 09:00 1:   offer to bjorn
    02 09:01 1: held by anna in emea
    02 09:02 1: escalated (Hierarchical: for a reason)
    02 09:02 1: step 2 of standard (Asked)
    02 09:02 1: escalation to experts primary: rosa until 02 13:02
    02 09:02 1:   page to rosa
    02 09:03 1: changed, P4
    02 09:03 1: offer ended (Withdrawn)
    02 09:03 1: told anna: nobody further up has taken it; you hold it still
    02 09:03 1: told rosa: an escalation has been answered by nobody
    02 09:03 1: step 1 of standard (HeldStill)
    02 09:03 1:   told to anna
    02 09:03 1:   last_resort to rosa
    ");
}

#[test]
fn pending_in_a_queue_it_is_offered_there_again_when_it_goes_on() {
    assert_snapshot!(play(ONE_TEAM, "
        2026-03-02 09:00  open P4: it can wait
        09:10  monitor pends 1 until 11:00
        11:05  nothing
    "), @r"
    02 09:00 1: opened P4
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: in the queue of emea
    02 09:00 1: routing to emea: whoever picks it until 03 13:00
    02 09:00 1:   offer to anna
    02 09:00 1:   offer to bjorn
    02 09:10 1: offer ended (Withdrawn)
    02 09:10 1: pending until 02 11:00
    02 11:00 1: resumed
    02 11:00 1: routing to emea: whoever picks it until 03 15:00
    02 11:00 1:   offer to anna
    02 11:00 1:   offer to bjorn
    ");
}

#[test]
fn whoever_is_named_is_not_asked_any_more_once_they_may_not_see_it() {
    let elsewhere = "[regions.amer]\ntimezone = \"UTC\"\nresidency = \"us\"\n";
    let mut world = opened_in(&(ONE_TEAM.to_owned() + elsewhere), Priority::P4, at("2026-03-02T09:00:00Z"));
    world.take(by_anna(Verb::Acknowledge)).unwrap();
    let to_bjorn = Verb::Reassign { reason: "yours".into(), team: None, person: Some("bjorn".into()) };
    world.take(by_anna(to_bjorn)).unwrap();
    let bound = Patch { residency: Some("us".into()), ..Patch::default() };
    world.take(by_anna(Verb::Change(Box::new(bound)))).unwrap();
    let ticket = world.desk().ticket(TicketId(1)).unwrap();
    assert_eq!(ticket.offer, None);
    assert_eq!(ticket.holder.person(), None);
}
