use super::*;

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
        insta::allow_duplicates!(insta::assert_snapshot!(table, @r"
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
        "));
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
            numbers: Numbers { ticket: 3, handoff: 2, ..Numbers::default() },
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
        let last = batch.last().await.unwrap();
        let since = batch.changed_since(seen.batch, last).await.unwrap();
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
