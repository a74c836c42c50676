//! Several nodes on one PostgreSQL database.

mod faults;
mod processes;
mod revisions;
mod silence;
mod together;

use meridian::clock::Clock;

use crate::engine::house::*;
use crate::postgres;

/// So many nodes with the same files and one clock, on a Monday at 09:00.
pub async fn nodes<const N: usize>() -> [House; N] {
    nodes_on(&postgres::database().await).await
}

async fn nodes_on<const N: usize>(url: &str) -> [House; N] {
    let clock = Clock::standing_at(monday(9, 0));
    let mut nodes = Vec::new();
    for _ in 0..N {
        nodes.push(House::node(url, ORG, &clock).await.unwrap());
    }
    nodes.try_into().ok().expect("as many as asked for")
}
