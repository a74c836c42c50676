//! What is resolved closes by itself, whoever is there when it does.

use chrono::TimeDelta;
use meridian::desk::*;

use super::house::*;
use super::new_house;

#[tokio::test]
async fn a_resolved_ticket_closes_by_itself_be_it_after_a_restart() {
    let mut house = new_house().await;
    let done = |house: &House, ticket: i64| {
        let by = Actor::Person("anna".into());
        let verb = Verb::Resolve { notes: "done".into(), cause: None };
        let command = Command { by, action: Action::On(TicketId(ticket), verb) };
        let engine = house.engine.clone();
        async move { engine.take(command, None).await.unwrap() }
    };
    for (ticket, title) in [(1, "One"), (2, "Two"), (3, "Three")] {
        house.open(title).await.unwrap();
        house.by("anna", ticket, Verb::Acknowledge).await.unwrap();
    }
    done(&house, 1).await;
    house.advance(TimeDelta::hours(1)).await;
    done(&house, 2).await;
    done(&house, 3).await;
    assert_eq!(house.ticket(2).await.closes_at, Some(monday(10, 0) + TimeDelta::days(7)));

    house.restart(TimeDelta::days(3)).await;
    house.by("anna", 2, Verb::Note { text: "thanks".into(), progress: false }).await.unwrap();
    house.by("anna", 3, Verb::Reopen { reason: "it is back".into() }).await.unwrap();
    house.advance(TimeDelta::days(4) - TimeDelta::minutes(61)).await;
    assert_eq!(house.ticket(1).await.state, State::Resolved, "a minute before");
    house.advance(TimeDelta::minutes(1)).await;
    assert_eq!((house.ticket(1).await.state, house.ticket(2).await.state), (State::Closed, State::Resolved));
    let history = house.engine.store().history(TicketId(1)).await.unwrap();
    let closed = history.last().unwrap();
    assert!(matches!(closed.what, What::Closed { .. }) && closed.by == Actor::System, "{closed:?}");
    assert_eq!(closed.at, monday(9, 0) + TimeDelta::days(7));

    house.restart(TimeDelta::hours(2)).await;
    eventually("what fell due meanwhile closes", async || house.ticket(2).await.state == State::Closed).await;
    assert!(house.ticket(3).await.live(), "it was reopened");
    assert_eq!(house.ticket(2).await.closes_at, None);
}
