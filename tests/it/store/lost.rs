use super::*;

#[tokio::test]
async fn a_database_file_removed_under_the_daemon_went_unnoticed() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    save(&store, tickets(vec![ticket(1)])).await.unwrap();
    let (file, away) = (folder.path().join("meridian.db"), folder.path().join("away.db"));
    std::fs::rename(&file, &away).unwrap();
    for outcome in [save(&store, tickets(vec![ticket(2)])).await.map(drop), store.ping().await] {
        let error = outcome.unwrap_err();
        assert!(format!("{error:#}").contains("was removed or replaced while it was in use"), "{error:#}");
        assert!(unavailable(&error), "answered with 503");
    }
    assert!(store.notices_sent(&[taken("1-1-0", "log")], noon()).await.is_err());
    std::fs::write(&file, "").unwrap();
    assert!(save(&store, tickets(vec![ticket(2)])).await.is_err(), "another file is not the one");
    std::fs::rename(&away, &file).unwrap();
    save(&store, tickets(vec![ticket(2)])).await.expect("back again, it is used again");
    assert_eq!(numbers(&store.load_desk().await.unwrap().tickets), [1, 2]);
}

#[tokio::test]
async fn a_batch_that_went_into_a_removed_file_is_not_said_to_be_on_disk() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    let mut batch = store.begin().await.unwrap();
    let before = batch.last().await.unwrap();
    batch.save(&tickets(vec![ticket(1)]), &before, noon()).await.unwrap();
    std::fs::remove_file(folder.path().join("meridian.db")).unwrap();
    assert!(words(batch.commit().await).contains("was removed or replaced"));
}
