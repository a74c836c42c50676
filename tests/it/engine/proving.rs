//! Requirements, proved anew by the running engine.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::engine::Engine;
use meridian::store::DayKind;
use serde_json::json;

use super::house::*;

/// Somebody answers while amer is open; carol is the only one there.
const REQUIRED: &str = r#"
[[requirements]]
name = "American evenings"
tier = "frontline"
when = { days = ["mon", "tue", "wed", "thu", "fri"], from = "16:00", to = "24:00" }
"#;

/// The first gap, once what is proved is what is at work.
async fn gap(engine: &Engine) -> Option<DateTime<Utc>> {
    let proved = || {
        let standing = engine.standing()?;
        Arc::ptr_eq(&standing.coverage, &engine.in_force().coverage).then_some(standing)
    };
    eventually("the requirements are proved", async || proved().is_some()).await;
    let proof = proved().expect("nothing has changed since").proof.clone();
    proof.requirements[0].next_gap(engine.clock().now())
}

#[tokio::test]
async fn leave_of_the_day_opens_a_gap_and_its_removal_closes_it() {
    let house = House::try_new(&format!("{ORG}{REQUIRED}")).await.unwrap();
    assert_eq!(gap(&house.engine).await, None);
    let body = json!({"person": "carol", "from": "2026-03-10", "to": "2026-03-11"});
    let leave = house.engine.add_day_row(DayKind::Leave, body, "carol".to_owned(), None).await.unwrap();
    assert_eq!(gap(&house.engine).await, Some(monday(16, 0) + TimeDelta::days(8)));
    house.engine.remove_day_row(DayKind::Leave, leave.id).await.unwrap();
    assert_eq!(gap(&house.engine).await, None);
    house.engine.stop().await;
}

#[tokio::test]
async fn the_horizon_moves_on_with_time() {
    let gone = "[[leave]]\nperson = \"carol\"\nfrom = 2027-03-08\nto = 2027-03-09\n";
    let house = House::try_new(&format!("{ORG}{REQUIRED}{gone}")).await.unwrap();
    assert_eq!(gap(&house.engine).await, None, "further away than is proved");
    house.clock.set(monday(9, 0) + TimeDelta::days(7));
    let within = async || gap(&house.engine).await.is_some();
    eventually("the gap is within the horizon", within).await;
    house.engine.stop().await;
}
