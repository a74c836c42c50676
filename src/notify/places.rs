//! Room for requests under way to one channel, and the line before it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// Where no request has come to its end for so long and there is no room, the channel hangs.
const HANGS_AFTER: Duration = Duration::from_secs(3);
/// So many wait for a channel that hangs; more would take up what the others need.
const LINE_MAX: usize = 64;

const LOCK: &str = "no one panics while holding it";

pub(super) struct Places {
    room: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// When a request ended last, or the first began.
    ended: Mutex<Instant>,
}

/// Room for one request, until it is dropped.
pub(super) struct Place<'a> {
    places: &'a Places,
    _permit: OwnedSemaphorePermit,
}

/// Somebody in the line, until it is dropped.
struct InLine<'a>(&'a Places);

impl Places {
    pub fn new(room: usize) -> Places {
        Places {
            room: Arc::new(Semaphore::new(room)),
            waiting: AtomicUsize::new(0),
            ended: Mutex::new(Instant::now()),
        }
    }

    /// Waits for room. `None`: the channel hangs, and enough are waiting for it.
    pub async fn enter(&self) -> Option<Place<'_>> {
        if let Ok(permit) = self.room.clone().try_acquire_owned() {
            return Some(self.taken(permit));
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _in_line = InLine(self);
        loop {
            if self.hangs() && self.waiting.load(Ordering::Relaxed) > LINE_MAX {
                return None;
            }
            if let Ok(permit) = timeout(HANGS_AFTER, self.room.clone().acquire_owned()).await {
                return Some(self.taken(permit.expect("places are never closed")));
            }
        }
    }

    fn taken(&self, permit: OwnedSemaphorePermit) -> Place<'_> {
        if self.room.available_permits() == 0 {
            // Full from now on, and nobody has been slow yet.
            let mut ended = self.ended.lock().expect(LOCK);
            if ended.elapsed() >= HANGS_AFTER && self.waiting.load(Ordering::Relaxed) == 0 {
                *ended = Instant::now();
            }
        }
        Place { places: self, _permit: permit }
    }

    fn hangs(&self) -> bool {
        self.room.available_permits() == 0 && self.ended.lock().expect(LOCK).elapsed() >= HANGS_AFTER
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.places.ended.lock().expect(LOCK) = Instant::now();
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn in_line(places: &Arc<Places>, count: usize) -> Vec<tokio::task::JoinHandle<bool>> {
        let waiting = (0..count).map(|_| {
            let places = places.clone();
            tokio::spawn(async move { places.enter().await.is_some() })
        });
        let waiting = waiting.collect();
        tokio::time::sleep(Duration::from_millis(1)).await;
        waiting
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_came_waited_for_a_channel_that_hangs() {
        let places = Arc::new(Places::new(2));
        let hanging = [places.enter().await.unwrap(), places.enter().await.unwrap()];
        let waiting = in_line(&places, 1000).await;
        assert_eq!(places.waiting.load(Ordering::Relaxed), 1000, "nobody knows yet that it hangs");
        tokio::time::sleep(HANGS_AFTER * 2).await;
        assert_eq!(places.waiting.load(Ordering::Relaxed), LINE_MAX);
        assert!(places.enter().await.is_none());
        drop(hanging);
        tokio::time::sleep(Duration::from_millis(1)).await;
        let mut served = 0;
        for waited in waiting {
            served += usize::from(waited.await.unwrap());
        }
        assert_eq!(served, LINE_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_waits_for_a_channel_that_is_only_slow() {
        let places = Arc::new(Places::new(2));
        let slow = (0..500).map(|_| {
            let places = places.clone();
            tokio::spawn(async move {
                let place = places.enter().await;
                tokio::time::sleep(Duration::from_secs(2)).await;
                place.is_some()
            })
        });
        for waited in slow.collect::<Vec<_>>() {
            assert!(waited.await.unwrap());
        }
    }
}
