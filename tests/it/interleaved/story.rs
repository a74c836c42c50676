//! What went wrong, told to a person, with the line that plays it again.

use std::fmt::Write;

use super::run::Played;
use super::script::Item;
use super::shrink::Small;

/// The last of what the nodes did.
const LINES_SHOWN: usize = 60;

pub fn tell(seed: u64, days: i64, whole: &Played, small: Option<&Small>) -> String {
    let mut text = String::new();
    let (played, again) = match small {
        Some(small) => {
            let (few, of) = (small.kept.len(), small.of);
            writeln!(text, "seed {seed} fails; of {of} things that happened {few} are enough:\n").unwrap();
            (&small.played, format!(" KEEP={}", ranges(&small.kept)))
        }
        None => {
            writeln!(text, "seed {seed} fails, but only as a whole:\n").unwrap();
            (whole, String::new())
        }
    };
    let told = played.script.iter().filter(|item| !matches!(item, Item::Pass { .. }));
    told.for_each(|item| writeln!(text, "{}", item.words()).unwrap());
    writeln!(text, "\nThe last of what the nodes did:\n").unwrap();
    let trace = &played.trace[played.trace.len().saturating_sub(LINES_SHOWN)..];
    for (at, line) in trace {
        writeln!(text, "{}{line}", at.format("%m-%d %H:%M:%S%.3f")).unwrap();
    }
    match &played.wrong {
        Some(wrong) => {
            let ticket = wrong.ticket.map_or(String::new(), |ticket| format!("ticket {ticket}: "));
            writeln!(text, "\n{}: {ticket}{}", wrong.rule, wrong.what).unwrap();
        }
        None => writeln!(text, "\nthis time nothing was wrong").unwrap(),
    }
    let again = format!("SEED={seed} DAYS={days}{again} cargo test --test it interleaved -- --nocapture");
    write!(text, "see it again: {again}").unwrap();
    text
}

/// `3-5,9`
fn ranges(places: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for place in places {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *place => *end = *place,
            _ => ranges.push((*place, *place)),
        }
    }
    let words = ranges.iter().map(|(from, to)| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    });
    words.collect::<Vec<_>>().join(",")
}

pub fn places(ranges: &str) -> Vec<usize> {
    let number =
        |text: &str| text.trim().parse::<usize>().unwrap_or_else(|_| panic!("KEEP: {text:?} is no number"));
    let range = |text: &str| match text.split_once('-') {
        Some((from, to)) => number(from)..=number(to),
        None => number(text)..=number(text),
    };
    ranges.split(',').filter(|text| !text.trim().is_empty()).flat_map(range).collect()
}

#[test]
fn places_are_written_as_ranges() {
    assert_eq!(ranges(&[0, 3, 4, 5, 9]), "0,3-5,9");
    assert_eq!(places("0,3-5,9"), [0, 3, 4, 5, 9]);
}
