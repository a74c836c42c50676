use meridian::engine::{Drift, Reloaded};

use super::*;

fn edited(name: &str) -> String {
    ORG.replace("Example", name)
}

fn name(node: &House) -> String {
    node.engine.in_force().coverage.organisation.name.clone()
}

async fn has(node: &House, revision: i64, organisation: &str) {
    eventually(&format!("revision {revision} ({organisation}) is at work"), async || {
        node.engine.in_force().revision == revision && name(node) == organisation
    })
    .await;
}

async fn drifts(node: &House) -> Drift {
    eventually("the files differ, and that is known", async || node.engine.in_force().drift.is_some()).await;
    assert_eq!(node.engine.meters().drift.get(), 1);
    node.engine.in_force().drift.clone().unwrap()
}

#[tokio::test]
async fn a_second_node_with_the_same_files_publishes_nothing() {
    let [one, two] = nodes().await;
    assert_eq!((one.engine.in_force().revision, two.engine.in_force().revision), (1, 1));
    assert_eq!(two.engine.in_force().drift, None);
    assert_eq!(one.engine.store().revisions(9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_have_one_revision() {
    let (url, clock) = (postgres::database().await, Clock::standing_at(monday(9, 0)));
    let (other, third) = (edited("Other"), edited("Third"));
    let (one, two, three) = tokio::join!(
        House::node(&url, ORG, &clock),
        House::node(&url, &other, &clock),
        House::node(&url, &third, &clock)
    );
    let nodes = [one.unwrap(), two.unwrap(), three.unwrap()];
    let stored = nodes[0].engine.store().revisions(9).await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(nodes.each_ref().map(|node| node.engine.in_force().revision), [1, 1, 1]);
    assert_eq!(name(&nodes[0]), name(&nodes[1]));
    assert_eq!(name(&nodes[0]), name(&nodes[2]));
    eventually("the two that were not the first know it", async || {
        nodes.iter().filter(|node| node.engine.in_force().drift.is_some()).count() == 2
    })
    .await;
}

#[tokio::test]
async fn a_second_node_with_other_files_works_by_those_in_force_and_says_so() {
    let [one] = nodes().await;
    let two = House::node(&one.url(), &edited("Other"), &one.clock).await.unwrap();
    let drift = Drift { revision: 1, files: vec!["org.toml".to_owned()], zones: vec![] };
    assert_eq!(drifts(&two).await, drift);
    assert_eq!(name(&two), "Example");
    let reloaded = two.engine.reload().await.unwrap();
    assert!(matches!(reloaded, Reloaded::Drifted { revision: 1, .. }), "{reloaded:?}");

    assert!(matches!(two.engine.publish().await.unwrap(), Reloaded::Changed { revision: 2, .. }));
    has(&one, 2, "Other").await;
    assert_eq!(drifts(&one).await.revision, 2);
    assert_eq!(two.engine.in_force().drift, None);
}

#[tokio::test]
async fn an_edit_rolled_out_to_one_node_after_the_other_is_one_revision() {
    let [one, two] = nodes().await;
    for (revision, name) in [(2, "Second"), (3, "Third")] {
        let edit = edited(name);
        let (first, last) = if revision == 2 { (&one, &two) } else { (&two, &one) };
        first.write(&edit);
        let reloaded = first.engine.reload().await.unwrap();
        assert!(
            matches!(&reloaded, Reloaded::Changed { revision: new, .. } if *new == revision),
            "{reloaded:?}"
        );
        has(last, revision, name).await;
        drifts(last).await;
        // Told to read files that are still the old ones, it must not bring them back.
        let reloaded = last.engine.reload().await.unwrap();
        assert!(matches!(reloaded, Reloaded::Drifted { .. }), "{reloaded:?}");
        last.write(&edit);
        let reloaded = last.engine.reload().await.unwrap();
        assert!(
            matches!(&reloaded, Reloaded::Unchanged { revision: now } if *now == revision),
            "{reloaded:?}"
        );
        assert_eq!(last.engine.in_force().drift, None);
    }
    assert_eq!(one.engine.store().revisions(9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn of_two_different_edits_at_once_one_comes_into_force() {
    let [one, two] = nodes().await;
    one.write(&edited("Left"));
    two.write(&edited("Right"));
    let (left, right) = tokio::join!(one.engine.reload(), two.engine.reload());
    let (left, right) = (left.unwrap(), right.unwrap());
    let winner = match (&left, &right) {
        (Reloaded::Changed { revision: 2, .. }, Reloaded::Drifted { revision: 2, .. }) => "Left",
        (Reloaded::Drifted { revision: 2, .. }, Reloaded::Changed { revision: 2, .. }) => "Right",
        _ => panic!("{left:?} {right:?}"),
    };
    has(&one, 2, winner).await;
    has(&two, 2, winner).await;
}

#[tokio::test]
async fn files_edited_while_a_node_was_down_are_published_unless_another_was_faster() {
    let [mut one, two] = nodes().await;
    one.write(&edited("Edited"));
    one.restart(chrono::TimeDelta::zero()).await;
    has(&two, 2, "Edited").await;
    assert_eq!(one.engine.in_force().drift, None);

    two.write(&edited("Edited"));
    assert!(matches!(two.engine.reload().await.unwrap(), Reloaded::Unchanged { revision: 2 }));
    one.write(&edited("Late"));
    one.engine.stop().await;
    two.write(&edited("Early"));
    assert!(matches!(two.engine.reload().await.unwrap(), Reloaded::Changed { revision: 3, .. }));
    one.restart(chrono::TimeDelta::zero()).await;
    assert_eq!((one.engine.in_force().revision, name(&one).as_str()), (3, "Early"));
    assert_eq!(drifts(&one).await.revision, 3);
}

#[tokio::test]
async fn drift_ends_unasked_once_the_files_are_brought_into_line() {
    let [one, two] = nodes().await;
    one.write(&edited("New"));
    one.engine.reload().await.unwrap();
    drifts(&two).await;
    two.write(&edited("New"));
    two.clock.set(monday(9, 2));
    eventually("the files are looked at again", async || two.engine.in_force().drift.is_none()).await;
}
