//! Stores that do not keep what they promise: the walk must find each of them out, or it shows nothing.

use super::run::{Plan, play};

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flaw {
    /// Notices are claimed whoever has a lease on them.
    ClaimsIgnoreLeases,
    /// Whoever looks for what others have committed is not told of tickets.
    CommitsAreNotTold,
    /// A transaction that the database has ended commits all the same.
    LockIsNotKept,
    /// Answers are not kept with their keys.
    AnswersAreForgotten,
    /// Live tickets that are old go as well.
    LiveTicketsGo,
}

const SEEDS_MAX: u64 = 40;
const DAYS: i64 = 10;

/// Found by which rule, and after how many organisation-days.
fn found_out(flaw: Flaw) -> Option<(&'static str, f64)> {
    let mut days = 0.0;
    for seed in 0..SEEDS_MAX {
        let played = play(&Plan { flaw: Some(flaw), ..Plan::by_chance(seed, DAYS) });
        days += played.virtual_time.as_seconds_f64() / 86_400.0;
        if let Some(wrong) = played.wrong {
            println!("{flaw:?}: seed {seed}, {days:.1} organisation-days, {}: {}", wrong.rule, wrong.what);
            return Some((wrong.rule, days));
        }
    }
    None
}

#[test]
fn a_store_that_does_not_keep_its_promises_is_found_out() {
    let flaws = [
        Flaw::ClaimsIgnoreLeases,
        Flaw::CommitsAreNotTold,
        Flaw::LockIsNotKept,
        Flaw::AnswersAreForgotten,
        Flaw::LiveTicketsGo,
    ];
    let missed: Vec<Flaw> = flaws.into_iter().filter(|flaw| found_out(*flaw).is_none()).collect();
    assert_eq!(missed, [], "not found in {SEEDS_MAX} organisations of {DAYS} days");
}
