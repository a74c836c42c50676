//! Figures as tables.

use std::collections::BTreeMap;

use super::table::Table;
use super::words::{date, instant, lasting, number, share};
use super::{Counts, Figures, Group, HourOfWeek, HoursOfWeek, Times, Violation, Waited};
use crate::schedule::Priority;

/// Longer titles are cut; the ticket's number leads to the rest.
const TITLE: usize = 28;

pub(super) fn outcomes(all: &Group, by_priority: &BTreeMap<Priority, Group>) -> Table {
    let mut table = Table::new(
        "What became of tickets",
        &["~Priority", "opened", "resolved", "live", "unattended", "last resort told"],
    );
    for (name, group) in named(all, by_priority) {
        let outcomes = &group.outcomes;
        let resolved = outcomes.all_resolved();
        table.row([
            name,
            number(group.opened),
            format!("{} ({})", number(resolved), share(resolved, group.opened)),
            number(outcomes.live()),
            number(group.unattended),
            number(group.last_resort),
        ]);
    }
    table
}

/// Where tickets are that are not done; none where all are.
pub(super) fn live_by_why(all: &Group) -> Table {
    let mut table = Table::new("Not done yet", &["~Waiting", "tickets"]);
    let outcomes = &all.outcomes;
    let kinds = [
        ("held by a person", outcomes.held),
        ("in a team's queue", outcomes.in_queue),
        ("offered, not taken yet", outcomes.offered),
        ("parked until somebody is at work", outcomes.parked),
        ("pending on the customer, a vendor or a date", outcomes.pending),
        ("nobody can be found who may serve it", outcomes.nobody_at_all),
        ("given back or left at a shift end", outcomes.left),
    ];
    for (name, count) in kinds.into_iter().filter(|(_, count)| *count > 0) {
        table.row([name.to_owned(), number(count)]);
    }
    table
}

/// The first tickets that are not done, each with its reason.
pub(super) fn live_by_name(figures: &Figures) -> Table {
    let mut table = Table::new("Each of them", &["Ticket", "~Priority", "~Title", "~Why"]);
    for live in &figures.live {
        table.row([live.ticket.to_string(), live.priority.to_string(), title(&live.title), live.why.clone()]);
    }
    table.at_most(20)
}

pub(super) fn times(all: &Group) -> Table {
    let mut table = Table::new("All tickets", &["~Time", "tickets", "median", "p90", "mean", "longest"]);
    let measures = [
        ("until somebody at work was asked", &all.time_to_somebody),
        ("until somebody took it", &all.time_to_acknowledge),
        ("until it was resolved", &all.time_to_resolve),
        ("parked, of tickets ever parked", &all.parked),
        ("in queues, of tickets ever queued", &all.queued),
    ];
    for (name, times) in measures {
        let [median, p90, mean, max] = [times.median, times.p90, times.mean, times.max].map(or_nothing);
        table.row([name.to_owned(), number(times.count), median, p90, mean, max]);
    }
    table
}

/// The same three times for each part, and how much of it was parked; empty where there is but one part.
pub(super) fn times_by<K: ToString>(what: &str, groups: &BTreeMap<K, Group>) -> Table {
    let mut table = Table::new(
        &format!("By {}", what.to_lowercase()),
        &[
            &format!("~{what}"),
            "opened",
            "asked: median",
            "p90",
            "taken: median",
            "p90",
            "resolved: median",
            "p90",
            "parked",
        ],
    );
    for (name, group) in groups.iter().filter(|_| groups.len() > 1) {
        let pair = |times: &Times| [or_nothing(times.median), or_nothing(times.p90)];
        let measures = [&group.time_to_somebody, &group.time_to_acknowledge, &group.time_to_resolve];
        let row = [name.to_string(), number(group.opened)].into_iter();
        let row = row.chain(measures.into_iter().flat_map(pair));
        table.row(row.chain([share(group.parked.count, group.opened)]));
    }
    table
}

/// What never happened is left out.
pub(super) fn went_on(all: &Group, by_priority: &BTreeMap<Priority, Group>) -> Table {
    let mut columns = vec!["~".to_owned()];
    columns.extend(named(all, by_priority).map(|(name, _)| name));
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut table = Table::new("How often", &columns);
    for (name, count) in COUNTS {
        if count(&all.counts) == 0 {
            continue;
        }
        let groups = named(all, by_priority).map(|(_, group)| number(count(&group.counts)));
        table.row(std::iter::once((*name).to_owned()).chain(groups));
    }
    table
}

type Count = fn(&Counts) -> usize;

const COUNTS: &[(&str, Count)] = &[
    ("came in again under the same key", |counts| counts.repeated),
    ("offers made", |counts| counts.offers),
    ("  not answered in time", |counts| counts.expired),
    ("  declined", |counts| counts.declined),
    ("  ended as those asked went home", |counts| counts.went_home),
    ("  reached nobody", |counts| counts.not_reached),
    ("escalated as a wait ran out", |counts| counts.escalated_automatic),
    ("escalated to the next tier, asked", |counts| counts.escalated_hierarchical),
    ("escalated to a team or skill, asked", |counts| counts.escalated_functional),
    ("not resolved in time", |counts| counts.overran),
    ("reassigned", |counts| counts.reassigned),
    ("given back", |counts| counts.released),
    ("reopened", |counts| counts.reopened),
    ("handoffs offered ahead of a shift end", |counts| counts.handoffs),
    ("  accepted ahead", |counts| counts.handoffs_accepted),
    ("  taken by nobody at the boundary", |counts| counts.handoffs_passed),
    ("shift ends with nobody asked ahead", |counts| counts.shift_ends_unasked),
    ("hops: custody moved as a shift ended", |counts| counts.hops),
    ("returns to a team that had it before", |counts| counts.returns),
    ("  tickets that returned", |counts| counts.tickets_returned),
    ("satellites: circled without progress", |counts| counts.satellites),
    ("people paged", |counts| counts.pages),
    ("  outside their hours", |counts| counts.pages_outside_hours),
    ("  at night, 22:00 to 07:00 for them", |counts| counts.pages_at_night),
    ("told to stand down", |counts| counts.stand_downs),
];

pub(super) fn automatic(figures: &Figures) -> Table {
    let mut table = Table::new("Where waits ran out", &["~Policy", "step", "~Tier", "times"]);
    for step in &figures.automatic {
        let tier = step.tier.as_ref().map_or("-", |tier| tier.as_str()).to_owned();
        table.row([step.policy.to_string(), step.step.to_string(), tier, number(step.escalations)]);
    }
    table.at_most(12)
}

pub(super) fn handoffs(figures: &Figures) -> Table {
    let columns = ["~From", "~To", "offered", "accepted ahead", "taken by nobody", "declined", "withdrawn"];
    let mut table = Table::new("By pair of regions, most first", &columns);
    let mut pairs: Vec<_> = figures.handoffs.iter().collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.offered));
    for pair in pairs {
        let counts = [pair.offered, pair.accepted, pair.passed, pair.declined, pair.withdrawn].map(number);
        table.row([pair.from.to_string(), pair.to.to_string()].into_iter().chain(counts));
    }
    table.at_most(25)
}

pub(super) fn teams(figures: &Figures) -> Table {
    let mut table = Table::new(
        "By team, most loaded first",
        &[
            "~Team",
            "~Tier",
            "people",
            "mean",
            "peak",
            "one's peak",
            "meant",
            "offers",
            "expired",
            "taken",
            "resolved",
        ],
    );
    let mut teams: Vec<_> = figures.teams.iter().collect();
    teams.sort_by(|a, b| b.held_mean.total_cmp(&a.held_mean));
    for team in teams {
        let counts = [team.offers, team.expired, team.acknowledged, team.resolved].map(number);
        let load = [
            team.team.to_string(),
            team.tier.to_string(),
            number(team.people),
            format!("{:.1}", team.held_mean),
            number(team.held_peak),
            number(team.person_peak),
            number(team.capacity as usize),
        ];
        table.row(load.into_iter().chain(counts));
    }
    table.at_most(60)
}

pub(super) fn paged(figures: &Figures) -> Table {
    let columns = ["~Person", "pages", "outside hours", "at night"];
    let mut table = Table::new("Who was paged, outside their hours most often first", &columns);
    for person in &figures.paged {
        let counts = [person.pages, person.outside_hours, person.at_night].map(number);
        table.row(std::iter::once(person.person.to_string()).chain(counts));
    }
    table.at_most(15)
}

pub(super) fn waited(waited: &[Waited]) -> Table {
    let columns = ["Ticket", "~Priority", "~Title", "~Opened (UTC)", "waited", "~Why"];
    let mut table = Table::new("Waited longest until somebody took them", &columns);
    for one in waited {
        let still = if one.acknowledged.is_none() { "not taken yet; " } else { "" };
        table.row([
            one.ticket.to_string(),
            one.priority.to_string(),
            title(&one.title),
            one.opened.format("%Y-%m-%d %H:%M").to_string(),
            lasting(one.waited),
            format!("{still}{}", one.why),
        ]);
    }
    table
}

pub(super) fn violations(violations: &[Violation]) -> Table {
    let mut table = Table::new("Violations of what must always hold", &["Ticket", "~At", "~What"]);
    for violation in violations {
        let ticket = violation.ticket.map_or_else(|| "-".to_owned(), |ticket| ticket.to_string());
        table.row([ticket, instant(violation.at), violation.what.clone()]);
    }
    table.at_most(20)
}

/// Stretches in which nothing came or went are left out.
pub(super) fn course(figures: &Figures) -> Table {
    let columns = ["~From", "~Until", "opened", "reopened", "done", "live at its end"];
    let mut table = Table::new("By week, or by day where the window is short", &columns);
    let stirred =
        figures.course.iter().filter(|stretch| stretch.opened + stretch.reopened + stretch.done > 0);
    for stretch in stirred {
        let counts = [stretch.opened, stretch.reopened, stretch.done, stretch.live].map(number);
        table.row([date(stretch.from), date(stretch.until)].into_iter().chain(counts));
    }
    table.at_most(110)
}

pub(super) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Seven days of 24 hours; `of` says what stands in a cell.
pub(super) fn week(caption: &str, week: &HoursOfWeek, of: fn(&HourOfWeek) -> String) -> Table {
    let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
    let columns: Vec<&str> = std::iter::once("~").chain(hours.iter().map(String::as_str)).collect();
    let mut table = Table::new(caption, &columns);
    for (day, hours) in DAYS.iter().zip(week.hours.chunks(24)) {
        let cells = hours.iter().map(|hour| hour.as_ref().map_or_else(String::new, of));
        table.row(std::iter::once((*day).to_owned()).chain(cells));
    }
    table
}

/// People at work in few characters; a dot where never anybody is.
pub(super) fn at_work(hour: &HourOfWeek) -> String {
    match hour.at_work {
        _ if hour.covered == 0.0 => "·".to_owned(),
        // Not nothing, though it rounds to it.
        people if people < 0.05 => "+".to_owned(),
        people if people < 0.95 => format!("{people:.1}").trim_start_matches('0').to_owned(),
        people => format!("{people:.0}"),
    }
}

pub(super) fn opened(hour: &HourOfWeek) -> String {
    if hour.opened == 0 { "·".to_owned() } else { hour.opened.to_string() }
}

fn named<'a>(
    all: &'a Group,
    by_priority: &'a BTreeMap<Priority, Group>,
) -> impl Iterator<Item = (String, &'a Group)> {
    let parts = by_priority.iter().map(|(priority, group)| (priority.to_string(), group));
    std::iter::once(("all".to_owned(), all)).chain(parts)
}

fn or_nothing(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), lasting)
}

fn title(title: &Option<String>) -> String {
    let Some(title) = title else { return "(bound to a residency)".to_owned() };
    match title.chars().count() {
        ..=TITLE => title.clone(),
        _ => title.chars().take(TITLE - 1).chain(['…']).collect(),
    }
}
