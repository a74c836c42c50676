//! The line before a channel that takes so much at a time and no more: pages first, then in the order they came.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::settings::Rate;

/// So many wait here, and as many pages again; the others wait in the outbox, where they keep no other channel waiting.
const LINE_MAX: usize = 64;
/// Whoever is put off comes again within so long, whatever has changed by then.
const PUT_OFF_MAX: Duration = Duration::from_secs(120);
const PUT_OFF_MIN: Duration = Duration::from_millis(100);

const LOCK: &str = "no one panics while holding it";

pub(super) struct Line {
    rate: Option<Rate>,
    /// Nobody stands here for longer.
    patience: Duration,
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Default)]
struct State {
    /// Those that wait: pages before others, each in the order they came.
    waiting: BTreeSet<Spot>,
    came: u64,
    /// When the last ones went through, oldest first; at most as many as the rate has.
    went: VecDeque<Instant>,
    /// For when the others have been put off, so that they do not all come back at once.
    put_off: VecDeque<Instant>,
    closed_until: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    is_other: bool,
    number: u64,
}

/// Somebody in the line, until it is dropped.
struct InLine<'a> {
    line: &'a Line,
    spot: Spot,
}

impl Line {
    pub fn new(rate: Option<Rate>, patience: Duration) -> Line {
        Line { rate, patience, state: Mutex::default(), moved: Notify::new() }
    }

    /// Waits for its turn. An error: it would be too long; come again after that.
    pub async fn enter(&self, is_page: bool) -> Result<(), Duration> {
        let spot = self.join(is_page)?;
        let Some(spot) = spot else { return Ok(()) };
        let in_line = InLine { line: self, spot };
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            // Before looking, lest a move in between goes unheard.
            moved.as_mut().enable();
            match self.look(in_line.spot) {
                Turn::Now => return Ok(()),
                Turn::At(at) => tokio::select! {
                    () = sleep_until(at) => (),
                    () = moved => (),
                },
                Turn::BehindOthers => moved.await,
            }
        }
    }

    /// Nobody goes through for so long.
    pub fn close_for(&self, wait: Duration) {
        let mut state = self.state.lock().expect(LOCK);
        let until = Instant::now() + wait;
        state.closed_until = Some(state.closed_until.map_or(until, |before| before.max(until)));
    }

    /// `None`: straight through.
    fn join(&self, is_page: bool) -> Result<Option<Spot>, Duration> {
        let mut state = self.state.lock().expect(LOCK);
        let now = Instant::now();
        state.forget(now);
        if state.waiting.is_empty() && state.turn(self.rate, 1, now) <= now {
            state.go(self.rate, now);
            return Ok(None);
        }
        let spot = Spot { is_other: !is_page, number: state.came };
        let ahead = state.waiting.range(..spot).count();
        let room = if is_page { 2 * LINE_MAX } else { LINE_MAX };
        if state.waiting.len() >= room || state.turn(self.rate, ahead + 1, now) > now + self.patience {
            let after_all = state.waiting.len() + state.put_off.len() + 1;
            let at = state.turn(self.rate, after_all, now);
            state.put_off.push_back(at);
            return Err((at - now).clamp(PUT_OFF_MIN, PUT_OFF_MAX));
        }
        state.came += 1;
        state.waiting.insert(spot);
        Ok(Some(spot))
    }

    fn look(&self, spot: Spot) -> Turn {
        let mut state = self.state.lock().expect(LOCK);
        if state.waiting.first() != Some(&spot) {
            return Turn::BehindOthers;
        }
        let now = Instant::now();
        match state.turn(self.rate, 1, now) {
            at if at > now => Turn::At(at),
            _ => {
                state.go(self.rate, now);
                Turn::Now
            }
        }
    }
}

enum Turn {
    Now,
    At(Instant),
    BehindOthers,
}

impl State {
    fn forget(&mut self, now: Instant) {
        self.closed_until.take_if(|until| *until <= now);
        while self.put_off.front().is_some_and(|at| *at <= now) {
            self.put_off.pop_front();
        }
    }

    fn go(&mut self, rate: Option<Rate>, now: Instant) {
        let Some(rate) = rate else { return };
        self.went.push_back(now);
        if self.went.len() > rate.count.get() as usize {
            self.went.pop_front();
        }
    }

    /// When the `place`-th from now may go, if those before it go as soon as they may.
    fn turn(&self, rate: Option<Rate>, place: usize, now: Instant) -> Instant {
        let opens = self.closed_until.map_or(now, |until| until.max(now));
        let Some(Rate { count, per }) = rate else { return opens };
        let count = count.get() as usize;
        // After `count` of them everything is as before, a stretch later.
        let (rounds, place) = ((place - 1) / count, (place - 1) % count);
        // The one that has to be a stretch ago.
        let before = (self.went.len() + place).checked_sub(count).and_then(|at| self.went.get(at));
        let free = before.map_or(opens, |at| (*at + per).max(opens));
        free + per * u32::try_from(rounds).unwrap_or(u32::MAX).min(u32::from(u16::MAX))
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.line.state.lock().expect(LOCK).waiting.remove(&self.spot);
        self.line.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    /// When each went through, in seconds since the start, by name and in that order.
    async fn through(line: Arc<Line>, all: &[(&'static str, bool)]) -> String {
        let start = Instant::now();
        let gone = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (name, is_page) in all.iter().copied() {
            let (line, gone) = (line.clone(), gone.clone());
            tasks.push(tokio::spawn(async move {
                let said = match line.enter(is_page).await {
                    Ok(()) => format!("{name} {:.1}", start.elapsed().as_secs_f64()),
                    Err(wait) => format!("{name} put off {:.1}", wait.as_secs_f64()),
                };
                gone.lock().unwrap().push(said);
            }));
            tokio::task::yield_now().await;
        }
        for task in tasks {
            task.await.unwrap();
        }
        gone.lock().unwrap().join(", ")
    }

    #[tokio::test(start_paused = true)]
    async fn no_stretch_has_more_than_the_rate_and_pages_go_first() {
        let line = Arc::new(Line::new(Some(Rate::per_second(2)), LONG));
        let all = [("a", false), ("b", false), ("c", false), ("d", false), ("page", true), ("e", false)];
        let gone = through(line, &all).await;
        assert_eq!(gone, "a 0.0, b 0.0, page 1.0, c 1.0, d 2.0, e 2.0");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_would_wait_too_long_is_put_off_to_a_time_of_their_own() {
        let line = Arc::new(Line::new(Some(Rate::per_second(1)), Duration::from_secs(2)));
        let all = [("a", false), ("b", false), ("c", false), ("d", false), ("e", false), ("page", true)];
        let gone = through(line, &all).await;
        assert_eq!(gone, "a 0.0, d put off 3.0, e put off 4.0, page 1.0, b 2.0, c 3.0");
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_line_opens_again_and_whoever_leaves_it_holds_up_nobody() {
        let line = Arc::new(Line::new(None, Duration::from_secs(20)));
        line.close_for(Duration::from_secs(10));
        let leaves = tokio::time::timeout(Duration::from_secs(1), line.enter(true)).await;
        assert!(leaves.is_err());
        assert_eq!(through(line.clone(), &[("a", false), ("b", false)]).await, "a 9.0, b 9.0");
        line.close_for(Duration::from_secs(30));
        assert_eq!(through(line, &[("a", false)]).await, "a put off 30.0");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_line_leaves_the_room_to_others() {
        let line = Arc::new(Line::new(Some(Rate::per_second(1000)), LONG));
        line.close_for(Duration::from_secs(1));
        let mut all = vec![("other", false); LINE_MAX + 1];
        all.push(("page", true));
        let gone = through(line, &all).await;
        assert_eq!(gone.matches("put off").count(), 1, "{gone}");
        assert!(gone.starts_with("other put off 1.0, page 1.0, other 1.0"), "{gone}");
    }
}
