//! Rows that nobody of ours has written.

use chrono::TimeDelta;
use meridian::desk::*;
use meridian::store::{Leave, OutboxFilter, TicketFilter};

use super::house::*;

const DAMAGE_TWO: &str = r#"update tickets set body = '{"id": "?"}' where id = 2"#;

#[tokio::test]
async fn a_damaged_row_kept_the_daemon_from_starting() {
    let mut house = House::new().await;
    for title in ["One", "Two", "Three"] {
        house.open(title).await.unwrap();
    }
    let before = house.ticket(2).await;
    house.sql(DAMAGE_TWO).await;
    house.restart(TimeDelta::minutes(1)).await;
    eventually("somebody counts it", async || house.engine.meters().rows_damaged.get() == 1).await;
    assert_eq!(house.ticket(2).await, before, "its history says what it was");
    let all = TicketFilter { limit: 9, ..TicketFilter::default() };
    assert_eq!(house.engine.store().tickets(&all).await.unwrap().len(), 3);
    assert_eq!(house.open("Four").await.unwrap().id, TicketId(4));

    house.advance(TimeDelta::hours(3)).await;
    for ticket in 1..=3 {
        assert!(
            house.story(ticket).await.contains(&"offer_ended".to_owned()),
            "ticket {ticket} is decided again"
        );
    }
    house.restart(TimeDelta::zero()).await;
    house.open("Five").await.unwrap();
    assert_eq!(house.engine.meters().rows_damaged.get(), 0, "the decision has mended the row");
}

#[tokio::test]
async fn a_command_that_names_a_damaged_ticket_took_the_whole_batch_with_it() {
    let house = House::new().await;
    for title in ["One", "Two"] {
        house.open(title).await.unwrap();
    }
    house.by("anna", 1, Verb::Acknowledge).await.unwrap();
    house.by("bjorn", 2, Verb::Acknowledge).await.unwrap();
    house.by("bjorn", 2, Verb::Resolve { notes: "done".into(), cause: None }).await.unwrap();
    house.sql(DAMAGE_TWO).await;
    // Two is on no desk any more, and is read for the command.
    let (one, two) = tokio::join!(
        house.by("anna", 1, Verb::Resolve { notes: "done".into(), cause: None }),
        house.by("bjorn", 2, Verb::Reopen { reason: "not done".into() }),
    );
    assert_eq!((one.unwrap().state, two.unwrap().state), (State::Resolved, State::Waiting));
}

#[tokio::test]
async fn a_ticket_whose_history_is_damaged_as_well_is_left_out_and_the_others_go_on() {
    let mut house = House::new().await;
    for title in ["One", "Two"] {
        house.open(title).await.unwrap();
    }
    house.sql("drop trigger events_are_never_changed").await;
    house.sql(DAMAGE_TWO).await;
    house.sql("update events set what = '{}' where ticket = 2 and seq = 2").await;
    house.restart(TimeDelta::minutes(1)).await;
    assert_eq!(house.open("Three").await.unwrap().id, TicketId(3));
    assert_eq!(house.engine.meters().rows_damaged.get(), 1);
    assert!(house.engine.store().ticket(TicketId(2)).await.is_err(), "whoever asks for it is told");
    house.clock.set(monday(12, 30));
    eventually("the others are decided", async || house.story(1).await.contains(&"offer_ended".to_owned()))
        .await;
}

#[tokio::test]
async fn a_damaged_notice_held_all_others_back() {
    let house = House::new().await;
    for title in ["One", "Two", "Three"] {
        house.open(title).await.unwrap();
    }
    house.sql("update outbox set body = '{}' where ticket = 2").await;
    let (store, now) = (house.engine.store(), house.clock.now());
    let claimed = store.claim_notices(now, "one", TimeDelta::minutes(1), 9, &Leave::NOTHING).await.unwrap();
    assert_eq!(claimed.iter().map(|row| row.notice.ticket.unwrap().0).collect::<Vec<_>>(), [1, 3]);
    let pending = store.outbox(OutboxFilter::Pending, 9).await.unwrap();
    assert_eq!(pending.len(), 2, "it is given up, and the outbox can be read");
    assert_eq!(store.outbox_counts(None).await.unwrap().failed, 1);
}

#[tokio::test]
async fn a_resolved_ticket_closes_though_its_row_is_damaged_and_one_that_is_gone_holds_nobody_up() {
    let mut house = House::new().await;
    for (ticket, title) in [(1, "One"), (2, "Two")] {
        house.open(title).await.unwrap();
        house.by("anna", ticket, Verb::Acknowledge).await.unwrap();
        house.by("anna", ticket, Verb::Resolve { notes: "done".into(), cause: None }).await.unwrap();
    }
    house.sql(DAMAGE_TWO).await;
    house.restart(TimeDelta::days(1)).await;
    house.sql("delete from outbox where ticket = 1; delete from events where ticket = 1; delete from tickets where id = 1")
        .await;
    house.advance(TimeDelta::days(6)).await;
    assert_eq!(house.ticket(2).await.state, State::Closed);
    assert_eq!(house.open("Three").await.unwrap().id, TicketId(3));
}
