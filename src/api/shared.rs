//! Answers that cost something and are the same for everybody who asks at the same time.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// One answer for all who ask while it is not there yet: it is worked out once, and no sooner than they asked. So a flood
/// of questions costs as much as one after the other.
pub(super) struct Shared<T> {
    /// When its working out began.
    last: Mutex<Option<(Instant, T)>>,
}

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared { last: Mutex::default() }
    }
}

impl<T: Clone> Shared<T> {
    /// An answer that is at most `age` older than the question.
    pub async fn answer(&self, age: Duration, work: impl AsyncFnOnce() -> T) -> T {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((_, answer)) = last.as_ref().filter(|(began, _)| *began + age >= asked) {
            return answer.clone();
        }
        let began = Instant::now();
        let answer = work().await;
        *last = Some((began, answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_questions_is_answered_by_two_answers() {
        let (shared, worked) = (Shared::default(), Cell::new(0));
        let ask = async |wait: u64| {
            sleep(Duration::from_millis(wait)).await;
            let work = async || {
                sleep(Duration::from_millis(100)).await;
                worked.set(worked.get() + 1);
                worked.get()
            };
            shared.answer(Duration::ZERO, work).await
        };
        let answers = join_all((0..50).map(ask)).await;
        assert_eq!((answers[0], worked.get()), (1, 2));
        assert!(
            answers[1..].iter().all(|answer| *answer == 2),
            "worked out after they had asked: {answers:?}"
        );
    }
}
