//! The sheet to hang up, as the real binary draws it: a small week with every kind of gap.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};
use insta::assert_snapshot;

use crate::cli::run::{Ran, meridian};

const SMALL: &[&str] = &["--schedules", "tests/golden/picture", "--tzdir", "tests/zones/2026f"];
const SAMPLE: &[&str] = &["--schedules", "schedules", "--tzdir", "tests/zones/2026f"];
const WEEK: &[&str] = &["--week", "2026-W43", "--zone", "Europe/Stockholm"];

fn drawn(arguments: &[&str], files: &[&str]) -> String {
    let ran = meridian(&[&["coverage", "--format", "svg"], arguments].concat(), files);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{arguments:?}");
    ran.stdout
}

/// Where the first and the last instant of a sheet stand.
const LEFT: f64 = 250.0;
const RIGHT: f64 = 1380.0;

/// A box of the picture: its class, where it stands, and its tip.
#[derive(Debug)]
struct Box {
    class: String,
    x: f64,
    width: f64,
    tip: String,
}

fn boxes(svg: &str) -> Vec<Box> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).expect("every box has it");
        rest.split_once('"').expect("quoted").0.to_owned()
    };
    let drawing = svg.split_once("</defs>").expect("patterns come first").1;
    let parts = drawing.split("<rect").skip(1).map(|part| {
        let tag = part.split_once('>').expect("a tag ends").0;
        let tip = part.split_once("<title>").filter(|(tag, _)| !tag.contains("/>"));
        Box {
            class: attribute(tag, "class"),
            x: attribute(tag, "x").parse().expect("a number"),
            width: attribute(tag, "width").parse().expect("a number"),
            tip: tip.map_or("", |(_, rest)| rest.split_once("</title>").expect("it ends").0).to_owned(),
        }
    });
    parts.collect()
}

fn of_class<'b>(boxes: &'b [Box], class: &'b str) -> impl Iterator<Item = &'b Box> {
    boxes.iter().filter(move |found| found.class == class && !found.tip.is_empty())
}

/// What another XML reader says; silence is consent.
pub fn objections(text: &str) -> String {
    let mut python = Command::new("python3")
        .args(["-c", "import sys, xml.dom.minidom; xml.dom.minidom.parseString(sys.stdin.buffer.read())"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is there: tests/run installs it");
    python.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads");
    String::from_utf8_lossy(&python.wait_with_output().expect("it ends").stderr).into_owned()
}

#[test]
fn a_small_week_looks_as_it_did() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/picture/week.svg");
    let svg = drawn(WEEK, SMALL);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &svg).expect("the golden file can be written");
    }
    let same = std::fs::read_to_string(&path).unwrap_or_default() == svg;
    assert!(same, "{} differs; BLESS=1 rewrites it: then look at it in a browser", path.display());
}

#[test]
fn everybody_stands_in_it_whenever_they_serve() {
    let svg = drawn(&[&["--team", "north"], WEEK].concat(), SMALL);
    let boxes = boxes(&svg);
    let bars: Vec<&str> =
        boxes.iter().filter(|b| b.class.starts_with("bar c")).map(|b| b.tip.as_str()).collect();
    assert_snapshot!(bars.join("\n"), @r#"
    Anna Lindqvist at work, North: Mon 19 Oct 08:00 to 17:00
    Anna Lindqvist at work, North: Wed 21 Oct 08:00 to 12:00
    Anna Lindqvist at work, North: Thu 22 Oct 08:00 to 17:00
    Anna Lindqvist at work, North: Fri 23 Oct 08:00 to 17:00
    Björn &quot;Bear&quot; Ekdahl at work, North: Mon 19 Oct 08:00 to 17:00
    Björn &quot;Bear&quot; Ekdahl at work, North: Wed 21 Oct 08:00 to 12:00
    Björn &quot;Bear&quot; Ekdahl at work, North: Thu 22 Oct 08:00 to 17:00
    Björn &quot;Bear&quot; Ekdahl at work, North: Fri 23 Oct 08:00 to 17:00
    &lt;/text&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt; at work, North: Wed 21 Oct 08:00 to 12:00
    Anna Lindqvist on call (primary), North: Mon 19 Oct 00:00 to 08:00
    Björn &quot;Bear&quot; Ekdahl on call (primary), North: Mon 19 Oct 17:00 to Tue 20 Oct 09:00
    Anna Lindqvist on call (primary), North: Tue 20 Oct 09:00 to Wed 21 Oct 08:00
    Björn &quot;Bear&quot; Ekdahl on call (primary), North: Wed 21 Oct 12:00 to Thu 22 Oct 08:00
    Anna Lindqvist on call (primary), North: Thu 22 Oct 17:00 to Fri 23 Oct 08:00
    Björn &quot;Bear&quot; Ekdahl on call (primary), North: Fri 23 Oct 17:00 to Sat 24 Oct 10:00
    Björn &quot;Bear&quot; Ekdahl on call (primary), North: Sat 24 Oct 11:00 to Mon 26 Oct 00:00
    &lt;/text&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt; on call (primary), North: Mon 19 Oct 17:00 to Tue 20 Oct 09:00
    &lt;/text&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt; on call (primary), North: Wed 21 Oct 12:00 to Thu 22 Oct 08:00
    &lt;/text&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt; on call (primary), North: Fri 23 Oct 17:00 to Sat 24 Oct 10:00
    &lt;/text&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt; on call (primary), North: Sat 24 Oct 11:00 to Mon 26 Oct 00:00
    "#);
}

#[test]
fn gaps_are_marked_where_somebody_is_missing_and_nowhere_else() {
    let svg = drawn(WEEK, SMALL);
    let boxes = boxes(&svg);
    let tips: Vec<&str> = of_class(&boxes, "gap").map(|gap| gap.tip.as_str()).collect();
    assert_snapshot!(tips.join("\n"), @r#"
    Swedish in working hours, no sv: Wed 21 Oct 12:00 to 17:00
    frontline, nobody at all: Sat 24 Oct 10:00 to 11:00
    West, nobody on call (primary): Thu 22 Oct 00:00 to 04:00
    North, open with nobody at work: Sat 24 Oct 10:00 to 11:00
    expert, nobody at all: Thu 22 Oct 12:00 to Mon 26 Oct 00:00
    Deep, nobody on call (primary): Thu 22 Oct 12:00 to Mon 26 Oct 00:00
    "#);
    let declared: Vec<&str> =
        of_class(&boxes, "on-call").map(|b| b.tip.as_str()).filter(|tip| tip.contains("declared")).collect();
    assert_snapshot!(declared.join("\n"), @"Swedish in working hours, as declared: Day of Quiet (Tue 20 Oct 08:00 to 09:00)");
    let resting = of_class(&boxes, "rest").filter(|rest| rest.tip.starts_with("West")).count();
    // Before, between and after seven evenings, but where people are at work.
    assert_snapshot!(format!("West rests {resting} times"), @"West rests 12 times");
}

#[test]
fn a_clock_change_stands_at_its_instant_in_a_week_of_169_hours() {
    let svg = drawn(WEEK, SMALL);
    let (from, until) = (instant("2026-10-18T22:00:00Z"), instant("2026-10-25T23:00:00Z"));
    let place = |at: &str| {
        let share = (instant(at) - from).num_seconds() as f64 / (until - from).num_seconds() as f64;
        ((LEFT + share * (RIGHT - LEFT)) * 100.0).round() / 100.0
    };
    let x = place("2026-10-25T01:00:00Z");
    assert!(svg.contains(&format!(r#"<line class="clock" x1="{x}""#)), "no mark at {x}");
    let boxes = boxes(&svg);
    let gap = of_class(&boxes, "gap").find(|gap| gap.tip.starts_with("Deep")).expect("Deep has a gap");
    assert_eq!((gap.x, gap.x + gap.width), (place("2026-10-22T10:00:00Z"), RIGHT));
    assert!(svg.contains(">clocks −1 h Europe/Stockholm<"));
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

#[test]
fn half_an_hour_is_said_to_be_half_an_hour() {
    let svg = drawn(&["--month", "2027-04", "--team", "pacific-frontline"], SAMPLE);
    assert!(svg.contains(">clocks −30 min Australia/Lord_Howe<"));
    assert!(svg.contains("Thu 1 April 2027 to Fri 30 April 2027, on the clock of Australia/Lord_Howe"));
}

#[test]
fn no_name_becomes_markup_and_another_reader_finds_no_fault() {
    let windows: [&[&str]; 4] = [
        WEEK,
        &["--month", "2026-10"],
        &["--from", "2026-10-21T10:10:10Z", "--to", "2026-10-21T11:00:00Z"],
        &["--from", "2026-10-01T00:00:00Z", "--to", "2027-01-05T00:00:00Z"],
    ];
    for window in windows {
        let svg = drawn(window, SMALL);
        assert!(!svg.contains("<script"), "{window:?}");
        assert_eq!(objections(&svg), "", "{window:?}");
    }
}

#[test]
fn the_same_question_gives_the_same_picture() {
    assert_eq!(drawn(WEEK, SAMPLE), drawn(WEEK, SAMPLE));
}

#[test]
fn a_person_has_one_colour_in_every_picture() {
    let colours = |svg: &str| {
        let bars = boxes(svg).into_iter().filter(|b| b.tip.starts_with("Elif Demirtaş"));
        let mut classes: Vec<String> = bars.map(|bar| bar.class).collect();
        classes.dedup();
        classes
    };
    let one = colours(&drawn(&["--week", "2026-W48", "--team", "emea-frontline"], SAMPLE));
    assert_eq!(one.len(), 1);
    assert_eq!(one, colours(&drawn(&["--month", "2026-12"], SAMPLE)));
}

#[test]
fn what_cannot_be_drawn_is_refused_with_a_remedy() {
    let asked =
        ["coverage", "--format", "svg", "--from", "2026-01-01T00:00:00Z", "--to", "2026-12-31T00:00:00Z"];
    assert_snapshot!(meridian(&asked, SMALL), @r#"
    --- stderr
    error: a picture shows at most 100 days: narrow it down with --from and --to, --week or --month
    --- exit 1
    "#);
    let asked = ["coverage", "--format", "svg", "--week", "2026-W43", "--zone", "Europe/Stokholm"];
    assert_snapshot!(meridian(&asked, SMALL), @r#"
    --- stderr
    error: there is no time zone "Europe/Stokholm"; name it as Europe/Stockholm, Asia/Tokyo or UTC
    --- exit 1
    "#);
    let wrong: [&[&str]; 6] = [
        &["--week", "2026-W54"],
        &["--week", "2026-43"],
        &["--month", "2026-13"],
        &["--month", "2026-1"],
        &["--week", "2026-W43", "--month", "2026-10"],
        &["--week", "2026-W43", "--from", "now", "--to", "now"],
    ];
    for window in wrong {
        let Ran { code, stdout, .. } = meridian(&[&["coverage"], window].concat(), SMALL);
        assert_eq!((code, stdout.as_str()), (2, ""), "{window:?}");
    }
}

#[test]
fn weeks_months_and_tiers_narrow_down_every_format() {
    let asked = ["coverage", "--week", "2026-W43", "--tier", "expert"];
    assert_snapshot!(meridian(&asked, SMALL), @r#"
    From Sun 2026-10-18 22:00Z to Sun 2026-10-25 23:00Z

    deep (Europe/Stockholm)
    FROM                   LOCAL TIME                   HOURS   WORKING  ON CALL
    Sun 2026-10-18 22:00Z  Mon 2026-10-19 00:00 +02:00  closed  nobody   primary: eva
    Thu 2026-10-22 10:00Z  Thu 2026-10-22 12:00 +02:00  closed  nobody   primary: nobody
    --- exit 0
    "#);
    let asked = ["coverage", "--month", "2026-10", "--tier", "expert", "--zone", "Asia/Tokyo", "--json"];
    let answer: serde_json::Value = serde_json::from_str(&meridian(&asked, SMALL).stdout).expect("JSON");
    assert_eq!(
        (&answer["from"], &answer["to"]),
        (&"2026-09-30T15:00:00Z".into(), &"2026-10-31T15:00:00Z".into())
    );
    assert_eq!(answer["teams"].as_array().map(Vec::len), Some(1));
}
