//! Figures as pictures. What they show stands in the tables of the same section.

use std::collections::BTreeSet;

use serde::Serialize;

use super::tables::{self, DAYS};
use super::words::{counted, date, lasting, number};
use super::{Figures, Group, HourOfWeek, HoursOfWeek, RegionPair, Stretch, TeamLoad, Times};
use crate::picture::{BarRow, Cell, Grid, Strip, bars, columns, heat};

const TEAMS: usize = 20;
const REGIONS: usize = 24;

/// A picture with what stands beneath it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Drawn {
    pub svg: String,
    pub caption: String,
    /// Class of a colour, and what has it.
    pub legend: Vec<(&'static str, &'static str)>,
}

/// The pictures of a section.
pub(super) fn drawn(figures: &Figures, section: &str) -> Vec<Drawn> {
    match section {
        "times" => times(figures),
        "handoffs" if !figures.handoffs.is_empty() => vec![handoffs(&figures.handoffs)],
        "teams" => vec![teams(figures)],
        "week" => figures.hours_of_week.iter().filter(|week| stirs(week)).flat_map(week).collect(),
        "course" => vec![course(figures)],
        _ => Vec::new(),
    }
}

fn times(figures: &Figures) -> Vec<Drawn> {
    type Of = fn(&Group) -> &Times;
    let of: [(&str, Of); 3] = [
        ("Until somebody at work was asked", |group| &group.time_to_somebody),
        ("Until somebody took it", |group| &group.time_to_acknowledge),
        ("Until it was resolved", |group| &group.time_to_resolve),
    ];
    of.into_iter()
        .map(|(caption, times)| {
            let bar = |class, seconds: Option<i64>| {
                let seconds = seconds?;
                Some((class, seconds as f64, lasting(seconds)))
            };
            let rows: Vec<BarRow> = figures
                .by_priority
                .iter()
                .map(|(priority, group)| {
                    let times = times(group);
                    let both = [bar("bar", times.median), bar("bar pale", times.p90)];
                    BarRow { name: priority.to_string(), bars: both.into_iter().flatten().collect() }
                })
                .filter(|row| !row.bars.is_empty())
                .collect();
            Drawn {
                svg: bars(&format!("{caption}: median and 90th percentile by priority"), &rows),
                caption: caption.to_owned(),
                legend: vec![("bar", "median"), ("bar pale", "nine in ten within")],
            }
        })
        .collect()
}

fn teams(figures: &Figures) -> Drawn {
    let mut teams: Vec<_> = figures.teams.iter().filter(|team| team.held_peak > 0).collect();
    teams.sort_by(|a, b| b.held_mean.total_cmp(&a.held_mean));
    let row = |team: &&TeamLoad| BarRow {
        name: team.team.to_string(),
        bars: vec![
            ("bar", team.held_mean, format!("{:.1}", team.held_mean)),
            ("bar pale", team.held_peak as f64, number(team.held_peak)),
        ],
    };
    let rows: Vec<BarRow> = teams.iter().take(TEAMS).map(row).collect();
    let caption = match teams.len() {
        ..=TEAMS => "Tickets held at once".to_owned(),
        all => format!("Tickets held at once: the {TEAMS} most loaded of {all} teams"),
    };
    let svg = bars(&format!("{caption}, mean and peak by team"), &rows);
    Drawn { svg, caption, legend: vec![("bar", "mean"), ("bar pale", "peak")] }
}

/// From row to column; the regions that hand over most where there are many.
fn handoffs(pairs: &[RegionPair]) -> Drawn {
    let regions: BTreeSet<&str> =
        pairs.iter().flat_map(|pair| [pair.from.as_str(), pair.to.as_str()]).collect();
    let offered = |region: &str| -> usize {
        let of = pairs.iter().filter(|pair| pair.from.as_str() == region || pair.to.as_str() == region);
        of.map(|pair| pair.offered).sum()
    };
    let mut regions: Vec<(usize, &str)> =
        regions.into_iter().map(|region| (offered(region), region)).collect();
    let all = regions.len();
    regions.sort_by_key(|(offered, _)| std::cmp::Reverse(*offered));
    regions.truncate(REGIONS);
    let mut names: Vec<&str> = regions.into_iter().map(|(_, region)| region).collect();
    names.sort_unstable();
    let rows: Vec<(String, Vec<Cell>)> = names
        .iter()
        .map(|from| (from.to_string(), names.iter().map(|to| pair_cell(pairs, from, to)).collect()))
        .collect();
    let columns: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let width = (500.0 / names.len().max(1) as f64).clamp(26.0, 84.0);
    let grid = Grid { left: (longest as f64 * 7.2 + 12.0).clamp(34.0, 120.0), width, height: 28.0 };
    let some = if all > REGIONS { format!(", {REGIONS} of {all} regions") } else { String::new() };
    Drawn {
        svg: heat(&format!("Handoffs offered, from row to column{some}"), grid, &columns, &rows),
        caption: format!("Offered ahead of a shift end, from the region at the left to the one above{some}"),
        legend: Vec::new(),
    }
}

fn pair_cell(pairs: &[RegionPair], from: &str, to: &str) -> Cell {
    let pair = pairs.iter().find(|pair| pair.from.as_str() == from && pair.to.as_str() == to);
    let Some(pair) = pair else {
        return Cell {
            value: Some(0.0),
            words: String::new(),
            tip: format!("{from} to {to}: none"),
            marked: false,
        };
    };
    Cell {
        value: Some(pair.offered as f64),
        words: number(pair.offered),
        tip: format!(
            "{from} to {to}: {} offered, {} accepted ahead, {} taken by nobody, {} declined, {} withdrawn",
            pair.offered, pair.accepted, pair.passed, pair.declined, pair.withdrawn
        ),
        marked: false,
    }
}

/// A tier of a name only, without hours and tickets, makes no picture.
fn stirs(week: &HoursOfWeek) -> bool {
    week.tier.is_none() || week.hours.iter().flatten().any(|hour| hour.covered > 0.0 || hour.opened > 0)
}

/// People at work, and the tickets opened beside them.
fn week(week: &HoursOfWeek) -> [Drawn; 2] {
    let name = week.tier.as_ref().map_or("Whole organisation", |tier| tier.as_str());
    let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
    let map = |title: &str, cell: fn(&str, &HourOfWeek) -> Cell| {
        let rows: Vec<(String, Vec<Cell>)> = (0..7)
            .map(|day| {
                let of_day = &week.hours[day * 24..(day + 1) * 24];
                let cells = of_day.iter().enumerate().map(|(hour, found)| {
                    let when = format!("{} {hour:02} UTC", DAYS[day]);
                    match found {
                        Some(found) => cell(&when, found),
                        None => Cell {
                            value: None,
                            words: String::new(),
                            tip: format!("{when}: not within the window"),
                            marked: false,
                        },
                    }
                });
                (DAYS[day].to_owned(), cells.collect())
            })
            .collect();
        heat(title, Grid { left: 36.0, width: 23.0, height: 24.0 }, &hours, &rows)
    };
    [
        Drawn {
            svg: map(&format!("{name}: mean number of people at work by hour of week"), at_work),
            caption: format!("{name}: people at work"),
            legend: vec![("q5", "more people"), ("q0 marked", "never anybody")],
        },
        Drawn {
            svg: map(&format!("{name}: tickets opened by hour of week"), opened),
            caption: format!("{name}: tickets opened"),
            legend: vec![("q5", "more tickets"), ("q0 marked", "opened while nobody is at work")],
        },
    ]
}

fn at_work(when: &str, hour: &HourOfWeek) -> Cell {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let tip = format!(
        "{when}: {:.2} people at work; somebody {} of the time, with those on call {}",
        hour.at_work,
        percent(hour.covered),
        percent(hour.reachable)
    );
    Cell { value: Some(hour.at_work), words: tables::at_work(hour), tip, marked: hour.covered == 0.0 }
}

fn opened(when: &str, hour: &HourOfWeek) -> Cell {
    let tip = format!("{when}: {} opened", counted(hour.opened, "ticket", "tickets"));
    let words = if hour.opened == 0 { String::new() } else { tables::opened(hour) };
    Cell { value: Some(hour.opened as f64), words, tip, marked: hour.opened > 0 && hour.covered == 0.0 }
}

fn course(figures: &Figures) -> Drawn {
    type Of = fn(&Stretch) -> usize;
    let of: [(&str, &'static str, Of); 3] = [
        ("Opened", "bar", |stretch| stretch.opened),
        ("Done", "bar", |stretch| stretch.done),
        ("Live at the end", "bar pale", |stretch| stretch.live),
    ];
    let strips: Vec<Strip> = of
        .into_iter()
        .map(|(name, class, value)| {
            let columns = figures.course.iter().map(|stretch| {
                let tip = format!("{} to {}: {}", date(stretch.from), date(stretch.until), value(stretch));
                (value(stretch) as f64, tip)
            });
            let most = number(figures.course.iter().map(value).max().unwrap_or(0));
            Strip { name: name.to_owned(), class, columns: columns.collect(), most }
        })
        .collect();
    let every = figures.course.len().div_ceil(6).max(1);
    let names: Vec<(usize, String)> = figures
        .course
        .iter()
        .enumerate()
        .step_by(every)
        .map(|(place, stretch)| (place, date(stretch.from)))
        .collect();
    Drawn {
        svg: columns("Tickets opened, done and live over the window", &strips, &names),
        caption: "Each strip on its own scale".to_owned(),
        legend: Vec::new(),
    }
}
