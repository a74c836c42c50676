use chrono::TimeDelta;
use meridian::desk::*;
use meridian::schedule::PersonId;
use meridian::store::*;

use super::*;

fn ids(rows: &[OutboxRow]) -> Vec<&str> {
    rows.iter().map(|row| row.notice.id.as_str()).collect()
}

/// Four notices of ticket 1: offers at noon and a minute later, a page two minutes later, one due in an hour.
async fn with_notices(store: &Store) {
    let notices = vec![
        notice("b", 1, NoticeKind::Offer, 1),
        notice("a", 1, NoticeKind::Offer, 0),
        notice("page", 1, NoticeKind::Page, 2),
        notice("later", 1, NoticeKind::Told, 60),
    ];
    save(store, Changes { tickets: vec![ticket(1)], notices, ..Changes::default() }).await.unwrap();
}

#[tokio::test]
async fn notices_go_to_one_claimer_at_a_time_pages_first() {
    for_each_store(async |store| {
        with_notices(&store).await;
        let lease = TimeDelta::minutes(1);
        let now = noon() + TimeDelta::minutes(5);
        assert_eq!(store.next_notice_at().await.unwrap(), Some(noon()));
        let claimed = store.claim_notices(now, "one", lease, 2, &Leave::NOTHING).await.unwrap();
        assert_eq!(ids(&claimed), ["page", "a"]);
        let claimed = store.claim_notices(now, "two", lease, 9, &Leave::NOTHING).await.unwrap();
        assert_eq!(ids(&claimed), ["b"], "the rest of what is due");
        assert_eq!(store.next_notice_at().await.unwrap(), Some(now + lease));

        let claimed = store.claim_notices(now + lease, "two", lease, 9, &Leave::NOTHING).await.unwrap();
        assert_eq!(ids(&claimed), ["page", "a", "b"], "the leases ran out");
    })
    .await;
}

#[tokio::test]
async fn a_notice_is_sent_or_tried_again_or_given_up() {
    for_each_store(async |store| {
        with_notices(&store).await;
        let now = noon() + TimeDelta::minutes(5);
        store.claim_notices(now, "one", TimeDelta::minutes(1), 9, &Leave::NOTHING).await.unwrap();
        store.notice_sent("page", "sms", now).await.unwrap();
        store.notice_sent("page", "email", now).await.unwrap();
        let again = now + TimeDelta::seconds(30);
        store.notice_retry("a", "one", again, "connection refused", "email", 1).await.unwrap();
        store.notice_retry("page", "one", again, "too late", "email", 1).await.unwrap();
        let mut batch = store.begin().await.unwrap();
        batch.give_up(&[("b", "no such mailbox"), ("page", "too late")], now).await.unwrap();
        batch.commit().await.unwrap();

        let mut table = String::new();
        for filter in [OutboxFilter::Pending, OutboxFilter::Sent, OutboxFilter::Failed] {
            for row in store.outbox(filter, 9).await.unwrap() {
                let error = row.last_error.unwrap_or_default();
                let channel = row.channel.unwrap_or_default();
                table += &format!(
                    "{filter:?}: {} due {} attempts {} {channel} {error}\n",
                    row.notice.id,
                    row.due_at.format("%H:%M:%S"),
                    row.attempts
                );
            }
        }
        insta::allow_duplicates!(insta::assert_snapshot!(table, @"
        Pending: a due 12:05:30 attempts 1 email connection refused
        Pending: later due 13:00:00 attempts 0  
        Sent: page due 12:02:00 attempts 1 sms 
        Failed: b due 12:01:00 attempts 1  no such mailbox
        "));
        let counts = store.outbox_counts(None).await.unwrap();
        let others = Waiting { count: 2, oldest_due: Some(again) };
        assert_eq!(counts, OutboxCounts { pages: Waiting::default(), others, failed: 1 });
        assert_eq!(
            ids(&store.claim_notices(again, "two", TimeDelta::minutes(1), 9, &Leave::NOTHING).await.unwrap()),
            ["a"]
        );
        assert_eq!(store.outbox(OutboxFilter::Pending, 9).await.unwrap()[0].notice.to, PersonId::new("anna"));
    })
    .await;
}
