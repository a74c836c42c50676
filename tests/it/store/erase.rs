//! What is personal is erased from every row.

use sqlx::AssertSqlSafe;

use super::audit::filled;
use super::*;

fn erasure() -> Erasure<'static> {
    Erasure { causes: &[], pseudonym: &|name| format!("customer-{}", name.len()), forgotten: None }
}

/// Done ones, in the order of their last change.
async fn whole(store: &Store) -> Vec<Whole> {
    let (mut all, mut after) = (Vec::new(), Place::default());
    loop {
        let page = store.whole_tickets(after, 7).await.unwrap();
        let Some(last) = page.last() else { return all };
        assert!(page.len() <= 7 && last.place > after);
        after = last.place;
        all.extend(page);
    }
}

#[tokio::test]
async fn nothing_that_was_written_is_left_in_any_row_and_the_audit_is_content() {
    for_each_store(async |store| {
        filled(&store).await;
        let live = store.load_desk().await.unwrap().tickets;
        let now = store.last().await.unwrap().decided_at.unwrap();
        let done: Vec<TicketId> = whole(&store).await.iter().map(|whole| whole.saved.ticket.id).collect();
        assert!(done.len() > 30);
        let (mut all, before) = (ErasedRows::default(), store.last().await.unwrap());
        for some in done.chunks(20) {
            all.add(store.erase(some, &erasure(), now + TimeDelta::days(400)).await.unwrap());
        }
        assert_eq!((all.tickets, &all.left), (done.len() as u64, &Default::default()));
        assert!(all.events > all.tickets && all.notices > 0, "{all:?}");
        assert!(store.last().await.unwrap().batch > before.batch, "other nodes hear of it");
        assert_eq!(whole(&store).await.len(), 0);
        let again = store.erase(&done, &erasure(), now).await.unwrap();
        assert_eq!(again, ErasedRows::default(), "another node finds nothing to do");

        for id in &done {
            let saved = store.ticket(*id).await.unwrap().unwrap();
            assert_eq!(
                (saved.ticket.facts.title.as_str(), saved.ticket.facts.external_ref),
                ("(erased)", None)
            );
            let rows = store.notices_of(*id).await.unwrap();
            assert!(
                rows.iter().all(|row| row.notice.about.title == "(erased)" && !row.is_pending()),
                "{rows:?}"
            );
            let said = serde_json::to_string(&store.history(*id).await.unwrap()).unwrap();
            assert!(!said.contains("of step"), "{said}");
        }
        assert_eq!(store.load_desk().await.unwrap().tickets, live, "live tickets are untouched");
        let last = store.last().await.unwrap().decided_at.unwrap();
        let at = meridian::desk::AuditedAt { now: last, lateness_max: TimeDelta::MAX };
        let audit = store.audit(at, |_| ()).await.unwrap();
        assert_eq!((audit.wrong, audit.tickets), (0, 430), "{:?}", audit.findings);

        // What was erased is gone by when something happened to it last, and not by when it was erased.
        let since = KeptSince { tickets: Some(now + TimeDelta::days(1)), notices: noon() };
        let mut gone = 0;
        while let Gone { tickets: some @ 1.., .. } = store.prune(since, 50).await.unwrap() {
            gone += some as usize;
        }
        assert_eq!(gone, done.len());
    })
    .await;
}

#[tokio::test]
async fn a_file_has_none_of_it_left_once_its_log_is_begun_anew() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    filled(&store).await;
    let done = whole(&store).await;
    let [first, ..] = &done[..] else { panic!("some are done") };
    let title = first.saved.ticket.facts.title.clone();
    store.erase(&[first.saved.ticket.id], &erasure(), noon() + TimeDelta::days(400)).await.unwrap();
    store.close().await;
    let bytes = std::fs::read(folder.path().join("meridian.db")).unwrap();
    let found = bytes.windows(title.len()).filter(|window| *window == title.as_bytes()).count();
    assert_eq!(found, 0, "{title:?} is still in the file");
}

#[tokio::test]
async fn the_log_has_none_of_it_left_once_nobody_reads_from_it() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    filled(&store).await;
    let first = whole(&store).await.remove(0).saved.ticket;
    let url = sqlite_url(&folder);
    let tool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let mut reads = tool.begin().await.unwrap();
    sqlx::query("select count(*) from tickets").execute(&mut *reads).await.unwrap();
    store.erase(&[first.id], &erasure(), noon() + TimeDelta::days(400)).await.unwrap();
    let found = || {
        let bytes = std::fs::read(folder.path().join("meridian.db-wal")).unwrap();
        bytes.windows(first.facts.title.len()).any(|window| window == first.facts.title.as_bytes())
    };
    assert!(!store.begin_log_anew().await.unwrap() && found(), "somebody reads what it was");
    reads.rollback().await.unwrap();
    assert!(store.begin_log_anew().await.unwrap() && !found());
    tool.close().await;
    store.close().await;
}

#[tokio::test]
async fn the_database_lets_only_tickets_that_are_done_and_marked_lose_words() {
    for (url, _folder) in urls().await {
        let store = Store::open(&url).await.unwrap();
        filled(&store).await;
        let done = whole(&store).await.remove(0).saved.ticket.id;
        let live = store.load_desk().await.unwrap().tickets[0].ticket.id;
        let tool = sqlx::AnyPool::connect(&url).await.unwrap();
        let run = async |text: String| sqlx::query(AssertSqlSafe(text)).execute(&tool).await.map(drop);
        let reword = |id: TicketId| format!("update events set what = what where ticket = {id}");
        let refused = |outcome: Result<(), sqlx::Error>| {
            outcome.err().is_some_and(|error| error.to_string().contains("events are never changed"))
        };
        assert!(refused(run(reword(live)).await), "a live ticket");
        assert!(refused(run(reword(done)).await), "it is not marked as erased");
        run(format!("update tickets set erased_at = 1 where id in ({done}, {live})")).await.unwrap();
        assert!(refused(run(reword(live)).await), "a live ticket, even marked");
        run(reword(done)).await.unwrap();
        for column in ["at = at + 1", "actor = '1'", "batch = batch + 1", "what = '{\"event\":\"unlinked\"}'"]
        {
            let changed = run(format!("update events set {column} where ticket = {done}")).await;
            assert!(refused(changed), "{column}");
        }
        store.close().await;
    }
}

#[tokio::test]
async fn footprints_are_found_by_what_they_say_and_never_changed() {
    for (url, _folder) in urls().await {
        let store = Store::open(&url).await.unwrap();
        let print = |minute: i64, what, person: &str, tickets: &[i64]| {
            let at = noon() + TimeDelta::minutes(minute);
            let print = Footprint::new(at, what, "GET /v1/tickets/{id}").unwrap();
            let print = print.about(tickets.iter().copied().map(TicketId).collect());
            Footprint { person: Some(PersonId::new(person)), token: Some("t".into()), ..print }
        };
        let prints = [
            print(0, Deed::Read, "anna", &[17, 3, 17]),
            print(1, Deed::Read, "bjorn", &[3]),
            print(2, Deed::Export, "anna", &(1..=300).collect::<Vec<_>>()).of("acme"),
        ];
        store.leave_footprints(&prints).await.unwrap();
        let found = async |filter: TrailFilter| {
            let found = store.footprints(&TrailFilter { limit: 10, ..filter }).await.unwrap();
            found.into_iter().map(|print| print.at.format("%M").to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            store.footprints(&TrailFilter { limit: 10, ..Default::default() }).await.unwrap()[0],
            prints[2]
        );
        assert_eq!((prints[0].tickets.len(), prints[2].tickets.len(), prints[2].more), (2, 200, 100));
        let all = TrailFilter::default;
        assert_eq!(found(all()).await, "02 01 00");
        assert_eq!(found(TrailFilter { ticket: Some(TicketId(17)), ..all() }).await, "02 00");
        assert_eq!(found(TrailFilter { person: Some(PersonId::new("bjorn")), ..all() }).await, "01");
        assert_eq!(found(TrailFilter { what: Some(Deed::Export), ..all() }).await, "02");
        assert_eq!(found(TrailFilter { token: Some("other".into()), ..all() }).await, "");
        let later = Some(noon() + TimeDelta::minutes(1));
        assert_eq!(found(TrailFilter { from: later, ..all() }).await, "02 01");
        assert_eq!(found(TrailFilter { until: later, ..all() }).await, "00");
        assert_eq!(found(TrailFilter { before: Some(prints[1].id.clone()), ..all() }).await, "00");
        let tool = sqlx::AnyPool::connect(&url).await.unwrap();
        let changed = sqlx::query("update trail set person = 'nobody'").execute(&tool).await;
        assert!(changed.unwrap_err().to_string().contains("the trail is never changed"));
        assert_eq!(store.let_footprints_go(noon() + TimeDelta::minutes(2), 10).await.unwrap(), 2);
        assert_eq!(found(all()).await, "02");
        store.close().await;
    }
}

/// One of either kind, and what keeps it.
async fn urls() -> Vec<(String, TempDir)> {
    let [one, other] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    vec![(sqlite_url(&one), one), (postgres::database().await, other)]
}
