//! Rest that pages have interrupted.
//!
//! The rule is that of Directive 2003/88/EC, article 3: at least 11 consecutive hours of rest in every period of 24. We
//! count the periods from the end of each duty (work in one's hours), and where no duty follows for longer, from the end
//! of the period before. The rest after a duty is interrupted where a page fell into it and the period no longer holds
//! 11 hours in a row without duty and page. How long a page kept somebody awake is not known, and not guessed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::coverage::{Interval, complement};

const REST: TimeDelta = TimeDelta::hours(11);
const PERIOD: TimeDelta = TimeDelta::hours(24);

/// How often the rest of one person was interrupted by a page within `window`. `duties` is a union over `known`, which
/// begins some days before the window; `pages` are in order.
pub(super) fn interrupted(
    duties: &[Interval],
    pages: &[DateTime<Utc>],
    window: Interval,
    known: Interval,
) -> usize {
    if pages.is_empty() {
        return 0;
    }
    let (mut count, mut at) = (0, known.from);
    while at < window.until {
        let next = duties.iter().find(|duty| duty.until > at);
        if let Some(duty) = next.filter(|duty| duty.from <= at) {
            at = duty.until;
            continue;
        }
        let period = Interval { from: at, until: at + PERIOD };
        let rest_ends = next.map_or(period.until, |duty| duty.from.min(period.until));
        let first = pages.iter().find(|page| at <= **page && **page < rest_ends);
        if first.is_some_and(|page| window.from <= *page && *page < window.until)
            && longest_rest(duties, pages, period) < REST
        {
            count += 1;
        }
        // Where a duty begins within the period, the next is counted from its end.
        at = next.filter(|duty| duty.from < period.until).map_or(period.until, |duty| duty.until);
    }
    count
}

/// Without duty and page.
fn longest_rest(duties: &[Interval], pages: &[DateTime<Utc>], period: Interval) -> TimeDelta {
    let longest = complement(duties, period).into_iter().flat_map(|free| {
        let inside = pages.iter().copied().filter(move |page| free.from < *page && *page < free.until);
        let mut borders: Vec<DateTime<Utc>> = std::iter::once(free.from).chain(inside).collect();
        borders.push(free.until);
        borders.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
    });
    longest.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day) + TimeDelta::hours(hour)
    }

    /// Work from 08 to 17 on the days 0 to 4, as Monday to Friday, and on 7.
    fn interrupted_by(pages: &[(i64, i64)]) -> usize {
        let day = |day| Interval { from: at(day, 8), until: at(day, 17) };
        let duties: Vec<Interval> = [0, 1, 2, 3, 4, 7].map(day).to_vec();
        let pages: Vec<DateTime<Utc>> = pages.iter().map(|(day, hour)| at(*day, *hour)).collect();
        let (known, window) =
            (Interval { from: at(-2, 0), until: at(9, 0) }, Interval { from: at(0, 0), until: at(8, 0) });
        interrupted(&duties, &pages, window, known)
    }

    #[test]
    fn a_rest_is_interrupted_where_a_page_leaves_no_eleven_hours_in_a_row() {
        for (pages, count, why) in [
            (&[][..], 0, "nobody was woken"),
            (&[(0, 10)], 0, "at work"),
            (&[(0, 23)], 1, "6 hours before, 9 after"),
            (&[(0, 20)], 0, "12 hours after it"),
            (&[(0, 21)], 0, "11 hours after it, which is enough"),
            (&[(0, 22)], 1, "10 hours after it"),
            (&[(1, 4)], 0, "11 hours before it"),
            (&[(0, 20), (1, 2)], 1, "12 hours, and a page in the middle of them"),
            (&[(0, 23), (1, 1)], 1, "one rest, however often"),
            (&[(0, 23), (1, 23)], 2, "two nights"),
            (&[(5, 3)], 0, "Saturday: 14 hours after it until the period ends"),
            (&[(4, 22), (5, 2), (5, 10)], 1, "Friday night to Saturday at 17"),
            (&[(4, 22), (5, 6), (5, 14), (5, 22), (6, 6), (6, 14), (6, 22)], 3, "a whole weekend"),
            (&[(8, 23)], 0, "after the window"),
        ] {
            assert_eq!(interrupted_by(pages), count, "{pages:?}: {why}");
        }
    }
}
