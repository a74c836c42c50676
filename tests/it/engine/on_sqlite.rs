//! The stories that every database tells alike.

use super::house::{self, House};

async fn new_house() -> House {
    House::new().await
}

#[path = "batches.rs"]
mod batches;
#[path = "closings.rs"]
mod closings;
#[path = "schedules.rs"]
mod schedules;
