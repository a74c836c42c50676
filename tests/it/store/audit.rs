use std::collections::BTreeMap;

use meridian::desk::{AuditedAt, Desk};
use sqlx::{AnyPool, AssertSqlSafe};

use super::*;
use crate::engine::house::{House, facts, opening};

/// 430 tickets that ran their course over a day, saved as an engine saves: more than two pages of them.
pub async fn filled(store: &Store) {
    let house = House::new().await;
    let in_force = house.engine.in_force();
    house.engine.stop().await;
    let rules = Rules { revision: 1, coverage: &in_force.coverage };
    let mut desk = Desk::default();
    for step in 0..43 {
        let now = noon() + TimeDelta::minutes(20) * step;
        for ticket in desk.due(rules, now, 1000) {
            desk.take(rules, Command::system(Action::On(ticket, Verb::Wake)), now).unwrap();
        }
        for n in 0..10 {
            let title = format!("Ticket {n} of step {step}");
            let priority = Some(if n == 4 { Priority::P1 } else { Priority::P3 });
            let facts = Facts { external_ref: Some(title.clone()), priority, ..facts(&title) };
            let answer = desk.take(rules, opening(facts), now).unwrap();
            let Answer::Ticket { ticket, .. } = answer else { panic!("{answer:?}") };
            let asked = ticket.offer.iter().flat_map(|offer| &offer.ask).next();
            if let (0..5, Some(person)) = (n, asked) {
                let by = Actor::Person(person.clone());
                let verbs = [Verb::Acknowledge, Verb::Resolve { notes: "done".into(), cause: None }];
                for verb in verbs.into_iter().take(1 + n % 2) {
                    let command = Command { by: by.clone(), action: Action::On(ticket.id, verb) };
                    desk.take(rules, command, now).unwrap();
                }
            }
        }
        let changes = desk.drain();
        let mut batch = store.begin().await.unwrap();
        let before = batch.last().await.unwrap();
        batch.save(&changes, &before, now).await.unwrap();
        batch.commit().await.unwrap();
    }
}

async fn audited(store: &Store) -> Audit {
    let last = store.last().await.unwrap().decided_at.unwrap();
    let at = AuditedAt { now: last, lateness_max: TimeDelta::minutes(1) };
    store.audit(at, |_| ()).await.unwrap()
}

fn told(audit: &Audit) -> String {
    let mut text = format!("{} wrong, {} overdue\n", audit.wrong, audit.overdue);
    for finding in &audit.findings {
        let of = finding.ticket.map_or("-".to_owned(), |ticket| ticket.to_string());
        // What it might have been instead grows with every new kind of event.
        let what = finding.what.split(", expected one of").next().unwrap();
        text += &format!("{of}: {what}\n");
    }
    text
}

#[tokio::test]
async fn an_audit_finds_nothing_where_nothing_is_wrong_and_changes_nothing() {
    for_each_store(async |store| {
        filled(&store).await;
        let (mut heard, before) = (Vec::new(), store.load_desk().await.unwrap());
        let now = store.last().await.unwrap().decided_at.unwrap();
        let at = AuditedAt { now, lateness_max: TimeDelta::minutes(1) };
        let audit = store.audit(at, |tickets| heard.push(tickets)).await.unwrap();
        assert_eq!(told(&audit), "0 wrong, 0 overdue\n");
        assert_eq!(audit.tickets, 430);
        assert!(audit.events > 2000, "more than a page: {}", audit.events);
        assert_eq!(heard, [200, 400, 430]);
        assert_eq!(store.load_desk().await.unwrap().tickets, before.tickets);
        let late = AuditedAt { now: now + TimeDelta::days(2), ..at };
        let audit = store.audit(late, |_| ()).await.unwrap();
        assert_eq!((audit.wrong, audit.overdue as usize), (0, before.tickets.len()), "nobody looks any more");
    })
    .await;
}

/// Each of them would come of a disk that lies, a hand in the database, or a mistake of ours.
const DAMAGE: &[&str] = &[
    "update tickets set body = '{\"half\": 1}' where id = 2",
    "update tickets set version = 99 where id = 3",
    "update tickets set priority = 'P1', holder_team = 'amer' where id = 4",
    "update tickets set wake_at = null where id = 10",
    "update tickets set wake_at = 0 where id = 9",
    "update tickets set changed_batch = 99999 where id = 201",
    "delete from events where ticket = 203 and seq = 2",
    "update events set what = '{\"event\": \"danced\"}' where ticket = 204 and seq = 1",
    "delete from events where ticket = 430",
    "update desk set last_ticket = 429",
    "update handoffs set body = '{}'",
];

#[tokio::test]
async fn what_cannot_be_true_is_found_and_nothing_else_is_lost_by_it() {
    let (folder, shared) = (TempDir::new().unwrap(), postgres::database().await);
    let mut all = BTreeMap::new();
    for url in [sqlite_url(&folder), shared] {
        let store = Store::open(&url).await.unwrap();
        filled(&store).await;
        let kind = url.split(':').next().unwrap();
        let tool = AnyPool::connect(&url).await.unwrap();
        let guards = match kind {
            "sqlite" => {
                "drop trigger events_are_never_changed; drop trigger events_of_live_tickets_are_never_deleted"
            }
            _ => {
                "drop trigger events_are_never_changed on events; drop trigger events_of_live_tickets_are_never_deleted on events"
            }
        };
        for text in [guards].iter().chain(DAMAGE) {
            sqlx::raw_sql(AssertSqlSafe(*text)).execute(&tool).await.unwrap();
        }
        tool.close().await;
        let audit = audited(&store).await;
        assert_eq!(audit.tickets, 430);
        all.insert(kind.to_owned(), told(&audit));
    }
    assert_eq!(all["sqlite"], all["postgres"], "both databases find the same");
    insta::assert_snapshot!(all["sqlite"], @r#"
    10 wrong, 1 overdue
    2: it cannot be read: ticket 2: could not read a value's JSON: missing field `id` at line 1 column 11
    4: beside its body stand other values: priority, holder_team
    10: live, and it will never be looked at again
    201: changed in batch 99999, its events in 37, the last is 43
    203: event 3 stands where event 2 should
    204: event 1 of ticket 204: could not read a value's JSON: unknown variant `danced`
    430: it has no history
    -: the last number given out is 429, and there is a ticket 430
    -: handoff 1 cannot be read: could not read a value's JSON: missing field `id` at line 1 column 2
    3: it cannot be read: ticket 3: written by a newer release (body version 99, this one reads up to 1)
    9: it was to be looked at on 1970-01-01 00:00:00 UTC and has not been
    "#);
}

#[tokio::test]
async fn so_many_findings_that_they_are_only_counted() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    save(&store, tickets((1..=500).map(ticket).collect())).await.unwrap();
    let audit = audited(&store).await;
    assert_eq!(
        (audit.wrong, audit.findings.len()),
        (501, 100),
        "none has a history, and one number is too high"
    );
}
