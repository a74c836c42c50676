//! The API's certificate: taken up when it is renewed, spoken of when it cannot be or will soon have ended.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use notify::RecursiveMode;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::ears::{Ears, Folders, above};
use crate::clock::Clock;
use crate::tls::{Holds, Looked, Served, Validity};

/// Said once more after so long.
const SAY_AGAIN: TimeDelta = TimeDelta::hours(24);

/// Reads both files again and says what came of it.
pub async fn look_again(served: &Arc<Served>, now: DateTime<Utc>) {
    let looking = served.clone();
    let looked = tokio::task::spawn_blocking(move || looking.look_again()).await;
    match looked {
        Ok(Looked::AsBefore) => (),
        Ok(Looked::Renewed(validity)) => {
            info!(until = %validity.until, "a new certificate is at work for whoever connects from now on");
            say_how_long(served, now);
        }
        Ok(Looked::Refused(why)) => error!(
            error = why,
            until = %served.validity().until,
            "the new certificate is refused; the one of before stays at work"
        ),
        Err(fault) => error!(error = %fault, "the certificate cannot be looked at"),
    }
}

/// Says so where the certificate does not hold now, or soon will not.
pub fn say_how_long(served: &Served, now: DateTime<Utc>) {
    let Validity { from, until } = served.validity();
    let file = served.files().certificate.display();
    match served.validity().at(now) {
        Holds::NoMore => {
            error!(%until, %file, "THE CERTIFICATE HAS EXPIRED: clients turn away; renew it, the files are watched");
        }
        Holds::NotYet => {
            error!(%from, %file, "the certificate is not valid yet: clients turn away; is the clock right?");
        }
        Holds::NotForLong => {
            warn!(%until, %file, "the certificate expires in {} days: renew it", (until - now).num_days());
        }
        Holds::Yes => (),
    }
}

/// Takes up renewed files until `stop`.
pub async fn watch(served: Arc<Served>, clock: Clock, stop: CancellationToken) {
    let mut said_at = clock.now();
    loop {
        let mut ears = Ears::open(|| folders(&served)).await;
        look_again(&served, clock.now()).await;
        if clock.now() - said_at >= SAY_AGAIN {
            said_at = clock.now();
            say_how_long(&served, said_at);
        }
        // Where nothing can be heard, the files are looked at as often as everything else that cannot be.
        tokio::select! {
            () = stop.cancelled() => return,
            () = ears.a_change() => (),
        }
    }
}

/// Those that the files stand in; where they are links into other folders, they are looked at now and then.
fn folders(served: &Served) -> anyhow::Result<Folders> {
    let files = served.files();
    let mut folders = vec![above(&files.certificate), above(&files.key)];
    folders.dedup();
    Ok(folders.into_iter().map(|folder| (folder, RecursiveMode::NonRecursive)).collect())
}
