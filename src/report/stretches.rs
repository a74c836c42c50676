//! The window by weeks or days: what came in, what was done, what stayed.

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Utc};

use super::Stretch;
use super::course::Course;

/// Up to so long, by days.
const BY_DAYS: TimeDelta = TimeDelta::days(31);

/// Instants at which tickets became live or ceased to be.
#[derive(Default)]
pub(super) struct Turns {
    opened: Vec<DateTime<Utc>>,
    reopened: Vec<DateTime<Utc>>,
    done: Vec<DateTime<Utc>>,
}

impl Turns {
    pub fn add(&mut self, course: &Course) {
        self.opened.push(course.opened);
        for (at, live) in course.turns_live.iter().skip(1) {
            if *live { self.reopened.push(*at) } else { self.done.push(*at) }
        }
    }

    pub fn finish(mut self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Stretch> {
        for turns in [&mut self.opened, &mut self.reopened, &mut self.done] {
            turns.sort_unstable();
        }
        let before = |turns: &[DateTime<Utc>], at: DateTime<Utc>| turns.partition_point(|turn| *turn < at);
        let borders = borders(from, until);
        let stretches = borders.windows(2).enumerate().map(|(place, border)| {
            // What happens at the very end of the window belongs to it.
            let last = place + 2 == borders.len();
            let end = if last { border[1] + TimeDelta::milliseconds(1) } else { border[1] };
            let within = |turns: &[DateTime<Utc>]| before(turns, end) - before(turns, border[0]);
            Stretch {
                from: border[0],
                until: border[1],
                opened: within(&self.opened),
                reopened: within(&self.reopened),
                done: within(&self.done),
                live: before(&self.opened, end) + before(&self.reopened, end) - before(&self.done, end),
            }
        });
        stretches.collect()
    }
}

/// From the window's start to its end, with every midnight or Monday between.
fn borders(from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let days = if until - from <= BY_DAYS { 1 } else { 7 };
    let first = from.date_naive();
    let back = if days == 7 { first.weekday().num_days_from_monday() } else { 0 };
    let first = first.checked_sub_days(Days::new(back.into())).unwrap_or(first);
    let later = std::iter::successors(Some(first), |day| day.checked_add_days(Days::new(days)));
    let between = later.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let mut borders = vec![from];
    borders.extend(between.skip_while(|at| *at <= from).take_while(|at| *at < until));
    borders.push(until);
    borders
}
