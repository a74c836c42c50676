//! A sender that runs away keeps nobody else waiting.

use meridian::desk::*;
use meridian::engine::EngineError;
use sqlx::Connection;
use tokio::task::JoinSet;

use super::house::*;

/// So many of one caller wait at once.
const OF_ONE: u64 = 256;
/// Acknowledged while the storm goes on.
const TICKETS: i64 = 20;

fn storm() -> Command {
    Command { by: Actor::Token("storm".to_owned()), ..opening(facts("It is down, it is down")) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_runs_away_keeps_no_acknowledgement_waiting() {
    let house = House::new().await;
    for number in 1..=TICKETS {
        house.open(&format!("Ticket {number}")).await.unwrap();
    }
    // A sender with three hundred connections, each of which asks again at once whatever it is answered.
    let mut storms = JoinSet::new();
    for _ in 0..300 {
        let engine = house.engine.clone();
        storms.spawn(async move {
            loop {
                match engine.take(storm(), None).await {
                    Ok(_) => (),
                    Err(EngineError::TooManyOfOne) => tokio::task::yield_now().await,
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    eventually("the storm is there", async || house.engine.meters().throttled.get() > 0).await;
    let meters = house.engine.meters();
    let mut most = 0;
    for ticket in 1..=TICKETS {
        let before = meters.batches.get();
        let taken = house.by("anna", ticket, Verb::Acknowledge).await.unwrap();
        assert_eq!(taken.state, State::Held);
        most = most.max(meters.batches.get() - before);
    }
    storms.shutdown().await;
    // The batch that is being decided, its own, and one that is committed before whoever asked gets to run.
    assert!(most <= 3, "an acknowledgement waited for {most} batches");
    assert_eq!(meters.overloads.get(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_caller_a_part_of_the_line_waits_and_people_have_their_own() {
    let house = House::new().await;
    house.open("One").await.unwrap();
    let mut outside = sqlx::SqliteConnection::connect(&house.url()).await.unwrap();
    let lock = outside.begin_with("begin immediate").await.unwrap();
    let mut storm_of_one = JoinSet::new();
    for _ in 0..OF_ONE + 100 {
        let engine = house.engine.clone();
        storm_of_one.spawn(async move { engine.take(storm(), None).await.map(drop) });
    }
    let meters = house.engine.meters();
    eventually("the rest is turned away", async || meters.throttled.get() == 100).await;
    // Five more fill up what is left of the line of new tickets.
    let mut others = JoinSet::new();
    for number in 0..OF_ONE * 5 {
        let engine = house.engine.clone();
        let by = Actor::Token(format!("sender {}", number % 5));
        others.spawn(async move { engine.take(Command { by, ..storm() }, None).await.map(drop) });
    }
    eventually("the line is full", async || meters.overloads.get() > 0).await;
    let (engine, verb) = (house.engine.clone(), Verb::Acknowledge);
    let by = Actor::Person(meridian::schedule::PersonId::new("anna"));
    let acknowledge = Command { by, action: Action::On(TicketId(1), verb) };
    let acknowledged = tokio::spawn(async move { engine.take(acknowledge, None).await });
    lock.rollback().await.unwrap();
    acknowledged.await.unwrap().expect("people have a line of their own");
    let answers = storm_of_one.join_all().await;
    let turned_away = answers.iter().filter(|answer| matches!(answer, Err(EngineError::TooManyOfOne)));
    assert_eq!(turned_away.count(), 100);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count() as u64, OF_ONE);
    others.join_all().await;
    // Whoever was turned away may come again once there is room.
    house.engine.take(storm(), None).await.unwrap();
}
