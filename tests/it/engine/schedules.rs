use std::collections::BTreeSet;

use chrono::TimeDelta;
use meridian::desk::*;
use meridian::engine::*;
use meridian::schedule::TeamId;
use meridian::store::DayKind;
use serde_json::json;

use super::house::*;
use super::new_house;

fn teams(names: &[&str]) -> BTreeSet<TeamId> {
    names.iter().map(|name| TeamId::new(name)).collect()
}

/// Emea opens on Mondays only.
fn mondays_only() -> String {
    ORG.replacen(r#"["mon", "tue", "wed", "thu", "fri"], from = "08:00""#, r#"["mon"], from = "08:00""#, 1)
}

#[tokio::test]
async fn files_that_say_the_same_change_nothing() {
    let mut house = new_house().await;
    assert!(matches!(house.engine.reload().await.unwrap(), Reloaded::Unchanged { revision: 1 }));
    house.restart(TimeDelta::days(1)).await;
    assert_eq!(house.engine.in_force().revision, 1);
    assert_eq!(house.engine.in_force().since, monday(9, 0));
    assert_eq!(house.engine.store().revisions(9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn other_files_are_a_new_revision_that_names_the_teams_that_differ() {
    let house = new_house().await;
    house.write(&mondays_only());
    let Reloaded::Changed { revision: 2, teams: differ, .. } = house.engine.reload().await.unwrap() else {
        panic!()
    };
    assert_eq!(differ, teams(&["emea"]));
    let in_force = house.engine.in_force();
    assert_eq!((in_force.revision, in_force.since), (2, monday(9, 0)));
    let tuesday = monday(24 + 9, 0);
    assert!(!in_force.coverage.at(&TeamId::new("emea"), tuesday).unwrap().open);
    let stored = house.engine.store().revision(2).await.unwrap().unwrap();
    assert_eq!(stored.files["org.toml"], mondays_only());
    assert_eq!(house.engine.store().revisions(9).await.unwrap().len(), 2, "the old one is kept");
}

#[tokio::test]
async fn files_with_an_error_change_nothing_and_say_so() {
    let house = new_house().await;
    house.write(&ORG.replace(r#"["anna", "bjorn"]"#, r#"["anna", "bjorm"]"#));
    let Reloaded::Refused { revision: 1, problems } = house.engine.reload().await.unwrap() else { panic!() };
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["unknown-person"]);
    let in_force = house.engine.in_force();
    assert_eq!(in_force.revision, 1);
    assert_eq!(in_force.refused.as_ref().unwrap().problems, problems);
    assert_eq!(house.engine.meters().refused.get(), 1);
    assert_eq!(asked(&house.open("Work goes on").await.unwrap()), ["anna"]);

    house.write(ORG);
    assert!(matches!(house.engine.reload().await.unwrap(), Reloaded::Unchanged { revision: 1 }));
    assert!(house.engine.in_force().refused.is_none());
}

#[tokio::test]
async fn a_start_with_broken_files_puts_the_last_good_revision_to_work() {
    let mut house = new_house().await;
    house.write("[org]\nname = \"Broken\"\n");
    house.restart(TimeDelta::minutes(1)).await;
    let in_force = house.engine.in_force();
    assert_eq!(in_force.revision, 1);
    assert!(in_force.refused.is_some());
    assert_eq!(asked(&house.open("Work goes on").await.unwrap()), ["anna"]);
}

#[tokio::test]
async fn a_first_start_with_broken_files_fails_and_draws_the_problems() {
    let broken = ORG.replace(r#"["anna", "bjorn"]"#, r#"["anna", "bjorm"]"#);
    let said = House::try_new(&broken).await.err().expect("it fails").to_string();
    insta::assert_snapshot!(said, @r#"
    the schedules have errors, and there is no earlier revision to fall back on

    error[unknown-person]: there is no person "bjorm"
      --> org.toml:15:20
       |
    15 | members = ["anna", "bjorm"]
       |                    ^^^^^^^
       |
       = help: did you mean `bjorn`?
    "#);
}

#[tokio::test]
async fn a_missing_directory_of_schedules_is_a_problem_like_any_other() {
    let mut house = new_house().await;
    house.remove_schedules();
    house.restart(TimeDelta::minutes(1)).await;
    let refused = house.engine.in_force().refused.clone().unwrap();
    assert_eq!(refused.problems[0].code, "unreadable");
    assert!(refused.problems[0].message.starts_with("there is no schedules directory "));
}

#[tokio::test]
async fn other_hours_wake_the_tickets_they_concern() {
    let house = new_house().await;
    house.clock.set(monday(4, 0) + TimeDelta::days(7));
    let parked = house.open("At night").await.unwrap();
    assert!(matches!(parked.holder, Holder::Nobody { reason: Alone::Parked, .. }), "{:?}", parked.holder);
    house.write(&ORG.replace(r#"from = "08:00""#, r#"from = "03:00""#));
    house.engine.reload().await.unwrap();
    house.advance(TimeDelta::zero()).await;
    assert_eq!(asked(&house.ticket(1).await), ["anna"]);
}

#[tokio::test]
async fn other_hours_found_at_a_start_wake_the_tickets_they_concern() {
    let mut house = new_house().await;
    house.clock.set(monday(4, 0) + TimeDelta::days(7));
    house.open("At night").await.unwrap();
    house.write(&ORG.replace(r#"from = "08:00""#, r#"from = "03:00""#));
    house.restart(TimeDelta::minutes(1)).await;
    assert_eq!(house.engine.in_force().revision, 2);
    house.advance(TimeDelta::zero()).await;
    assert_eq!(asked(&house.ticket(1).await), ["anna"]);
}

#[tokio::test]
async fn a_team_that_is_gone_from_the_files_keeps_no_ticket() {
    let house = new_house().await;
    house.open("Held by emea").await.unwrap();
    house.by("anna", 1, Verb::Acknowledge).await.unwrap();
    let from = ORG.find("[teams.emea]").unwrap();
    let to = ORG.find("[teams.amer]").unwrap();
    house.write(&format!("{}{}", &ORG[..from], &ORG[to..]).replace(r#"["carol"]"#, r#"["carol", "anna"]"#));
    let Reloaded::Changed { teams: differ, .. } = house.engine.reload().await.unwrap() else { panic!() };
    assert_eq!(differ, teams(&["amer", "emea"]));
    house.advance(TimeDelta::zero()).await;
    let ticket = house.ticket(1).await;
    assert_ne!(ticket.holder.team(), Some(&TeamId::new("emea")), "{ticket:?}");
}

#[tokio::test]
async fn leave_changes_coverage_before_it_is_answered_and_its_removal_changes_it_back() {
    let house = new_house().await;
    house.open("For anna").await.unwrap();
    let body = json!({"person": "anna", "from": "2026-03-02", "to": "2026-03-03"});
    let row = house.engine.add_day_row(DayKind::Leave, body, "bjorn".to_owned(), None).await.unwrap();
    let working = |house: &House| {
        let in_force = house.engine.in_force();
        let span = in_force.coverage.at(&TeamId::new("emea"), monday(9, 0)).unwrap();
        span.working.iter().map(|person| person.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(working(&house), ["bjorn"]);
    assert_eq!(house.engine.store().day_rows(DayKind::Leave).await.unwrap(), std::slice::from_ref(&row));
    house.advance(TimeDelta::zero()).await;
    assert_eq!(asked(&house.ticket(1).await), ["bjorn"], "anna was asked, and is away now");

    house.engine.remove_day_row(DayKind::Leave, row.id).await.unwrap();
    assert_eq!(working(&house), ["anna", "bjorn"]);
    let again = house.engine.remove_day_row(DayKind::Leave, row.id).await;
    assert!(matches!(again, Err(EngineError::NotFound { kind: DayKind::Leave, id: 1 })), "{again:?}");
}

#[tokio::test]
async fn a_change_of_the_day_that_does_not_fit_is_refused_with_its_fields() {
    let house = new_house().await;
    let body = json!({"person": "ana", "from": "2026-03-02", "to": "2026-03-01"});
    let refused = house.engine.add_day_row(DayKind::Leave, body, "anna".to_owned(), None).await;
    let Err(EngineError::Invalid(fields)) = refused else { panic!("{refused:?}") };
    let lines: Vec<String> = fields.iter().map(|(field, message)| format!("{field}: {message}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    person: there is no person "ana"; did you mean `anna`?
    to: this ends before it starts; write a `to` that is later than `from`; dates include both days
    "#);
    assert_eq!(house.engine.store().day_rows(DayKind::Leave).await.unwrap(), []);
    assert_eq!(asked(&house.open("Work goes on").await.unwrap()), ["anna"]);
}

#[tokio::test]
async fn a_repeated_change_of_the_day_is_one() {
    let house = new_house().await;
    let body = json!({"person": "anna", "from": "2026-03-02", "to": "2026-03-03"});
    let add = || house.engine.add_day_row(DayKind::Leave, body.clone(), "anna".to_owned(), key("k", "leave"));
    assert_eq!(add().await.unwrap(), add().await.unwrap());
    assert_eq!(house.engine.store().day_rows(DayKind::Leave).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_of_the_day_outlives_a_restart_and_is_left_out_where_it_no_longer_fits() {
    let mut house = new_house().await;
    let body = json!({"team": "amer", "from": "2026-03-02T16:00:00", "to": "2026-03-03", "only": ["bjorn"]});
    house.engine.add_day_row(DayKind::Override, body, "anna".to_owned(), None).await.unwrap();
    house.restart(TimeDelta::hours(8)).await;
    assert_eq!(asked(&house.open("In the evening").await.unwrap()), ["bjorn"]);

    let without = ORG.replace(r#"["anna", "bjorn"]"#, r#"["anna"]"#);
    let from = without.find("[people.bjorn]").unwrap();
    let to = without.find("[people.carol]").unwrap();
    house.write(&format!("{}{}", &without[..from], &without[to..]));
    assert!(matches!(house.engine.reload().await.unwrap(), Reloaded::Changed { .. }));
    let stale = house.engine.in_force().stale.clone();
    assert_eq!(stale.len(), 1);
    assert!(stale[0].starts_with("override 1 by anna: only[0]: "), "{}", stale[0]);
    assert_eq!(asked(&house.open("In the evening").await.unwrap()), ["carol"]);
    house.write(ORG);
    house.engine.reload().await.unwrap();
    assert_eq!(house.engine.in_force().stale, Vec::<String>::new(), "it fits again");
}

#[tokio::test]
async fn coverage_is_compiled_further_as_time_goes_by() {
    let house = new_house().await;
    let before = house.engine.in_force().coverage.until;
    house.clock.set(monday(9, 0) + TimeDelta::days(30));
    eventually("a horizon of 400 days", async || {
        house.engine.in_force().coverage.until == before + TimeDelta::days(30)
    })
    .await;
    assert_eq!(house.engine.in_force().revision, 1);
}
