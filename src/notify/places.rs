//! Room for requests under way to one channel, and the line before it: pages first, the worst first.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::desk::{Notice, NoticeKind};
use crate::schedule::Priority;

/// Where no request has been answered for so long and there is no room, the channel hangs.
const HANGS_AFTER: Duration = Duration::from_secs(3);
/// Of what could go elsewhere, one is let through to a channel that is silent this often, to see whether it answers again.
const SEE_EVERY: Duration = Duration::from_secs(60);

const LOCK: &str = "no one panics while holding it";

pub(super) struct Places {
    state: Mutex<State>,
    moved: Notify,
}

struct State {
    free: usize,
    waiting: BTreeSet<Spot>,
    came: u64,
    /// When a request was answered last, or the last place was taken by the first of many.
    answered: Instant,
    /// A request has ended without an answer, and none has been answered since: when one was let through to see.
    silent: Option<Instant>,
}

/// In the order they are let through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    is_other: bool,
    priority: Priority,
    number: u64,
}

/// Who wants in.
#[derive(Clone, Copy)]
pub(super) struct Errand {
    is_page: bool,
    priority: Priority,
    /// Has somewhere else to go, and would rather than wait for a channel that hangs.
    elsewhere: bool,
}

impl Errand {
    /// Only a page is in such a hurry that it goes to the person's next channel without having been refused.
    pub fn of(notice: &Notice, has_next: bool) -> Errand {
        let is_page = notice.kind == NoticeKind::Page;
        Errand { is_page, priority: notice.priority.unwrap_or(Priority::P1), elsewhere: is_page && has_next }
    }
}

/// The channel hangs, and there is somewhere else to go.
#[derive(Debug)]
pub(super) struct Hangs;

/// Room for one request, until it is dropped.
pub(super) struct Place<'a>(&'a Places);

/// Somebody in the line, until it is dropped.
struct InLine<'a> {
    places: &'a Places,
    spot: Spot,
}

impl Places {
    pub fn new(room: usize) -> Places {
        let state =
            State { free: room, waiting: BTreeSet::new(), came: 0, answered: Instant::now(), silent: None };
        Places { state: Mutex::new(state), moved: Notify::new() }
    }

    /// Waits for room, as long as it takes.
    pub async fn enter(&self, errand: Errand) -> Result<Place<'_>, Hangs> {
        let in_line = self.join(errand);
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            // Before looking, lest a move in between goes unheard.
            moved.as_mut().enable();
            let hangs_at = {
                let mut state = self.state.lock().expect(LOCK);
                let now = Instant::now();
                if errand.elsewhere && state.is_avoided(now) {
                    return Err(Hangs);
                }
                if state.free > 0 && state.waiting.first() == Some(&in_line.spot) {
                    state.take(now);
                    return Ok(Place(self));
                }
                state.answered + HANGS_AFTER
            };
            tokio::select! {
                biased;
                () = moved => (),
                () = sleep_until(hangs_at), if errand.elsewhere => (),
            }
        }
    }

    /// Whether they would not be let in, as the channel hangs and they have somewhere else to go.
    pub fn leads_past(&self, errand: Errand) -> bool {
        errand.elsewhere && self.state.lock().expect(LOCK).is_avoided(Instant::now())
    }

    /// Whether requests are not answered.
    pub fn hangs(&self) -> bool {
        self.state.lock().expect(LOCK).hangs(Instant::now())
    }

    fn join(&self, errand: Errand) -> InLine<'_> {
        let mut state = self.state.lock().expect(LOCK);
        state.came += 1;
        let spot = Spot { is_other: !errand.is_page, priority: errand.priority, number: state.came };
        state.waiting.insert(spot);
        InLine { places: self, spot }
    }
}

impl State {
    fn hangs(&self, now: Instant) -> bool {
        self.silent.is_some() || (self.free == 0 && now >= self.answered + HANGS_AFTER)
    }

    /// Whether it hangs and nobody has to see whether it still does.
    fn is_avoided(&self, now: Instant) -> bool {
        match self.silent {
            Some(seen) if self.free > 0 => now < seen + SEE_EVERY,
            _ => self.hangs(now),
        }
    }

    fn take(&mut self, now: Instant) {
        self.free -= 1;
        if let Some(seen) = &mut self.silent {
            *seen = now;
        } else if self.free == 0 && self.waiting.len() <= 1 && now >= self.answered + HANGS_AFTER {
            // Full from now on, and nobody has been slow yet.
            self.answered = now;
        }
    }
}

impl Place<'_> {
    /// The request has come to its end, with an answer of whatever kind or without any.
    pub fn ended(self, answered: bool) {
        let mut state = self.0.state.lock().expect(LOCK);
        let now = Instant::now();
        if answered {
            (state.answered, state.silent) = (now, None);
        } else {
            state.silent.get_or_insert(now);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state.lock().expect(LOCK).free += 1;
        self.0.moved.notify_waiters();
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.places.state.lock().expect(LOCK).waiting.remove(&self.spot);
        self.places.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const OTHER: Errand = Errand { is_page: false, priority: Priority::P3, elsewhere: false };
    const PAGE: Errand = Errand { is_page: true, priority: Priority::P2, elsewhere: false };
    const WORST: Errand = Errand { is_page: true, priority: Priority::P1, elsewhere: false };
    const WITH_NEXT: Errand = Errand { is_page: true, priority: Priority::P1, elsewhere: true };

    /// Each in a task of its own; what became of them, with the second, in that order.
    async fn told(places: &Arc<Places>, errands: &[(&'static str, Errand)], lasts: Duration) -> Vec<String> {
        let (began, said) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let mut tasks = Vec::new();
        for (name, errand) in errands.iter().copied() {
            let (places, said) = (places.clone(), said.clone());
            tasks.push(tokio::spawn(async move {
                let entered = places.enter(errand).await;
                let word = if entered.is_ok() { "in" } else { "elsewhere" };
                said.lock().unwrap().push(format!("{name} {word} {}", began.elapsed().as_secs()));
                if let Ok(place) = entered {
                    tokio::time::sleep(lasts).await;
                    place.ended(lasts < HANGS_AFTER);
                }
            }));
            tokio::task::yield_now().await;
        }
        for task in tasks {
            task.await.unwrap();
        }
        Arc::into_inner(said).unwrap().into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_line_was_first_come_first_served() {
        let errands = [("first", OTHER), ("other", OTHER), ("page", PAGE), ("worst", WORST)];
        let said = told(&Arc::new(Places::new(1)), &errands, Duration::from_secs(2)).await;
        assert_eq!(said, ["first in 0", "worst in 2", "page in 4", "other in 6"]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_somewhere_else_to_go_does_not_wait_for_a_channel_that_hangs() {
        let places = Arc::new(Places::new(1));
        let errands = [("first", WITH_NEXT), ("second", WITH_NEXT), ("patient", PAGE)];
        let said = told(&places, &errands, Duration::from_secs(10)).await;
        assert_eq!(said, ["first in 0", "second elsewhere 3", "patient in 10"]);
        // Nobody answers, though there is room.
        assert_eq!(told(&places, &[("next", WITH_NEXT)], Duration::ZERO).await, ["next elsewhere 0"]);
        tokio::time::sleep(SEE_EVERY).await;
        assert_eq!(told(&places, &[("sees", WITH_NEXT)], Duration::ZERO).await, ["sees in 0"]);
        assert_eq!(told(&places, &[("follows", WITH_NEXT)], Duration::ZERO).await, ["follows in 0"]);
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_waits_for_a_channel_that_is_only_slow() {
        let errands = [("a", WITH_NEXT), ("b", WITH_NEXT), ("c", WITH_NEXT), ("d", OTHER)];
        let said = told(&Arc::new(Places::new(1)), &errands, Duration::from_secs(2)).await;
        assert_eq!(said, ["a in 0", "b in 2", "c in 4", "d in 6"]);
    }
}
