use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use meridian::desk::*;
use meridian::engine::{Engine, EngineError};
use meridian::store::{FaceBatch, Leave, OutboxFilter, Store, TicketFilter, contradicts, unavailable};
use sqlx::{Connection, PgConnection};

use super::*;
use crate::store::retried;

/// Repeats the request, with its key, until somebody knows that it was done.
async fn surely(engine: &Engine, reference: &str) -> TicketId {
    loop {
        let facts = Facts { external_ref: Some(reference.to_owned()), ..facts(reference) };
        match engine.take(opening(facts), key(reference, "open")).await {
            Ok(Answer::Ticket { ticket, .. }) => return ticket.id,
            Err(EngineError::Unavailable(_) | EngineError::Overloaded) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn with_reference(store: &Store, reference: &str) -> Vec<TicketId> {
    let external_ref = Some(reference.to_owned());
    let found =
        store.tickets(&TicketFilter { external_ref, limit: 9, ..TicketFilter::default() }).await.unwrap();
    found.iter().map(|saved| saved.ticket.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_ridden_out() {
    let mut server = postgres::Server::start().await;
    let [one, two] = nodes_on(&server.database().await).await;
    let before = one.open("Before").await.unwrap();
    server.stop();
    for node in [&one, &two] {
        let refused = node.open("Meanwhile").await.unwrap_err();
        assert!(matches!(refused, EngineError::Unavailable(_)), "{refused:?}");
        let refused = node.engine.probe().await.unwrap_err();
        assert!(matches!(refused, EngineError::Unavailable(_)), "{refused:?}");
        assert!(unavailable(&node.engine.store().ticket(before.id).await.unwrap_err()));
    }
    server.start_again();
    for node in [&one, &two] {
        let after = surely(&node.engine, "after").await;
        assert_eq!(with_reference(one.engine.store(), "after").await, [after]);
        assert_eq!(node.ticket(before.id.0).await, *before);
    }
    // The nodes hear of each other again, and of what is due.
    two.advance(TimeDelta::hours(2)).await;
    assert!(one.story(1).await.contains(&"offer_ended".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_in_the_midst_of_work_lose_nothing_and_double_nothing() {
    let nodes: [House; 2] = nodes().await;
    let callers = nodes.iter().enumerate().flat_map(|(node, house)| {
        (0..8).map(move |caller| {
            let engine = house.engine.clone();
            tokio::spawn(async move {
                let mut answered = Vec::new();
                for number in 0..8 {
                    let reference = format!("{node}.{caller}.{number}");
                    answered.push((surely(&engine, &reference).await, reference));
                }
                answered
            })
        })
    });
    let callers: Vec<_> = callers.collect();
    let mut knife = PgConnection::connect(&nodes[0].url()).await.unwrap();
    let (mut cut, mut chance) = (0, fastrand::Rng::new());
    while !callers.iter().all(|caller| caller.is_finished()) {
        tokio::time::sleep(Duration::from_millis(chance.u64(60..240))).await;
        let text = "select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()";
        cut += sqlx::query_scalar::<_, i64>(text).fetch_one(&mut knife).await.unwrap();
    }
    assert!(cut > 5, "only {cut} connections were cut");
    let mut numbers = BTreeSet::new();
    for caller in callers {
        for (id, reference) in caller.await.unwrap() {
            assert_eq!(with_reference(nodes[0].engine.store(), &reference).await, [id], "{reference}");
            assert!(numbers.insert(id));
        }
    }
    assert_eq!(numbers.len(), 128);
    assert_eq!(numbers.last(), Some(&TicketId(128)), "no ticket that nobody knows of");
}

/// Waits as long as the database lets a silent node keep the lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_falls_silent_within_a_batch_cannot_decide_any_more() {
    let [one] = nodes().await;
    let silent = Store::open(&one.url()).await.unwrap();
    let mut batch = silent.begin().await.unwrap();
    let before = batch.last().await.unwrap();
    let changes = Changes { numbers: Numbers { ticket: 70, ..Numbers::default() }, ..Changes::default() };
    batch.save(&changes, &before, monday(9, 0)).await.unwrap();
    let begun = Instant::now();
    let opened = one.open("Meanwhile").await.unwrap();
    let waited = begun.elapsed();
    assert!(waited > Duration::from_secs(5) && waited < Duration::from_secs(14), "{waited:?}");
    assert_eq!(opened.id, TicketId(1));
    let late = batch.commit().await.unwrap_err();
    assert!(unavailable(&late) && !contradicts(&late), "{late:#}");
    assert_eq!(
        silent.last().await.unwrap().numbers.ticket,
        1,
        "its connections are new, and see what was done"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_notice_is_claimed_by_one_node_and_a_lost_lease_cannot_be_given_back() {
    let nodes: [House; 3] = nodes().await;
    for number in 0..60 {
        nodes[0].open(&format!("Ticket {number}")).await.unwrap();
    }
    let (now, lease) = (monday(9, 1), TimeDelta::minutes(1));
    let claim = |house: &House| {
        let store = house.engine.store().clone();
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let rows = store.claim_notices(now, store.node(), lease, 7, &Leave::NOTHING).await.unwrap();
                if rows.is_empty() {
                    return claimed;
                }
                claimed.extend(rows.into_iter().map(|row| row.notice.id));
            }
        })
    };
    let claiming: Vec<_> = nodes.iter().map(claim).collect();
    let mut claimed = Vec::new();
    for node in claiming {
        claimed.extend(node.await.unwrap());
    }
    assert_eq!(claimed.iter().collect::<BTreeSet<_>>().len(), claimed.len(), "none twice");
    assert_eq!(claimed.len(), nodes[0].engine.store().outbox(OutboxFilter::Pending, 99).await.unwrap().len());

    let (slow, quick) = (nodes[0].engine.store(), nodes[1].engine.store());
    let later = now + lease;
    let again = quick.claim_notices(later, quick.node(), lease, 99, &Leave::NOTHING).await.unwrap();
    assert_eq!(again.len(), claimed.len(), "the leases ran out");
    slow.notice_retry(&claimed[0], slow.node(), &retried(later, "too late", "email", 1)).await.unwrap();
    slow.take_back_leases(slow.node()).await.unwrap();
    let third = nodes[2].engine.store();
    assert!(
        third.claim_notices(later, third.node(), lease, 99, &Leave::NOTHING).await.unwrap().is_empty(),
        "no third time"
    );
}
