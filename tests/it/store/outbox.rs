use chrono::TimeDelta;
use meridian::desk::*;
use meridian::schedule::PersonId;
use meridian::store::*;

use super::*;

fn ids(rows: &[OutboxRow]) -> Vec<&str> {
    rows.iter().map(|row| row.notice.id.as_str()).collect()
}

/// Four notices of ticket 1 to four people: offers at noon and a minute later, a page two minutes later, one due in an
/// hour.
async fn with_notices(store: &Store) {
    let to = |person: &str, notice| Notice { to: PersonId::new(person), ..notice };
    let notices = vec![
        to("bjorn", notice("b", 1, NoticeKind::Offer, 1)),
        notice("a", 1, NoticeKind::Offer, 0),
        to("carol", notice("page", 1, NoticeKind::Page, 2)),
        to("dave", notice("later", 1, NoticeKind::Told, 60)),
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
        store.notices_sent(&[taken("page", "sms")], now).await.unwrap();
        store.notices_sent(&[taken("page", "email")], now).await.unwrap();
        let again = now + TimeDelta::seconds(30);
        store.notice_retry("a", "one", &retried(again, "connection refused", "email", 1)).await.unwrap();
        store.notice_retry("page", "one", &retried(again, "too late", "email", 1)).await.unwrap();
        let mut batch = store.begin().await.unwrap();
        batch.give_up(&[given_up("b", "no such mailbox"), given_up("page", "too late")], now).await.unwrap();
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

/// Ids of what can be claimed at `minutes` past noon.
async fn claimed(store: &Store, minutes: i64) -> String {
    let now = noon() + TimeDelta::minutes(minutes);
    let rows = store.claim_notices(now, "one", TimeDelta::minutes(1), 9, &Leave::NOTHING).await.unwrap();
    ids(&rows).join(" ")
}

#[tokio::test]
async fn a_stand_down_never_goes_out_before_its_page_however_often_that_fails() {
    for_each_store(async |store| {
        let other = Notice { to: PersonId::new("bjorn"), ..notice("1-2-0", 1, NoticeKind::Told, 0) };
        // Told in one decision; then, in one after it, that somebody else has it.
        let first =
            vec![notice("1-9-0", 1, NoticeKind::Page, 0), notice("1-9-1", 1, NoticeKind::Told, 0), other];
        let changes = Changes { tickets: vec![ticket(1), ticket(2)], notices: first, ..Changes::default() };
        save(&store, changes).await.unwrap();
        let then =
            vec![notice("1-10-0", 1, NoticeKind::StandDown, 1), notice("2-1-0", 2, NoticeKind::Told, 1)];
        save(&store, Changes { notices: then, ..Changes::default() }).await.unwrap();

        let mut story = format!("first: {}\n", claimed(&store, 2).await);
        store
            .notice_retry("1-9-0", "one", &retried(noon() + TimeDelta::minutes(9), "busy", "sms", 1))
            .await
            .unwrap();
        story += &format!("while the page waits to be tried again: {}\n", claimed(&store, 4).await);
        let next = store.next_notice_at().await.unwrap().unwrap();
        assert!(
            next <= noon() + TimeDelta::minutes(9),
            "what cannot be claimed is nothing to wake up for: {next}"
        );
        store.notices_sent(&[taken("1-9-0", "sms")], noon() + TimeDelta::minutes(9)).await.unwrap();
        story += &format!("it arrived: {}\n", claimed(&store, 10).await);
        let mut batch = store.begin().await.unwrap();
        batch.give_up(&[given_up("1-9-1", "no such mailbox")], noon()).await.unwrap();
        batch.commit().await.unwrap();
        story += &format!("the next was given up: {}\n", claimed(&store, 12).await);
        insta::allow_duplicates!(insta::assert_snapshot!(story, @r#"
        first: 1-9-0 1-2-0 2-1-0
        while the page waits to be tried again: 1-2-0 2-1-0
        it arrived: 1-2-0 1-9-1 2-1-0
        the next was given up: 1-2-0 1-10-0 2-1-0
        "#));
    })
    .await;
}

#[tokio::test]
async fn what_waits_before_a_page_is_as_urgent_as_the_page() {
    for_each_store(async |store| {
        let told =
            vec![notice("1-1-0", 1, NoticeKind::StandDown, 0), notice("2-1-0", 2, NoticeKind::Told, 0)];
        let changes = Changes { tickets: vec![ticket(1), ticket(2)], notices: told, ..Changes::default() };
        save(&store, changes).await.unwrap();
        assert_eq!(claimed(&store, 0).await, "1-1-0 2-1-0");
        for id in ["1-1-0", "2-1-0"] {
            let later = noon() + TimeDelta::minutes(30);
            store.notice_retry(id, "one", &retried(later, "waits for its turn", "sms", 0)).await.unwrap();
        }
        save(
            &store,
            Changes { notices: vec![notice("1-2-0", 1, NoticeKind::Page, 2)], ..Changes::default() },
        )
        .await
        .unwrap();
        let rows = store
            .claim_notices(noon() + TimeDelta::minutes(2), "one", TimeDelta::minutes(1), 9, &Leave::NOTHING)
            .await;
        let rows: Vec<(String, bool)> =
            rows.unwrap().into_iter().map(|row| (row.notice.id, row.urgent)).collect();
        assert_eq!(
            rows,
            [("1-1-0".to_owned(), true)],
            "the page comes after it, and neither waits half an hour"
        );
        let later = noon() + TimeDelta::minutes(30);
        store.notice_retry("1-1-0", "one", &retried(later, "busy", "sms", 1)).await.unwrap();
        assert_eq!(claimed(&store, 5).await, "1-2-0", "a page waits for nothing that goes on failing");
    })
    .await;
}

#[tokio::test]
async fn all_who_ask_for_a_key_have_the_one_that_was_first() {
    for_each_store(async |store| {
        assert_eq!(store.key("links", "one", noon()).await.unwrap(), "one");
        assert_eq!(store.key("links", "two", noon()).await.unwrap(), "one");
        assert_eq!(store.key("others", "three", noon()).await.unwrap(), "three");
    })
    .await;
}

/// One of several stages of asking, which is due so many minutes after it was made.
fn stage(notice: Notice, number: u32, minutes: i64) -> Notice {
    let stage = Stage { first: notice.id.clone(), number, of: 3, after: TimeDelta::minutes(minutes) };
    let id = if number == 0 { notice.id.clone() } else { format!("{}-s{number}", notice.id) };
    Notice { id, stage: Some(stage), ..notice }
}

#[tokio::test]
async fn a_later_stage_waits_for_nobody_and_nobody_waits_for_it() {
    for_each_store(async |store| {
        let page = || notice("1-1-0", 1, NoticeKind::Page, 0);
        let stages = vec![stage(page(), 0, 0), stage(page(), 1, 5), stage(page(), 2, 10)];
        save(&store, Changes { tickets: vec![ticket(1)], notices: stages, ..Changes::default() })
            .await
            .unwrap();
        let mut story = format!("noon: {}\n", claimed(&store, 0).await);
        let next = store.next_notice_at().await.unwrap().unwrap();
        assert_eq!(next, noon() + TimeDelta::minutes(1), "the lease ends before the next stage");
        let busy = noon() + TimeDelta::minutes(30);
        store.notice_retry("1-1-0", "one", &retried(busy, "busy", "push", 1)).await.unwrap();
        assert_eq!(store.next_notice_at().await.unwrap(), Some(noon() + TimeDelta::minutes(5)));
        story += &format!("four past: {}\n", claimed(&store, 4).await);
        story += &format!("five past, while the first is tried again: {}\n", claimed(&store, 5).await);
        store.notices_sent(&[taken("1-1-0-s1", "voice")], noon() + TimeDelta::minutes(5)).await.unwrap();
        store.notices_sent(&[taken("1-1-0", "push")], noon() + TimeDelta::minutes(5)).await.unwrap();
        let then =
            vec![notice("1-2-0", 1, NoticeKind::StandDown, 6), notice("1-3-0", 1, NoticeKind::Page, 7)];
        save(&store, Changes { notices: then, ..Changes::default() }).await.unwrap();
        story += &format!("six past, somebody has it: {}\n", claimed(&store, 6).await);
        store.notices_sent(&[taken("1-2-0", "push")], noon() + TimeDelta::minutes(6)).await.unwrap();
        story += &format!("seven past, asked again: {}\n", claimed(&store, 7).await);
        story += &format!("ten past: {}\n", claimed(&store, 10).await);
        insta::allow_duplicates!(insta::assert_snapshot!(story, @r#"
        noon: 1-1-0
        four past: 
        five past, while the first is tried again: 1-1-0-s1
        six past, somebody has it: 1-2-0
        seven past, asked again: 1-3-0
        ten past: 1-3-0 1-1-0-s2
        "#));
    })
    .await;
}

#[tokio::test]
async fn where_a_stage_reaches_nobody_the_next_goes_out_at_once() {
    for_each_store(async |store| {
        let page = || notice("1-1-0", 1, NoticeKind::Page, 0);
        let stages = vec![stage(page(), 0, 0), stage(page(), 1, 5), stage(page(), 2, 10)];
        save(&store, Changes { tickets: vec![ticket(1)], notices: stages, ..Changes::default() })
            .await
            .unwrap();
        let mut story = format!("noon: {}\n", claimed(&store, 0).await);
        for (minutes, failed) in [(1, "1-1-0"), (2, "1-1-0-s1"), (3, "1-1-0-s2")] {
            let row = store.notice(failed).await.unwrap().unwrap();
            let given_up = [GivenUp { id: failed, reason: "busy", next: row.notice.next_stage() }];
            let mut batch = store.begin().await.unwrap();
            batch.give_up(&given_up, noon() + TimeDelta::minutes(minutes)).await.unwrap();
            batch.commit().await.unwrap();
            story += &format!("{failed} failed: {}\n", claimed(&store, minutes).await);
        }
        insta::allow_duplicates!(insta::assert_snapshot!(story, @r#"
        noon: 1-1-0
        1-1-0 failed: 1-1-0-s1
        1-1-0-s1 failed: 1-1-0-s2
        1-1-0-s2 failed:
        "#));
    })
    .await;
}
