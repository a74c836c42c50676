//! What a reader should see first: the few numbers that sum it up, and what needs somebody's eye.

use serde::Serialize;

use super::tables::DAYS;
use super::words::{counted, lasting, number, share};
use super::{Figures, HourOfWeek, HoursOfWeek, Run, Times};

/// A number that stands large, and what it is.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Headline {
    pub value: String,
    pub what: String,
    /// More about it, small.
    pub beside: String,
}

pub(super) fn headlines(figures: &Figures, run: Option<&Run>) -> Vec<Headline> {
    let all = &figures.all;
    let headline = |value: String, what: &str, beside: String| Headline { value, what: what.into(), beside };
    let median = |times: &Times| times.median.map_or_else(|| "-".to_owned(), lasting);
    let p90 = |times: &Times| {
        times.p90.map_or_else(|| "never".to_owned(), |p90| format!("nine in ten within {}", lasting(p90)))
    };
    let outcomes = &all.outcomes;
    let resolved = outcomes.all_resolved();
    let rest = match (outcomes.live(), outcomes.closed_unresolved) {
        (0, 0) => "none is left".to_owned(),
        (live, 0) => format!("{} live, each with its reason", number(live)),
        (live, closed) => format!("{} live, {} closed unresolved", number(live), number(closed)),
    };
    let mut lines = vec![
        headline(number(all.opened), "tickets opened", String::new()),
        headline(share(resolved, all.opened), "resolved", rest),
        headline(
            median(&all.time_to_somebody),
            "until somebody at work was asked, half of the time",
            p90(&all.time_to_somebody),
        ),
        headline(
            median(&all.time_to_acknowledge),
            "until somebody took it, half of the time",
            p90(&all.time_to_acknowledge),
        ),
        headline(
            number(all.counts.pages_outside_hours),
            "pages outside hours",
            format!("of {}, {} at night", number(all.counts.pages), number(all.counts.pages_at_night)),
        ),
    ];
    if let Some(run) = run {
        let violations = run.violations.len();
        lines.push(headline(number(violations), "violations of what must always hold", String::new()));
    }
    lines
}

/// A sentence that needs an eye; grave ones first.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub grave: bool,
    pub text: String,
}

pub(super) fn findings(figures: &Figures, run: Option<&Run>) -> Vec<Finding> {
    let all = &figures.all;
    let violations = run.map_or(0, |run| run.violations.len());
    let tickets = |count| counted(count, "ticket", "tickets");
    let sentences = [
        (
            violations,
            true,
            format!(
                "{} of what must always hold: a defect, please report it.",
                counted(violations, "violation", "violations")
            ),
        ),
        (
            all.outcomes.nobody_at_all,
            true,
            format!("{} for which nobody can be found at all.", tickets(all.outcomes.nobody_at_all)),
        ),
        (
            all.unattended,
            true,
            format!(
                "{} offered along the whole path at least once with no answer from anybody.",
                tickets(all.unattended)
            ),
        ),
        (all.last_resort, true, format!("The last resort was told of {}.", tickets(all.last_resort))),
        (
            all.counts.satellites,
            false,
            format!(
                "{} circled without progress until a review was asked for.",
                tickets(all.counts.satellites)
            ),
        ),
        (
            all.counts.handoffs_passed,
            false,
            format!(
                "{} of {} were taken by nobody before the boundary.",
                number(all.counts.handoffs_passed),
                counted(all.counts.handoffs, "handoff", "handoffs")
            ),
        ),
        (
            all.counts.shift_ends_unasked,
            false,
            format!(
                "{} with nobody asked ahead.",
                counted(all.counts.shift_ends_unasked, "shift ended", "shift ends")
            )
            .replace("1 shift ended", "1 shift end"),
        ),
    ];
    let mut findings: Vec<Finding> = sentences
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(_, grave, text)| Finding { grave, text })
        .collect();
    findings.extend(figures.hours_of_week.iter().filter_map(uncovered));
    findings
}

/// The hours of the week in which a tier never has anybody at work.
fn uncovered(week: &HoursOfWeek) -> Option<Finding> {
    let nobody = |hour: &Option<HourOfWeek>| hour.is_some_and(|hour| hour.covered == 0.0);
    let hours: Vec<bool> = week.hours.iter().map(nobody).collect();
    let count = hours.iter().filter(|nobody| **nobody).count();
    if count == 0 {
        return None;
    }
    let name = week.tier.as_ref().map_or("Of the whole organisation", |tier| tier.as_str());
    let bare = week.hours.iter().flatten().filter(|hour| hour.covered == 0.0);
    let opened: usize = bare.clone().map(|hour| hour.opened).sum();
    let unreachable = bare.filter(|hour| hour.reachable == 0.0).count();
    let on_call = match unreachable {
        0 => "somebody is on call then at least at times".to_owned(),
        all if all == count => "nobody is on call then either".to_owned(),
        some => format!("nobody is on call either in {some} of them"),
    };
    let text = format!(
        "{name}: nobody is at work in {} of the week (UTC: {}); {on_call}. {} opened in these hours.",
        counted(count, "hour", "hours"),
        runs(&hours),
        counted(opened, "ticket was", "tickets were"),
    );
    Some(Finding { grave: week.tier.is_none(), text })
}

/// `Sat 00 to Mon 06`, one after the other; past the sixth only how many.
fn runs(hours: &[bool]) -> String {
    if hours.iter().all(|hour| *hour) {
        return "always".to_owned();
    }
    let count = hours.len();
    let begins = (0..count).filter(|at| hours[*at] && !hours[(at + count - 1) % count]);
    let name = |at: usize| format!("{} {:02}", DAYS[at / 24 % 7], at % 24);
    let mut runs: Vec<String> = begins
        .map(|from| {
            let lasts = (0..count).take_while(|ahead| hours[(from + ahead) % count]).count();
            format!("{} to {}", name(from), name((from + lasts) % count))
        })
        .collect();
    let more = runs.len().saturating_sub(6);
    runs.truncate(6);
    let more = if more > 0 { format!(", and {more} more stretches") } else { String::new() };
    format!("{}{more}", runs.join(", "))
}
