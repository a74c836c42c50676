//! What a vendor owes counts by its own support hours, wherever and whenever those are.

use insta::assert_snapshot;
use meridian::desk::ClockKind;

use super::play::{GLOBE, played};

/// When the answer is due in UTC, and what of it is spent when it comes.
fn due(hours: &str, within: &str, asked: &str, answered: &str) -> String {
    let files = format!(
        "{GLOBE}[business_hours.theirs]\n{hours}\n[vendors.far]\nchannel = \"far\"\nbusiness_hours = \"theirs\"\n\
         reply_within = \"{within}\"\nwarn_at = []\n"
    );
    let (day, at) = asked.split_once(' ').unwrap();
    let story = played(
        &files,
        &format!(
            "
        {day} 00:00  nothing
        {at}  open P1: Storage fails
        {at}  anna acknowledges 1
        {at}  bjorn acknowledges 1
        {at}  carl acknowledges 1
        {at}  dora acknowledges 1
        {at}  emi acknowledges 1
        {at}  monitor sends 1 to far
        {answered}  vendor/far answers 1 working
    "
        ),
    );
    let events = story.events.values().flatten();
    let clocks = events.filter_map(|event| match &event.what {
        meridian::desk::What::ClocksSet { clocks } => {
            let clock = clocks.iter().find(|clock| clock.kind == ClockKind::VendorReply)?;
            Some(
                clock
                    .due
                    .map_or("not within sight".to_owned(), |due| due.format("%a %m-%d %H:%M").to_string()),
            )
        }
        meridian::desk::What::ClockMet { clock: ClockKind::VendorReply, spent, .. } => {
            Some(format!("{} min spent", spent.num_minutes()))
        }
        _ => None,
    });
    let mut told: Vec<String> = clocks.collect();
    assert!(told.len() >= 2, "nobody took it: {told:?}");
    told.truncate(2);
    told.join(", ")
}

#[test]
fn their_hours_count_over_clock_changes_half_zones_and_days_of_rest() {
    let office = |zone: &str| {
        format!(
            "timezone = \"{zone}\"\nhours = [{{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], \
             from = \"09:00\", to = \"17:00\" }}]"
        )
    };
    let nights =
        |zone: &str| format!("timezone = \"{zone}\"\nhours = [{{ from = \"22:00\", to = \"04:00\" }}]");
    let cases = [
        ("Kathmandu, at UTC+5:45", office("Asia/Kathmandu"), "2h", "2026-03-06 10:00", "2026-03-09 04:00"),
        (
            "St Johns, over the weekend of its spring",
            office("America/St_Johns"),
            "4h",
            "2026-03-06 18:30",
            "2026-03-09 12:00",
        ),
        (
            "St Johns, a night of spring",
            nights("America/St_Johns"),
            "6h",
            "2026-03-08 00:00",
            "2026-03-08 07:00",
        ),
        (
            "St Johns, a night of autumn",
            nights("America/St_Johns"),
            "6h",
            "2026-10-31 23:00",
            "2026-11-01 06:00",
        ),
        ("Gaza, a night of spring", nights("Asia/Gaza"), "6h", "2026-03-27 18:00", "2026-03-28 03:00"),
        ("Gaza, Friday to Monday", office("Asia/Gaza"), "3h", "2026-03-27 13:30", "2026-03-30 07:00"),
        (
            "Lord Howe, half an hour of autumn",
            nights("Australia/Lord_Howe"),
            "6h",
            "2026-04-04 10:00",
            "2026-04-04 18:00",
        ),
    ];
    let line = |(name, hours, within, asked, answered): &(&str, String, &str, &str, &str)| {
        format!("{name:<42} {within} from {asked}: {}\n", due(hours, within, asked, answered))
    };
    assert_snapshot!(cases.iter().map(line).collect::<String>(), @r#"
    Kathmandu, at UTC+5:45                     2h from 2026-03-06 10:00: Mon 03-09 04:00, 120 min spent
    St Johns, over the weekend of its spring   4h from 2026-03-06 18:30: Mon 03-09 13:30, 150 min spent
    St Johns, a night of spring                6h from 2026-03-08 00:00: Mon 03-09 01:30, 300 min spent
    St Johns, a night of autumn                6h from 2026-10-31 23:00: Sun 11-01 06:30, 330 min spent
    Gaza, a night of spring                    6h from 2026-03-27 18:00: Sat 03-28 20:00, 300 min spent
    Gaza, Friday to Monday                     3h from 2026-03-27 13:30: Mon 03-30 07:30, 150 min spent
    Lord Howe, half an hour of autumn          6h from 2026-04-04 10:00: Sat 04-04 17:00, 390 min spent
    "#);
}
