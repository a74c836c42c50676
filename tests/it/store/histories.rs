use sqlx::AnyPool;

use super::audit::filled;
use super::*;

async fn walked(store: &Store, asked: &Histories) -> Vec<History> {
    let mut all: Vec<History> = Vec::new();
    loop {
        let after = all.last().map_or(TicketId(0), |(ticket, _)| *ticket);
        let page = store.histories(asked, after).await.unwrap();
        assert!(page.len() <= asked.limit as usize);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn ids(found: &[History]) -> Vec<i64> {
    found.iter().map(|(ticket, _)| ticket.0).collect()
}

#[tokio::test]
async fn tickets_come_with_their_whole_histories_a_page_at_a_time() {
    for_each_store(async |store| {
        filled(&store).await;
        let (opened_from, stirred_since) = (None, None);
        let later = noon() + TimeDelta::days(1);
        let all = Histories { opened_from, opened_until: later, stirred_since, limit: 37 };
        let found = walked(&store, &all).await;
        assert_eq!(ids(&found), (1..=430).collect::<Vec<_>>());
        for (ticket, history) in &found {
            assert_eq!(*history.as_ref().unwrap(), store.history(*ticket).await.unwrap(), "{ticket}");
        }
        // Ten tickets every twenty minutes.
        let hour = |from: i64| noon() + TimeDelta::hours(from);
        let opened = Histories { opened_from: Some(hour(1)), opened_until: hour(2), ..all };
        assert_eq!(ids(&walked(&store, &opened).await), (31..=60).collect::<Vec<_>>());
        let stirred = Histories { opened_until: hour(1), stirred_since: Some(hour(3)), ..all };
        let stirred = walked(&store, &stirred).await;
        assert!(!stirred.is_empty() && stirred.len() < 30, "{:?}", ids(&stirred));
        for (_, history) in stirred {
            assert!(history.unwrap().last().unwrap().at >= hour(3));
        }
    })
    .await;
}

#[tokio::test]
async fn one_damaged_event_costs_its_ticket_alone() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    filled(&store).await;
    let tool = AnyPool::connect(&sqlite_url(&folder)).await.unwrap();
    let damage = "drop trigger events_are_never_changed; update events set what = '{\"event\": \"sung\"}' where ticket = 2 and seq = 1";
    sqlx::raw_sql(damage).execute(&tool).await.unwrap();
    tool.close().await;
    let later = noon() + TimeDelta::days(1);
    let all = Histories { opened_from: None, opened_until: later, stirred_since: None, limit: 3 };
    let found = walked(&store, &all).await;
    assert_eq!(found.len(), 430);
    let wrong: Vec<i64> = found.iter().filter(|(_, history)| history.is_err()).map(|(id, _)| id.0).collect();
    assert_eq!(wrong, [2]);
    let said = format!("{:#}", found[1].1.as_ref().unwrap_err());
    assert!(said.contains("event 1 of ticket 2"), "{said}");
    store.close().await;
}
