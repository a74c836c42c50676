use super::*;

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
        batch.commit().await.unwrap();
        let mut batch = store.begin().await.unwrap();
        assert!(contradicts(&batch.add_revision(&second).await.unwrap_err()));
        drop(batch);
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
        assert_eq!(store.revoke_token("grafana", []).await.unwrap(), Revoked::Done);
        assert_eq!(store.revoke_token("grafana", []).await.unwrap(), Revoked::Unknown);
        assert_eq!(store.token_by_hash(&token.hash).await.unwrap(), None);
    })
    .await;
}
