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
    let rest = match outcomes.live() {
        0 => "none is left".to_owned(),
        live => format!("{} live, each with its reason", number(live)),
    };
    let mut lines = vec![
        headline(number(all.opened), "tickets opened", String::new()),
        headline(share(resolved, all.opened), "resolved", rest),
        headline(
            median(&all.time_to_somebody),
            "median until somebody at work was asked",
            p90(&all.time_to_somebody),
        ),
        headline(
            median(&all.time_to_acknowledge),
            "median until somebody took it",
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
        let what = if violations == 1 { "violation" } else { "violations" };
        lines.push(headline(number(violations), what, "of what must always hold".to_owned()));
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
    let (group, counts) = (&figures.all, &figures.all.counts);
    let violations = run.map_or(0, |run| run.violations.len());
    let tickets = |count| counted(count, "ticket", "tickets");
    let mut findings = Vec::new();
    let mut find = |grave, count: usize, text: String| {
        if count > 0 {
            findings.push(Finding { grave, text });
        }
    };
    let text = format!("{} of what must always hold.", counted(violations, "violation", "violations"));
    find(true, violations, text);
    let nobody = group.outcomes.nobody_at_all;
    find(true, nobody, format!("{}: nobody who may serve it can be found at all.", tickets(nobody)));
    let text = format!("{} walked the whole path and nobody answered.", tickets(group.unattended));
    find(true, group.unattended, text);
    find(true, group.last_resort, format!("The last resort was told of {}.", tickets(group.last_resort)));
    let text =
        format!("{} circled without progress until a review was asked for.", tickets(counts.satellites));
    find(false, counts.satellites, text);
    let handoffs = counted(counts.handoffs, "handoff", "handoffs");
    let passed = counts.handoffs_passed;
    find(false, passed, format!("Nobody took {} of {handoffs} before the boundary.", number(passed)));
    let unasked = counted(counts.shift_ends_unasked, "time", "times");
    let text = format!("{unasked} a shift ended and nobody had been asked to take its ticket over.");
    find(false, counts.shift_ends_unasked, text);
    findings.extend(bare_weeks(&figures.hours_of_week));
    findings
}

/// The hours of the week in which nobody is ever at work; of a tier only where it differs from the whole.
fn bare_weeks(weeks: &[HoursOfWeek]) -> Vec<Finding> {
    let whole = weeks.first().map(bare);
    let differs = |week: &&HoursOfWeek| week.tier.is_none() || Some(bare(week)) != whole;
    weeks.iter().filter(differs).filter_map(bare_week).collect()
}

fn bare(week: &HoursOfWeek) -> Vec<bool> {
    week.hours.iter().map(|hour| hour.is_some_and(|hour| hour.covered == 0.0)).collect()
}

fn bare_week(week: &HoursOfWeek) -> Option<Finding> {
    let bare = bare(week);
    let hours: Vec<&HourOfWeek> = week.hours.iter().flatten().filter(|hour| hour.covered == 0.0).collect();
    let count = hours.len();
    if count == 0 {
        return None;
    }
    let whose = week.tier.as_ref().map_or_else(String::new, |tier| format!(" of {tier}"));
    let unreachable = hours.iter().filter(|hour| hour.reachable == 0.0).count();
    if unreachable == 168 {
        let text = format!("Nobody{whose} is ever at work or on call.");
        return Some(Finding { grave: week.tier.is_none(), text });
    }
    let on_call = match unreachable {
        0 => "somebody is on call then, at least at times".to_owned(),
        all if all == count => "nobody is on call then either".to_owned(),
        some => format!("nor on call in {some} of them"),
    };
    let opened = match hours.iter().map(|hour| hour.opened).sum() {
        0 => "No ticket was opened then".to_owned(),
        opened => format!("{} opened then", counted(opened, "ticket was", "tickets were")),
    };
    let hours = counted(count, "hour", "hours");
    let text = format!(
        "Nobody{whose} is at work in {hours} of the week ({} UTC); {on_call}. {opened}.",
        days(&bare)
    );
    Some(Finding { grave: week.tier.is_none(), text })
}

/// `Mon to Fri 22-24, Sat and Sun 00-24`: days that follow each other and are alike are told as one.
fn days(bare: &[bool]) -> String {
    let of_day: Vec<String> = bare.chunks(24).map(stretches).collect();
    let mut told = Vec::new();
    let mut day = 0;
    while day < of_day.len() {
        let alike = of_day[day..].iter().take_while(|hours| **hours == of_day[day]).count();
        let (first, last) = (DAYS[day], DAYS[day + alike - 1]);
        if !of_day[day].is_empty() {
            told.push(match alike {
                1 => format!("{first} {}", of_day[day]),
                2 => format!("{first} and {last} {}", of_day[day]),
                _ => format!("{first} to {last} {}", of_day[day]),
            });
        }
        day += alike;
    }
    told.join(", ")
}

/// `00-07 and 22-24`
fn stretches(day: &[bool]) -> String {
    let begins = (0..day.len()).filter(|hour| day[*hour] && (*hour == 0 || !day[hour - 1]));
    let stretches = begins.map(|from| {
        let lasts = day[from..].iter().take_while(|bare| **bare).count();
        format!("{from:02}-{:02}", from + lasts)
    });
    stretches.collect::<Vec<_>>().join(" and ")
}
