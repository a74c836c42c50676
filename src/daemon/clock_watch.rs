//! Says so when the machine's clock and what was decided do not agree: everything else is decided by it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::engine::Engine;

const LOOK_EVERY: Duration = Duration::from_secs(20);
/// So many looks pass before the same is said again.
const SAY_AGAIN: u32 = 30;

pub async fn watch(engine: Engine, stop: CancellationToken) {
    let mut looks = 0;
    loop {
        if let Some(leapt) = engine.clock().leapt() {
            warn!(
                seconds = leapt.num_seconds(),
                "the machine's clock has leapt ahead; if it says so for two minutes, it is believed"
            );
        }
        match engine.ahead_of_the_clock() {
            None => looks = 0,
            Some(said) => {
                if looks % SAY_AGAIN == 0 {
                    error!("{said}");
                }
                looks += 1;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => (),
            () = stop.cancelled() => return,
        }
    }
}
