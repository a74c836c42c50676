//! What every store must keep, whatever database stands behind it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::*;
use meridian::schedule::{PersonId, PolicyId, Priority, Residency, TeamId};
use meridian::store::*;
use tempfile::TempDir;

/// Runs a story against an empty store of every kind we have.
async fn for_each_store<F, Done>(story: F)
where
    F: Fn(Store) -> Done,
    Done: Future<Output = ()>,
{
    let folder = TempDir::new().unwrap();
    story(sqlite(&folder).await).await;
}

async fn sqlite(folder: &TempDir) -> Store {
    Store::open(&sqlite_url(folder)).await.unwrap()
}

fn sqlite_url(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("meridian.db").display())
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-03-02T12:00:00Z")
}

/// Offered to `emea-frontline`.
fn ticket(id: i64) -> Saved {
    let ticket = Ticket {
        id: TicketId(id),
        opened_at: noon(),
        facts: Facts { title: format!("Ticket {id}: the \"shop\" \\ is down 🌍"), ..Facts::default() },
        priority: Priority::P3,
        state: State::Waiting,
        holder: Holder::Nobody { reason: Alone::Offered, look_again: None },
        offer: Some(Offer {
            kind: OfferKind::Routing,
            team: TeamId::new("emea-frontline"),
            line: None,
            ask: vec![PersonId::new("anna")],
            substitute_language: None,
            since: noon(),
            expires_at: noon() + TimeDelta::minutes(15),
            handoff: None,
        }),
        path: Path {
            route: None,
            policy: PolicyId::new("standard"),
            step: 0,
            target: None,
            hours_asked: false,
            lines_called: 0,
            round: 0,
            since: noon(),
        },
        acknowledge: Some(Wait {
            allowed: TimeDelta::minutes(15),
            spent: TimeDelta::zero(),
            clock: WaitClock::Calendar,
            running_since: Some(noon()),
            due: Some(noon() + TimeDelta::minutes(15)),
        }),
        resolve: None,
        overran_at: None,
        pending: None,
        declined: vec![],
        asked: vec![],
        past: vec![],
        helpers: vec![],
        briefing: None,
        briefed_by: None,
        recent: vec![],
        stay_until: None,
        kept_until: None,
        hops: 0,
        reviewed_hops: 0,
        count: 1,
        unattended_since: None,
        seq: 1,
    };
    Saved { ticket, wake_at: Some(noon() + TimeDelta::minutes(15)), residency: None }
}

fn held_by(id: i64, person: &str, team: &str) -> Saved {
    let mut saved = ticket(id);
    saved.ticket.state = State::Held;
    saved.ticket.offer = None;
    saved.ticket.holder =
        Holder::Person { person: PersonId::new(person), team: TeamId::new(team), since: noon() };
    saved
}

fn closed(id: i64) -> Saved {
    let mut saved = ticket(id);
    saved.ticket.state = State::Closed;
    saved.ticket.offer = None;
    saved.ticket.holder = Holder::Nobody { reason: Alone::Done, look_again: None };
    saved.wake_at = None;
    saved
}

fn note(ticket: i64, seq: u32, text: &str) -> Event {
    Event {
        ticket: TicketId(ticket),
        seq,
        at: noon() + TimeDelta::seconds(i64::from(seq)),
        by: Actor::Person(PersonId::new("anna")),
        what: What::Noted { text: text.to_owned(), progress: true },
    }
}

fn notice(id: &str, ticket: i64, kind: NoticeKind, minutes: i64) -> Notice {
    Notice {
        id: id.to_owned(),
        at: noon() + TimeDelta::minutes(minutes),
        ticket: TicketId(ticket),
        priority: Priority::P3,
        kind,
        to: PersonId::new("anna"),
        subject: format!("Ticket {ticket}"),
        text: "Please take it.".to_owned(),
        expires_at: None,
    }
}

fn handoff(id: i64, outcome: HandoffOutcome) -> Handoff {
    Handoff {
        id: HandoffId(id),
        boundary: noon() + TimeDelta::hours(4),
        from: TeamId::new("emea-frontline"),
        to: TeamId::new("amer-frontline"),
        items: vec![HandoffItem {
            ticket: TicketId(1),
            from: PersonId::new("anna"),
            outcome,
            briefing: Briefing::default(),
        }],
    }
}

/// One batch with those changes.
async fn save(store: &Store, changes: Changes) -> anyhow::Result<Last> {
    let mut batch = store.begin().await?;
    let before = batch.last().await?;
    let last = batch.save(&changes, &before, noon()).await?;
    batch.commit().await?;
    Ok(last)
}

fn tickets(tickets: Vec<Saved>) -> Changes {
    Changes { tickets, ..Changes::default() }
}

fn numbers(found: &[Saved]) -> Vec<i64> {
    found.iter().map(|saved| saved.ticket.id.0).collect()
}

/// The whole chain of causes in one line.
fn words<T>(outcome: anyhow::Result<T>) -> String {
    format!("{:#}", outcome.err().expect("it fails"))
}

#[tokio::test]
async fn a_ticket_comes_back_as_it_was_saved_and_as_it_was_saved_again() {
    for_each_store(async |store| {
        let first = Saved { residency: Some(Residency::new("eu")), ..ticket(1) };
        save(&store, tickets(vec![first.clone()])).await.unwrap();
        assert_eq!(store.ticket(TicketId(1)).await.unwrap(), Some(first));

        let second = held_by(1, "anna", "emea-frontline");
        save(&store, tickets(vec![second.clone()])).await.unwrap();
        assert_eq!(store.ticket(TicketId(1)).await.unwrap(), Some(second));
        assert_eq!(store.ticket(TicketId(2)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn lists_filter_by_every_field_and_page_by_number() {
    for_each_store(async |store| {
        let mut swedish = held_by(2, "anna", "emea-frontline");
        swedish.residency = Some(Residency::new("eu"));
        let mut worst = held_by(3, "bao", "apac-frontline");
        worst.ticket.priority = Priority::P1;
        worst.ticket.facts.external_ref = Some("CRM-7".to_owned());
        save(&store, tickets(vec![ticket(1), swedish, worst, closed(4)])).await.unwrap();

        let all = TicketFilter { limit: 10, ..TicketFilter::default() };
        let team = |team| Some(TeamId::new(team));
        let residencies = |names: &[&str]| Some(names.iter().map(|name| Residency::new(name)).collect());
        let lists = [
            ("all", all.clone()),
            ("the first two", TicketFilter { limit: 2, ..all.clone() }),
            ("the next two", TicketFilter { limit: 2, after: Some(TicketId(2)), ..all.clone() }),
            ("held", TicketFilter { state: Some(State::Held), ..all.clone() }),
            ("emea holds or is asked", TicketFilter { team: team("emea-frontline"), ..all.clone() }),
            ("bao holds", TicketFilter { holder: Some(PersonId::new("bao")), ..all.clone() }),
            ("P1", TicketFilter { priority: Some(Priority::P1), ..all.clone() }),
            ("CRM-7", TicketFilter { external_ref: Some("CRM-7".to_owned()), ..all.clone() }),
            ("for eu", TicketFilter { residencies: residencies(&["eu", "us"]), ..all.clone() }),
            ("for none", TicketFilter { residencies: residencies(&[]), ..all.clone() }),
            (
                "P1 of emea",
                TicketFilter { priority: Some(Priority::P1), team: team("emea-frontline"), ..all },
            ),
        ];
        let mut table = String::new();
        for (name, filter) in lists {
            let found = store.tickets(&filter).await.unwrap();
            table += &format!("{name}: {:?}\n", numbers(&found));
        }
        insta::assert_snapshot!(table, @r"
        all: [1, 2, 3, 4]
        the first two: [1, 2]
        the next two: [3, 4]
        held: [2, 3]
        emea holds or is asked: [1, 2]
        bao holds: [3]
        P1: [3]
        CRM-7: [3]
        for eu: [1, 2, 3, 4]
        for none: [1, 3, 4]
        P1 of emea: []
        ");
    })
    .await;
}

#[tokio::test]
async fn tickets_are_counted_by_state_and_priority() {
    for_each_store(async |store| {
        save(&store, tickets(vec![ticket(1), ticket(2), closed(3)])).await.unwrap();
        let counts = store.counts_by_state_priority().await.unwrap();
        assert_eq!(
            counts,
            BTreeMap::from([((State::Waiting, Priority::P3), 2), ((State::Closed, Priority::P3), 1)])
        );
    })
    .await;
}

#[tokio::test]
async fn the_desk_is_loaded_with_what_is_live_and_nothing_else() {
    for_each_store(async |store| {
        let changes = Changes {
            tickets: vec![ticket(1), closed(2), held_by(3, "anna", "emea-frontline")],
            handoffs: vec![
                Handoff { boundary: noon(), ..handoff(1, HandoffOutcome::Passed) },
                Handoff { boundary: noon(), ..handoff(2, HandoffOutcome::Offered) },
                handoff(3, HandoffOutcome::Passed),
            ],
            turns: BTreeMap::from([(TeamId::new("emea-frontline"), PersonId::new("anna"))]),
            numbers: Numbers { ticket: 3, handoff: 2 },
            ..Changes::default()
        };
        save(&store, changes.clone()).await.unwrap();
        save(&store, Changes { numbers: changes.numbers, ..Changes::default() }).await.unwrap();

        let rows = store.load_desk().await.unwrap();
        assert_eq!(numbers(&rows.tickets), [1, 3]);
        assert_eq!(rows.handoffs, changes.handoffs[1..], "still offered, or its boundary is to come");
        assert_eq!(rows.turns, changes.turns);
        assert_eq!((rows.batch, rows.decided_at, rows.numbers), (2, Some(noon()), changes.numbers));
    })
    .await;
}

#[tokio::test]
async fn another_node_sees_what_changed_since_its_last_batch() {
    for_each_store(async |store| {
        let changes = Changes {
            tickets: vec![ticket(1), ticket(2)],
            turns: BTreeMap::from([(TeamId::new("emea-frontline"), PersonId::new("anna"))]),
            ..Changes::default()
        };
        let seen = save(&store, changes).await.unwrap();
        let changes = Changes {
            tickets: vec![closed(2), ticket(3)],
            handoffs: vec![handoff(1, HandoffOutcome::Offered)],
            turns: BTreeMap::from([(TeamId::new("amer-frontline"), PersonId::new("ben"))]),
            ..Changes::default()
        };
        save(&store, changes.clone()).await.unwrap();

        let mut batch = store.begin().await.unwrap();
        let since = batch.changed_since(seen.batch).await.unwrap();
        assert_eq!(since.tickets, [closed(2), ticket(3)]);
        assert_eq!(since.handoffs, changes.handoffs);
        assert_eq!(since.turns, changes.turns);
        assert_eq!(numbers(&batch.tickets(&[TicketId(3), TicketId(9), TicketId(1)]).await.unwrap()), [1, 3]);
        assert_eq!(batch.handoffs(&[HandoffId(1), HandoffId(5)]).await.unwrap(), changes.handoffs);
    })
    .await;
}

#[tokio::test]
async fn history_is_in_order_and_nothing_in_it_is_written_twice() {
    for_each_store(async |store| {
        let events = vec![note(1, 1, "first"), note(2, 1, "other"), note(1, 2, "second")];
        let changes =
            Changes { tickets: vec![ticket(1), ticket(2)], events: events.clone(), ..Changes::default() };
        save(&store, changes).await.unwrap();
        assert_eq!(store.history(TicketId(1)).await.unwrap(), [events[0].clone(), events[2].clone()]);

        let again = Changes { events: vec![note(1, 2, "rewritten")], ..Changes::default() };
        assert!(words(save(&store, again).await).starts_with("could not save events: "));
        assert_eq!(store.history(TicketId(1)).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_dropped_never_was() {
    for_each_store(async |store| {
        save(&store, tickets(vec![ticket(1)])).await.unwrap();
        let mut batch = store.begin().await.unwrap();
        let before = batch.last().await.unwrap();
        batch.save(&tickets(vec![closed(1), ticket(2)]), &before, noon()).await.unwrap();
        drop(batch);

        assert_eq!(store.begin().await.unwrap().last().await.unwrap(), before);
        assert_eq!(store.ticket(TicketId(1)).await.unwrap(), Some(ticket(1)));
        assert_eq!(store.ticket(TicketId(2)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_what_can_never_be() {
    for_each_store(async |store| {
        let with_key = |mut saved: Saved| {
            saved.ticket.facts.dedup_key = Some("disk-7".to_owned());
            saved
        };
        save(&store, tickets(vec![with_key(ticket(1))])).await.unwrap();
        let asleep = Saved { wake_at: Some(noon()), ..closed(3) };
        let table = [
            ("two live tickets with one dedup key", tickets(vec![with_key(ticket(2))])),
            ("a closed ticket that wakes up", tickets(vec![asleep])),
            ("a ticket without a number", tickets(vec![ticket(0)])),
            ("an event of no ticket", Changes { events: vec![note(9, 1, "lost")], ..Changes::default() }),
            (
                "a notice of no ticket",
                Changes { notices: vec![notice("n", 9, NoticeKind::Page, 0)], ..Changes::default() },
            ),
        ];
        for (name, changes) in table {
            let refused = save(&store, changes).await.expect_err(name);
            assert!(contradicts(&refused), "{name}: {refused:#}");
        }
        // The key passes on once the ticket that had it is closed, within one batch too.
        save(&store, tickets(vec![with_key(ticket(2)), with_key(closed(1))])).await.unwrap();
    })
    .await;
}

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
        let claimed = store.claim_notices(now, "one", lease, 2).await.unwrap();
        assert_eq!(ids(&claimed), ["page", "a"]);
        let claimed = store.claim_notices(now, "two", lease, 9).await.unwrap();
        assert_eq!(ids(&claimed), ["b"], "the rest of what is due");
        assert_eq!(store.next_notice_at().await.unwrap(), Some(now + lease));

        let claimed = store.claim_notices(now + lease, "two", lease, 9).await.unwrap();
        assert_eq!(ids(&claimed), ["page", "a", "b"], "the leases ran out");
    })
    .await;
}

#[tokio::test]
async fn a_notice_is_sent_or_tried_again_or_given_up() {
    for_each_store(async |store| {
        with_notices(&store).await;
        let now = noon() + TimeDelta::minutes(5);
        store.claim_notices(now, "one", TimeDelta::minutes(1), 9).await.unwrap();
        store.notice_sent("page", "sms", now).await.unwrap();
        store.notice_sent("page", "email", now).await.unwrap();
        let again = now + TimeDelta::seconds(30);
        store.notice_retry("a", again, "connection refused", "email").await.unwrap();
        store.notice_retry("page", again, "too late", "email").await.unwrap();
        let mut batch = store.begin().await.unwrap();
        batch.give_up([("b", "no such mailbox"), ("page", "too late")], now).await.unwrap();
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
        insta::assert_snapshot!(table, @"
        Pending: a due 12:05:30 attempts 1 email connection refused
        Pending: later due 13:00:00 attempts 0  
        Sent: page due 12:02:00 attempts 1 sms 
        Failed: b due 12:01:00 attempts 1  no such mailbox
        ");
        let counts = store.outbox_counts().await.unwrap();
        assert_eq!(counts, OutboxCounts { pending: 2, failed: 1 });
        assert_eq!(ids(&store.claim_notices(again, "two", TimeDelta::minutes(1), 9).await.unwrap()), ["a"]);
        assert_eq!(store.outbox(OutboxFilter::Pending, 9).await.unwrap()[0].notice.to, PersonId::new("anna"));
    })
    .await;
}

#[tokio::test]
async fn handoffs_are_listed_newest_first() {
    for_each_store(async |store| {
        let by = PersonId::new("ben");
        let handoffs = vec![
            handoff(1, HandoffOutcome::Offered),
            handoff(2, HandoffOutcome::Accepted { by }),
            handoff(3, HandoffOutcome::Offered),
        ];
        save(&store, Changes { handoffs: handoffs.clone(), ..Changes::default() }).await.unwrap();
        let numbers = |list: Vec<Handoff>| list.iter().map(|handoff| handoff.id.0).collect::<Vec<_>>();
        assert_eq!(numbers(store.handoffs(false, None, 9).await.unwrap()), [3, 2, 1]);
        assert_eq!(numbers(store.handoffs(true, None, 9).await.unwrap()), [3, 1]);
        assert_eq!(numbers(store.handoffs(false, Some(HandoffId(3)), 1).await.unwrap()), [2]);
        assert_eq!(store.handoff(HandoffId(2)).await.unwrap(), Some(handoffs[1].clone()));
    })
    .await;
}

#[tokio::test]
async fn answers_are_remembered_for_a_while() {
    for_each_store(async |store| {
        let answer =
            Remembered { fingerprint: "POST /v1/tickets".to_owned(), answer: serde_json::json!({"id": 1}) };
        let answers = BTreeMap::from([("k1".to_owned(), answer)]);
        let mut batch = store.begin().await.unwrap();
        batch.remember(&answers, noon()).await.unwrap();
        assert_eq!(batch.remembered(&["k1", "k2"], noon()).await.unwrap(), answers);
        let later = noon() + TimeDelta::seconds(1);
        assert_eq!(batch.remembered(&["k1"], later).await.unwrap(), BTreeMap::new());
        batch.forget(later, 10).await.unwrap();
        assert_eq!(batch.remembered(&["k1"], noon()).await.unwrap(), BTreeMap::new());
    })
    .await;
}

#[tokio::test]
async fn revisions_stay_and_their_numbers_are_given_once() {
    for_each_store(async |store| {
        assert_eq!(store.latest_revision().await.unwrap(), None);
        let first = RevisionRow {
            number: 1,
            at: noon(),
            files: BTreeMap::from([("org.toml".to_owned(), "[org]\nname = \"Ö\"\n".to_owned())]),
            zone_version: Some("2026f".to_owned()),
            zones: BTreeMap::from([("Europe/Stockholm".to_owned(), "VFppZg==".to_owned())]),
        };
        let second = RevisionRow { number: 2, zone_version: None, ..first.clone() };
        let mut batch = store.begin().await.unwrap();
        batch.add_revision(&first).await.unwrap();
        batch.add_revision(&second).await.unwrap();
        assert!(contradicts(&batch.add_revision(&second).await.unwrap_err()));
        batch.commit().await.unwrap();
        assert_eq!(store.latest_revision().await.unwrap(), Some(second));
        assert_eq!(store.revision(1).await.unwrap(), Some(first));
        assert_eq!(store.revisions(9).await.unwrap(), [(2, noon()), (1, noon())]);
    })
    .await;
}

#[tokio::test]
async fn changes_of_the_day_come_and_go_and_their_numbers_are_never_used_again() {
    for_each_store(async |store| {
        let body = serde_json::json!({"person": "anna", "from": "2026-03-02", "to": "2026-03-03"});
        let mut batch = store.begin().await.unwrap();
        let leave = batch.add_day_row(DayKind::Leave, &body, "anna", noon()).await.unwrap();
        assert!(!batch.remove_day_row(DayKind::Override, leave.id, noon()).await.unwrap());
        batch.commit().await.unwrap();
        assert_eq!(store.day_rows(DayKind::Leave).await.unwrap(), std::slice::from_ref(&leave));
        assert_eq!(store.day_rows(DayKind::Override).await.unwrap(), []);

        let mut batch = store.begin().await.unwrap();
        assert!(batch.remove_day_row(DayKind::Leave, leave.id, noon()).await.unwrap());
        assert!(!batch.remove_day_row(DayKind::Leave, leave.id, noon()).await.unwrap());
        let next = batch.add_day_row(DayKind::Override, &body, "anna", noon()).await.unwrap();
        batch.commit().await.unwrap();
        assert!(next.id > leave.id);
        assert_eq!(store.day_rows(DayKind::Leave).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_found_by_hash_until_they_are_revoked() {
    for_each_store(async |store| {
        let token = TokenRow {
            name: "grafana".to_owned(),
            hash: "a".repeat(64),
            role: Role::Ingest,
            person: None,
            at: noon(),
        };
        let anna = TokenRow {
            name: "anna".to_owned(),
            hash: "b".repeat(64),
            role: Role::Responder,
            person: Some(PersonId::new("anna")),
            at: noon(),
        };
        assert!(store.add_token(&token).await.unwrap());
        assert!(store.add_token(&anna).await.unwrap());
        assert!(!store.add_token(&TokenRow { hash: "c".repeat(64), ..token.clone() }).await.unwrap());
        assert_eq!(store.tokens().await.unwrap(), [anna, token.clone()]);
        assert_eq!(store.token_by_hash(&token.hash).await.unwrap(), Some(token.clone()));
        assert!(store.revoke_token("grafana").await.unwrap());
        assert!(!store.revoke_token("grafana").await.unwrap());
        assert_eq!(store.token_by_hash(&token.hash).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_thousand_tickets_are_one_batch_and_survive_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    let events = (1..=1000).map(|id| note(id, 1, "opened")).collect();
    let changes = Changes { tickets: (1..=1000).map(ticket).collect(), events, ..Changes::default() };
    save(&store, changes).await.unwrap();
    store.close().await;

    let store = sqlite(&folder).await;
    let rows = store.load_desk().await.unwrap();
    assert_eq!(rows.tickets, (1..=1000).map(ticket).collect::<Vec<_>>());
    assert_eq!(store.history(TicketId(1000)).await.unwrap(), [note(1000, 1, "opened")]);
}

#[tokio::test]
async fn a_new_database_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    save(&store, tickets(vec![ticket(1)])).await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
    let modes: BTreeMap<String, String> = files
        .map(|file| {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            (file.file_name().into_string().unwrap(), format!("{mode:o}"))
        })
        .collect();
    insta::assert_debug_snapshot!(modes, @r#"
    {
        "meridian.db": "600",
        "meridian.db-shm": "600",
        "meridian.db-wal": "600",
    }
    "#);
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_with_its_place() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing/meridian.db");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "these are notes, and more than a header's length of them\n".repeat(9)).unwrap();
    let mut table = String::new();
    for url in [
        "postgres://localhost/meridian".to_owned(),
        "sqlite::memory:".to_owned(),
        format!("sqlite:{}", missing.display()),
        format!("sqlite:{}", text.display()),
    ] {
        let said = words(Store::open(&url).await);
        table += &said.replace(&folder.path().display().to_string(), "DIR");
        table += "\n";
    }
    insta::assert_snapshot!(table, @r#"
    database "postgres://localhost/meridian": expected sqlite:PATH
    could not open the database ":memory:": it must be a file, so that what is promised is kept
    could not open the database "DIR/missing/meridian.db": its directory does not exist: create it first
    could not open the database "DIR/notes.txt": it is some other file, not a SQLite database
    "#);
}

#[tokio::test]
async fn what_a_newer_release_wrote_is_refused_and_not_half_read() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    save(&store, tickets(vec![ticket(1)])).await.unwrap();
    store.close().await;
    let tool = sqlx::SqlitePool::connect(&sqlite_url(&folder)).await.unwrap();
    sqlx::query("update tickets set version = 99").execute(&tool).await.unwrap();
    tool.close().await;

    let said = words(sqlite(&folder).await.ticket(TicketId(1)).await);
    insta::assert_snapshot!(said, @"ticket 1: written by a newer release (body version 99, this one reads up to 1)");
}

#[tokio::test]
async fn events_cannot_be_changed_even_from_outside() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    let changes =
        Changes { tickets: vec![ticket(1)], events: vec![note(1, 1, "first")], ..Changes::default() };
    save(&store, changes).await.unwrap();
    let tool = sqlx::SqlitePool::connect(&sqlite_url(&folder)).await.unwrap();
    let rewritten = sqlx::query("update events set at = 0").execute(&tool).await;
    let deleted = sqlx::query("delete from events").execute(&tool).await;
    assert!(rewritten.unwrap_err().to_string().contains("events are never changed"));
    assert!(deleted.unwrap_err().to_string().contains("events are never deleted"));
}
