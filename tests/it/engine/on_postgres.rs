//! The stories that every database tells alike.

use super::house::{self, House};
use crate::nodes::nodes;

async fn new_house() -> House {
    let [house] = nodes().await;
    house
}

#[allow(clippy::duplicate_mod, reason = "the same stories, told of another database")]
#[path = "batches.rs"]
mod batches;
#[allow(clippy::duplicate_mod, reason = "the same stories, told of another database")]
#[path = "closings.rs"]
mod closings;
#[allow(clippy::duplicate_mod, reason = "the same stories, told of another database")]
#[path = "schedules.rs"]
mod schedules;
