//! Streams of tickets for `meridian simulate`: CSV or JSON lines that somebody exported from elsewhere.

use meridian::api::facts_of_row;
use meridian::desk::check_facts;
use meridian::simulate::{Format, read};

use super::town::town;

pub fn run(data: &[u8]) {
    let text = super::text_of(data);
    let organisation = town();
    for format in [Format::Csv, Format::JsonLines] {
        match read(&text, format, &[], &organisation, &facts_of_row) {
            Ok(openings) => {
                assert!(openings.windows(2).all(|two| two[0].at <= two[1].at), "not in order of time");
                for opening in openings {
                    check_facts(&organisation, &opening.facts).expect("what was read fits the files");
                    assert!(organisation.tiers.contains(&opening.needs));
                }
            }
            Err(mistakes) => {
                assert!(!mistakes.is_empty(), "refused without a reason");
                let lines = text.split(['\n', '\r']).count() as u64;
                for mistake in mistakes {
                    assert!((1..=lines).contains(&mistake.line), "{mistake} of {lines} lines");
                    assert!(!mistake.what.is_empty());
                }
            }
        }
    }
}
