//! The stories that every database tells alike.

use super::house::{self, House};
use crate::nodes::nodes;

async fn new_house() -> House {
    let [house] = nodes().await;
    house
}

#[path = "batches.rs"]
mod batches;
#[path = "schedules.rs"]
mod schedules;
