use sqlx::{AnyPool, AssertSqlSafe};

use super::audit::filled;
use super::*;

async fn walked(store: &Store, which: Looked) -> Vec<History> {
    let ids = store.looked_at(which).await.unwrap();
    let mut all = Vec::new();
    for page in ids.chunks(37) {
        all.extend(store.histories(page).await.unwrap());
    }
    all
}

fn ids(found: &[History]) -> Vec<i64> {
    found.iter().map(|(ticket, _)| ticket.0).collect()
}

fn hour(hours: i64) -> DateTime<Utc> {
    noon() + TimeDelta::hours(hours)
}

#[tokio::test]
async fn tickets_come_with_their_whole_histories_a_page_at_a_time() {
    for_each_store(async |store| {
        filled(&store).await;
        let found = walked(&store, Looked::Opened { from: noon(), until: hour(24) }).await;
        assert_eq!(ids(&found), (1..=430).collect::<Vec<_>>());
        for (ticket, history) in &found {
            assert_eq!(*history.as_ref().unwrap(), store.history(*ticket).await.unwrap(), "{ticket}");
        }
        // Ten tickets every twenty minutes.
        let opened = walked(&store, Looked::Opened { from: hour(1), until: hour(2) }).await;
        assert_eq!(ids(&opened), (31..=60).collect::<Vec<_>>());
        let gone = store.histories(&[TicketId(7), TicketId(431), TicketId(500)]).await.unwrap();
        assert_eq!(ids(&gone), [7]);
    })
    .await;
}

/// Windows that begin or end at, just before and just after a batch, before the first one, and after the last.
#[tokio::test]
async fn those_that_stirred_within_a_window_are_those_with_an_event_in_it() {
    for_each_store(async |store| {
        let nothing = Looked::Stirred { from: hour(-5), until: hour(5) };
        assert_eq!(store.looked_at(nothing).await.unwrap(), []);
        filled(&store).await;
        let all = walked(&store, Looked::Opened { from: noon(), until: hour(24) }).await;
        let minutes = [-600, -1, 0, 1, 19, 20, 21, 60, 240, 839, 840, 841, 9000];
        let mut differing = 0;
        for (from, until) in minutes.iter().flat_map(|from| minutes.map(|until| (*from, until))) {
            let (from, until) = (noon() + TimeDelta::minutes(from), noon() + TimeDelta::minutes(until));
            let stirred = |(_, history): &&History| {
                history.as_ref().unwrap().iter().any(|event| from <= event.at && event.at < until)
            };
            let expected: Vec<i64> = all.iter().filter(stirred).map(|(ticket, _)| ticket.0).collect();
            let found = store.looked_at(Looked::Stirred { from, until }).await.unwrap();
            assert_eq!(found.iter().map(|id| id.0).collect::<Vec<_>>(), expected, "{from} to {until}");
            differing += usize::from(!expected.is_empty() && expected.len() < all.len());
        }
        assert!(differing > 20, "{differing}");
    })
    .await;
}

/// What a month's report reads does not grow with the years beside it.
#[tokio::test]
async fn tickets_of_a_window_are_found_along_an_index() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    filled(&store).await;
    store.close().await;
    let tool = AnyPool::connect(&sqlite_url(&folder)).await.unwrap();
    let mut plans = String::new();
    let (from, until) = (noon(), hour(24));
    for which in [Looked::Opened { from, until }, Looked::Stirred { from, until }] {
        let plan = format!("explain query plan {}", which.statement().replace("$1", "1").replace("$2", "9"));
        let steps: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(AssertSqlSafe(plan)).fetch_all(&tool).await.unwrap();
        steps.iter().for_each(|(.., step)| plans += &format!("{step}\n"));
    }
    tool.close().await;
    insta::assert_snapshot!(plans, @r#"
    SEARCH tickets USING COVERING INDEX tickets_by_opened_at (opened_at>? AND opened_at<?)
    USE TEMP B-TREE FOR ORDER BY
    SEARCH events USING COVERING INDEX events_by_batch (batch>? AND batch<?)
    USE TEMP B-TREE FOR DISTINCT
    "#);
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
    let found = walked(&store, Looked::Opened { from: noon(), until: hour(24) }).await;
    assert_eq!(found.len(), 430);
    let wrong: Vec<i64> = found.iter().filter(|(_, history)| history.is_err()).map(|(id, _)| id.0).collect();
    assert_eq!(wrong, [2]);
    let said = format!("{:#}", found[1].1.as_ref().unwrap_err());
    assert!(said.contains("event 1 of ticket 2"), "{said}");
    store.close().await;
}
