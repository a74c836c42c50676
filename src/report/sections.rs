//! The parts of a report in reading order, for the text and the page alike.

use super::table::Table;
use super::{Figures, HourOfWeek, tables};

pub(super) struct Section {
    /// Names the part within the page.
    pub id: &'static str,
    pub title: &'static str,
    /// How to read it.
    pub lead: String,
    pub tables: Vec<Table>,
}

pub(super) fn sections(figures: &Figures) -> Vec<Section> {
    let Figures { all, by_priority, .. } = figures;
    let mut parts = vec![
        section(
            "outcomes",
            "Outcomes",
            "Every ticket is resolved, closed, or live with a reason and an instant to look again.",
            vec![tables::outcomes(all, by_priority), tables::live_by_why(all), tables::live_by_name(figures)],
        ),
        section(
            "times",
            "How long it took",
            "From the opening of a ticket. Asked: first offered to people at work, queued with them, or paged. \
             Percentiles are nearest ranks, so each is a time that really occurred.",
            vec![
                tables::times(all),
                tables::times_by("Priority", by_priority),
                tables::times_by("Tier", &figures.by_tier),
                tables::times_by("Region", &figures.by_region),
                tables::times_by("Language", &figures.by_language),
                tables::waited(&figures.waited_longest),
            ],
        ),
        section(
            "events",
            "What went on",
            "Counted from the history of the tickets.",
            vec![tables::went_on(all, by_priority), tables::automatic(figures)],
        ),
        section(
            "handoffs",
            "Handoffs",
            "Tickets offered to the next people ahead of a shift end.",
            vec![tables::handoffs(figures)],
        ),
        section("pages", "Pages", "An offer that wakes somebody up.", vec![tables::paged(figures)]),
        section(
            "teams",
            "Load of teams",
            "Tickets held at once by a team's people and its queue, pending ones among them: the mean over the window and \
             the peak, of one person, and as many as a person is meant to hold.",
            vec![tables::teams(figures)],
        ),
    ];
    let weeks = figures.hours_of_week.iter().flat_map(|week| {
        let name = week.tier.as_ref().map_or("Whole organisation", |tier| tier.as_str());
        let any = |of: fn(&HourOfWeek) -> bool| week.hours.iter().flatten().any(of);
        let people = any(|hour| hour.covered > 0.0)
            .then(|| tables::week(&format!("{name}: people at work, mean"), week, tables::at_work));
        let opened = any(|hour| hour.opened > 0)
            .then(|| tables::week(&format!("{name}: tickets opened"), week, tables::opened));
        [people, opened].into_iter().flatten()
    });
    let weeks = weeks.collect();
    parts.push(section(
        "week",
        "The mean week, in UTC",
        "People at work in their hours by hour of the week, averaged over the window; a dot: never anybody, a plus: \
         hardly ever. Beside it the tickets opened; of a tier, those it was decided for first.",
        weeks,
    ));
    parts.push(section(
        "course",
        "Over time",
        "What came in, what was done, and what was live at the end of each stretch.",
        vec![tables::course(figures)],
    ));
    parts
}

fn section(id: &'static str, title: &'static str, lead: &str, tables: Vec<Table>) -> Section {
    Section { id, title, lead: lead.to_owned(), tables }
}
