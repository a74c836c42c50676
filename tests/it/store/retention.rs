use meridian::desk::AuditedAt;
use meridian::engine::Retention;

use super::audit::filled;
use super::*;
use crate::engine::house::{House, eventually};
use crate::nodes::nodes;

#[tokio::test]
async fn done_tickets_go_whole_and_live_ones_never() {
    for_each_store(async |store| {
        filled(&store).await;
        let live = store.load_desk().await.unwrap().tickets;
        let before = store.kept_rows().await.unwrap();
        let early =
            KeptSince { tickets: Some(noon() - TimeDelta::days(1)), notices: noon() - TimeDelta::days(1) };
        assert!(store.prune(early, 10).await.unwrap().is_nothing(), "nothing is old enough");

        let later = noon() + TimeDelta::days(30);
        let since = KeptSince { tickets: Some(later), notices: later };
        let (mut all, mut rounds) = (0, 0);
        loop {
            let gone = store.prune(since, 10).await.unwrap();
            if gone.is_nothing() {
                break;
            }
            assert!(gone.tickets <= 10, "a few at a time: {gone:?}");
            all += gone.tickets;
            rounds += 1;
        }
        let after = store.kept_rows().await.unwrap();
        assert!(rounds > 3 && all > 30, "{all} in {rounds} rounds");
        assert_eq!(after.tickets, before.tickets - all as i64);
        assert!(after.events < before.events, "{before:?} {after:?}");
        assert_eq!(store.load_desk().await.unwrap().tickets, live, "live tickets are untouched");
        let at = AuditedAt { now: noon(), lateness_max: TimeDelta::days(1) };
        let audit = store.audit(at, |_| ()).await.unwrap();
        assert_eq!((audit.wrong, audit.tickets), (0, after.tickets as u64), "{:?}", audit.findings);
        let gone =
            (1..=430).map(TicketId).find(|id| !live.iter().any(|saved| saved.ticket.id == *id)).unwrap();
        assert!(store.is_gone(gone).await.unwrap());
        assert!(!store.is_gone(live[0].ticket.id).await.unwrap());
        assert!(!store.is_gone(TicketId(431)).await.unwrap(), "that number is still to come");
    })
    .await;
}

#[tokio::test]
async fn delivered_notices_were_kept_for_ever() {
    for_each_store(async |store| {
        let notices = vec![notice("1-1-0", 1, NoticeKind::Told, 0), notice("1-1-1", 1, NoticeKind::Told, 0)];
        save(&store, Changes { tickets: vec![ticket(1)], notices, ..Changes::default() }).await.unwrap();
        store.notices_sent(&[taken("1-1-0", "log")], noon()).await.unwrap();
        let since = |days| KeptSince { tickets: None, notices: noon() + TimeDelta::days(days) };
        assert!(store.prune(since(0), 10).await.unwrap().is_nothing());
        assert_eq!(store.prune(since(1), 10).await.unwrap(), Gone { notices: 1, ..Gone::default() });
        assert_eq!(store.outbox(OutboxFilter::Pending, 10).await.unwrap().len(), 1, "what is not sent stays");
    })
    .await;
}

#[tokio::test]
async fn several_nodes_let_go_of_each_ticket_once_while_they_go_on() {
    let [one, other] = nodes().await;
    let alone = House::new().await;
    for houses in [&[&one, &other][..], &[&alone]] {
        for n in 1..=60 {
            let ticket = houses[0].open(&format!("Ticket {n}")).await.unwrap().id.0;
            houses[0].by("anna", ticket, Verb::Acknowledge).await.unwrap();
            houses[0].by("anna", ticket, Verb::Resolve { notes: "done".into(), cause: None }).await.unwrap();
        }
        houses[0].open("Still open").await.unwrap();
        let store = houses[0].engine.store();
        // A week later what is resolved closes by itself; from then on it is kept.
        houses[0].clock.set(houses[0].clock.now() + TimeDelta::days(8));
        eventually("all of them are closed", async || {
            let rows = store.load_desk().await.unwrap();
            rows.closings.is_empty() && rows.tickets.len() == 1
        })
        .await;
        houses[0].clock.set(houses[0].clock.now() + TimeDelta::days(31));
        let retention = Retention { tickets: Some(TimeDelta::days(30)), notices: TimeDelta::days(7) };
        houses.iter().for_each(|house| house.engine.keep_only(retention));
        eventually("what is old enough is gone", async || store.kept_rows().await.unwrap().tickets == 1)
            .await;
        assert_eq!(houses[0].open("The next").await.unwrap().id.0, 62, "numbers go on");
    }
}
