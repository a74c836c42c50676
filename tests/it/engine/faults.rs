use std::time::Duration;

use chrono::TimeDelta;
use meridian::desk::*;
use meridian::engine::EngineError;
use meridian::store::FaceBatch;
use sqlx::Connection;

use super::house::*;

#[tokio::test]
async fn a_batch_that_cannot_be_saved_never_was() {
    let house = House::new().await;
    house.open("One").await.unwrap();
    house
        .sql("create trigger broken before insert on events begin select raise(abort, 'disk I/O error'); end")
        .await;
    let batch = house.batch().await;
    for failed in [house.open("Two").await, house.by("anna", 1, Verb::Acknowledge).await] {
        let Err(EngineError::Fault(fault)) = failed else { panic!("{failed:?}") };
        assert!(format!("{fault:#}").contains("disk I/O error"), "{fault:#}");
    }
    assert_eq!(house.batch().await, batch);
    assert_eq!(house.ticket(1).await.state, State::Waiting);

    house.sql("drop trigger broken").await;
    assert_eq!(house.open("Two").await.unwrap().id, TicketId(2), "no number is lost");
    assert_eq!(house.by("anna", 1, Verb::Acknowledge).await.unwrap().state, State::Held);
}

#[tokio::test]
async fn one_command_that_cannot_be_saved_does_not_take_others_with_it() {
    let house = House::new().await;
    house.sql("create unique index one_each on tickets (external_ref)").await;
    let opened = (0..10).map(|number| {
        let external_ref = Some(if number == 7 { "3".to_owned() } else { number.to_string() });
        let facts = Facts { external_ref, ..facts(&format!("Ticket {number}")) };
        let engine = house.engine.clone();
        tokio::spawn(async move { engine.take(opening(facts), None).await })
    });
    let mut failed = 0;
    for answer in opened.collect::<Vec<_>>() {
        match answer.await.unwrap() {
            Ok(_) => (),
            Err(EngineError::Fault(_)) => failed += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(failed, 1);
    assert_eq!(house.engine.store().load_desk().await.unwrap().tickets.len(), 9);
}

#[tokio::test]
async fn one_command_that_panics_does_not_take_others_with_it() {
    let house = House::new().await;
    for title in ["Poisoned", "Healthy"] {
        house.open(title).await.unwrap();
    }
    house.poison(1).await;
    let (batch, before) = (house.batch().await, house.ticket(1).await);
    let (poisoned, healthy, opened) = tokio::join!(
        house.by("anna", 1, Verb::Acknowledge),
        house.by("bjorn", 2, Verb::Acknowledge),
        house.open("Another"),
    );
    assert!(matches!(poisoned, Err(EngineError::Fault(_))), "{poisoned:?}");
    assert_eq!((healthy.unwrap().state, opened.unwrap().id), (State::Held, TicketId(3)));
    assert_eq!(house.ticket(1).await, before, "nothing of it is saved");
    assert_eq!(house.batch().await - batch, 2, "they were decided one by one");
    assert_eq!(house.engine.meters().faults.get(), 1);
}

#[tokio::test]
async fn a_ticket_whose_waking_panics_is_set_aside() {
    let house = House::new().await;
    for title in ["Poisoned", "Healthy"] {
        house.open(title).await.unwrap();
    }
    house.poison(1).await;
    house.clock.set(monday(11, 30));
    eventually("the poisoned one is set aside", async || house.engine.meters().set_aside.get() == 1).await;
    eventually("the healthy one is asked of somebody else", async || {
        house.story(2).await.contains(&"offer_ended".to_owned())
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_cannot_be_woken_keeps_nobody_waiting_and_is_tried_again() {
    let house = House::new().await;
    house.open("Poisoned").await.unwrap();
    house.open("Healthy").await.unwrap();
    house
        .sql(
            "create trigger poison before update on tickets when new.id = 1
        begin
            insert into tickets (id, state, priority, opened_at, changed_batch, version, body)
            values (-1, '', '', 0, 0, 0, '');
        end",
        )
        .await;
    house.clock.set(monday(11, 30));
    eventually("the healthy one is asked of somebody else", async || {
        house.story(2).await.contains(&"offer_ended".to_owned())
    })
    .await;
    eventually("the poisoned one is set aside", async || house.engine.meters().set_aside.get() == 1).await;
    let batch = house.batch().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(house.batch().await, batch, "nothing spins");
    assert_eq!(house.open("Work goes on").await.unwrap().id, TicketId(3));

    house.sql("drop trigger poison").await;
    house.advance(TimeDelta::minutes(2)).await;
    assert!(house.story(1).await.contains(&"offer_ended".to_owned()));
    eventually("nothing is set aside any more", async || house.engine.meters().set_aside.get() == 0).await;
}

#[tokio::test]
async fn changes_made_elsewhere_are_seen_before_the_next_decision() {
    let house = House::new().await;
    house.open("One").await.unwrap();
    let elsewhere = meridian::store::Store::open(&house.url()).await.unwrap();
    let mut saved = elsewhere.ticket(TicketId(1)).await.unwrap().unwrap();
    saved.ticket.facts.title = "Renamed by another node".to_owned();
    saved.ticket.id = TicketId(5);
    let mut batch = elsewhere.begin().await.unwrap();
    let before = batch.last().await.unwrap();
    let changes = Changes {
        tickets: vec![saved],
        numbers: Numbers { ticket: 5, ..before.numbers },
        ..Changes::default()
    };
    batch.save(&changes, &before, monday(9, 30)).await.unwrap();
    batch.commit().await.unwrap();

    let renamed = house.by("anna", 5, Verb::Acknowledge).await.unwrap();
    assert_eq!(renamed.facts.title, "Renamed by another node");
    let held_since = match renamed.holder {
        Holder::Person { since, .. } => since,
        other => panic!("{other:?}"),
    };
    assert_eq!(held_since, monday(9, 30), "not before the last decision");
    assert_eq!(house.open("The next").await.unwrap().id, TicketId(6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_can_wait_is_turned_away_at_once() {
    let house = House::new().await;
    let mut outside = sqlx::SqliteConnection::connect(&house.url()).await.unwrap();
    let lock = outside.begin_with("begin immediate").await.unwrap();
    let opened = (0..1500).map(|number| {
        let engine = house.engine.clone();
        let by = Actor::Token(format!("sender {}", number % 10));
        let opening = Command { by, ..opening(facts(&format!("Ticket {number}"))) };
        tokio::spawn(async move { engine.take(opening, None).await })
    });
    let opened: Vec<_> = opened.collect();
    eventually("some are turned away", async || house.engine.meters().overloads.get() > 0).await;
    lock.rollback().await.unwrap();
    let (mut taken, mut turned_away) = (0, 0);
    for answer in opened {
        match answer.await.unwrap() {
            Ok(_) => taken += 1,
            Err(EngineError::Overloaded) => turned_away += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(taken + turned_away, 1500);
    assert!(taken >= 1024, "{taken}");
    assert_eq!(house.engine.store().load_desk().await.unwrap().numbers.ticket, taken);
}
