//! Files -> checked organisation, and every problem a file can have.

use std::path::Path;

use meridian::schedule::{Checked, Files, ZoneName, load, parse};

fn known(zone: &ZoneName) -> bool {
    zone.as_str().parse::<chrono_tz::Tz>().is_ok()
}

fn check(files: &Files) -> Checked {
    parse(files).check(&known)
}

fn golden(name: &str) -> Files {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)).unwrap()
}

#[test]
fn the_sample_of_the_format_checks_clean() {
    let files = golden("sample");
    let checked = check(&files);
    assert_eq!(checked.problems, []);
    insta::assert_debug_snapshot!(checked.organisation.unwrap());
}
