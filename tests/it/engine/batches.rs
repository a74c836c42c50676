use std::collections::BTreeSet;

use chrono::TimeDelta;
use meridian::desk::*;
use meridian::engine::EngineError;
use meridian::schedule::PersonId;
use meridian::store::{OutboxFilter, Store};

use super::house::*;
use super::new_house;

#[tokio::test]
async fn an_answered_ticket_is_on_disk_with_its_history_and_its_notices() {
    let house = new_house().await;
    let ticket = house.open("The shop is down").await.unwrap();
    let elsewhere = Store::open(&house.url()).await.unwrap();
    let saved = elsewhere.ticket(ticket.id).await.unwrap().unwrap();
    assert_eq!(saved.ticket, *ticket);
    assert_eq!(saved.wake_at, ticket.offer.as_ref().map(|offer| offer.expires_at).min(saved.wake_at));
    assert_eq!(asked(&ticket), ["anna"]);
    assert_eq!(elsewhere.history(ticket.id).await.unwrap().len() as u32, ticket.seq);
    let notices = elsewhere.outbox(OutboxFilter::Pending, 9).await.unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].notice.to, PersonId::new("anna"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_callers_at_once_share_a_few_batches() {
    let house = new_house().await;
    let before = house.batch().await;
    let opened = (0..64).map(|number| {
        let engine = house.engine.clone();
        tokio::spawn(async move { engine.take(opening(facts(&format!("Ticket {number}"))), None).await })
    });
    let mut numbers = BTreeSet::new();
    for answer in opened.collect::<Vec<_>>() {
        let Ok(Answer::Ticket { ticket, created: true, .. }) = answer.await.unwrap() else { panic!() };
        numbers.insert(ticket.id.0);
    }
    assert_eq!(numbers, (1..=64).collect());
    let batches = house.batch().await - before;
    assert!(batches <= 16, "{batches} batches for 64 commands");
}

#[tokio::test]
async fn a_refusal_changes_nothing() {
    let house = new_house().await;
    house.open("One").await.unwrap();
    let (batch, ticket) = (house.batch().await, house.ticket(1).await);
    let refused = [
        house.by("anna", 7, Verb::Acknowledge).await,
        house.by("carol", 1, Verb::Acknowledge).await,
        house.by("anna", 1, Verb::Reopen { reason: "why not".to_owned() }).await,
    ];
    let words: Vec<String> = refused.into_iter().map(|refused| refused.unwrap_err().to_string()).collect();
    insta::assert_snapshot!(words.join("\n"), @"
    there is no ticket 7
    ticket 1 is not offered to carol, and carol is not at work in a team it is offered to
    ticket 1 is waiting, so it cannot be reopened
    ");
    assert_eq!((house.batch().await, house.ticket(1).await), (batch, ticket));
    assert_eq!(house.engine.meters().refusals.get(), 3);
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_even_after_a_restart() {
    let mut house = new_house().await;
    let first = house.open_with(facts("Once"), key("k", "open Once")).await.unwrap();
    house.by("anna", 1, Verb::Acknowledge).await.unwrap();
    let again = house.open_with(facts("Once"), key("k", "open Once")).await.unwrap();
    assert_eq!(again, first, "as it was answered then, not as the ticket is now");
    house.restart(TimeDelta::hours(1)).await;
    let again = house.open_with(facts("Once"), key("k", "open Once")).await.unwrap();
    assert_eq!(again, first);

    let other = house.open_with(facts("Twice"), key("k", "open Twice")).await;
    assert!(matches!(other, Err(EngineError::KeyReused)), "{other:?}");
    house.restart(TimeDelta::hours(24)).await;
    let later = house.open_with(facts("Once"), key("k", "open Once")).await.unwrap();
    assert_eq!(later.id, TicketId(2), "a key counts for a day");
}

#[tokio::test]
async fn two_requests_with_one_key_at_once_are_one() {
    let house = new_house().await;
    let (one, two) = tokio::join!(
        house.open_with(facts("Once"), key("k", "open Once")),
        house.open_with(facts("Once"), key("k", "open Once")),
    );
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(house.engine.store().load_desk().await.unwrap().tickets.len(), 1);
}

#[tokio::test]
async fn a_refused_request_is_not_remembered() {
    let house = new_house().await;
    let take = |key| {
        let by = Actor::Person(PersonId::new("anna"));
        house.engine.take(Command { by, action: Action::On(TicketId(1), Verb::Acknowledge) }, key)
    };
    assert!(take(key("k", "ack 1")).await.is_err());
    house.open("One").await.unwrap();
    take(key("k", "ack 1")).await.unwrap();
    assert_eq!(house.ticket(1).await.state, State::Held);
}

#[tokio::test]
async fn a_restart_goes_on_where_it_stopped() {
    let mut house = new_house().await;
    let same = Facts { dedup_key: Some("disk-7".to_owned()), ..facts("Disk full") };
    assert_eq!(asked(&house.open_with(same.clone(), None).await.unwrap()), ["anna"]);
    house.restart(TimeDelta::minutes(1)).await;
    assert_eq!(asked(&house.open("Another").await.unwrap()), ["bjorn"], "whose turn it is");
    let repeated = house.open_with(same, None).await.unwrap();
    assert_eq!((repeated.id, repeated.count), (TicketId(1), 2));
    house.by("bjorn", 2, Verb::Acknowledge).await.unwrap();
    house.by("bjorn", 2, Verb::Resolve { notes: "Restarted it".to_owned(), cause: None }).await.unwrap();
    house.restart(TimeDelta::minutes(1)).await;
    let reopened = house.by("bjorn", 2, Verb::Reopen { reason: "it was not".to_owned() }).await.unwrap();
    assert!(reopened.live(), "a ticket that is not on the desk is found by its number");
    assert_eq!(house.open("A third").await.unwrap().id, TicketId(3));
}

#[tokio::test]
async fn what_is_due_is_done_without_being_asked() {
    let house = new_house().await;
    let ticket = house.open("Nobody answers").await.unwrap();
    let mut news = house.engine.news();
    assert_eq!(ticket.offer.unwrap().expires_at, monday(11, 0));
    house.advance(TimeDelta::hours(2)).await;
    let story = house.story(1).await.join(" ");
    insta::assert_snapshot!(story, @"opened path_taken offered waits_set offer_ended tried escalated unattended told path_taken offered waits_set");
    let events = news.recv().await.unwrap().events;
    assert_eq!(events[0].what, What::OfferEnded { why: OfferEnd::Expired });
    assert_eq!(events[0].at, monday(11, 0));
}

#[tokio::test]
async fn what_came_due_during_an_outage_is_done_at_the_start() {
    let mut house = new_house().await;
    house.open("Nobody answers").await.unwrap();
    house.restart(TimeDelta::hours(8)).await;
    house.advance(TimeDelta::zero()).await;
    let ticket = house.ticket(1).await;
    assert_eq!(asked(&ticket), ["carol"], "it is 17:00 and emea has gone home");
}

#[tokio::test]
async fn explaining_writes_nothing() {
    let house = new_house().await;
    let before = house.batch().await;
    let explanation = house.engine.explain(facts("What if"), None).await.unwrap();
    assert!(matches!(&explanation.outcome, Outcome::Offer { ask, .. } if ask == &[PersonId::new("anna")]));
    assert_eq!(house.batch().await, before);
    assert_eq!(house.open("Now really").await.unwrap().id, TicketId(1));
}

#[tokio::test]
async fn a_notice_that_is_given_up_is_marked_with_what_the_desk_makes_of_it() {
    let house = new_house().await;
    house.open("One").await.unwrap();
    let row = house.engine.store().outbox(OutboxFilter::Pending, 1).await.unwrap().remove(0);
    let failed =
        Action::NoticeFailed { notice: Box::new(row.notice.clone()), reason: "no such mailbox".to_owned() };
    house.engine.take(Command::system(failed), None).await.unwrap();
    let failed = house.engine.store().outbox(OutboxFilter::Failed, 9).await.unwrap();
    assert_eq!(failed[0].notice.id, row.notice.id);
    assert_eq!(failed[0].last_error.as_deref(), Some("no such mailbox"));
    assert_eq!(asked(&house.ticket(1).await), ["bjorn"], "anna cannot be reached");
}

#[tokio::test]
async fn a_stopping_engine_finishes_what_it_took_and_takes_nothing_new() {
    let house = new_house().await;
    let (engine, url) = (house.engine.clone(), house.url());
    let waiting = (0..20).map(|number| {
        let engine = engine.clone();
        tokio::spawn(async move { engine.take(opening(facts(&format!("Ticket {number}"))), None).await })
    });
    let waiting: Vec<_> = waiting.collect();
    tokio::task::yield_now().await;
    engine.stop().await;
    assert!(!engine.is_running());
    assert!(matches!(house.open("Too late").await, Err(EngineError::Stopping)));
    let mut answered = 0;
    for answer in waiting {
        match answer.await.unwrap() {
            Ok(_) => answered += 1,
            Err(EngineError::Stopping) => (),
            Err(other) => panic!("{other}"),
        }
    }
    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.load_desk().await.unwrap().tickets.len(), answered);
}
