//! The report as one page that stands alone: no script, nothing fetched, and every number of a picture in a table too.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use super::attention::{Finding, Headline, findings, headlines};
use super::pictures::{Drawn, drawn};
use super::sections::{Section, sections};
use super::table::Table;
use super::words::instant;
use super::{Figures, Run, tables};

/// Longer tables are folded away beneath their names.
const UNFOLDED: usize = 30;

#[derive(Serialize)]
struct Page<'a> {
    organisation: &'a str,
    from: String,
    until: String,
    run: Option<&'a Run>,
    headlines: Vec<Headline>,
    findings: Vec<Finding>,
    violations: Option<Table>,
    sections: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    id: &'static str,
    title: &'static str,
    lead: String,
    pictures: Vec<Drawn>,
    tables: Vec<Folded>,
}

#[derive(Serialize)]
struct Folded {
    folded: bool,
    table: Table,
}

/// Steps of the template: thousands of times what a year of a large organisation takes, and yet an end.
const FUEL: u64 = 2_000_000_000;

pub fn html(figures: &Figures, run: Option<&Run>) -> String {
    let violations = run.filter(|run| !run.violations.is_empty());
    let page = Page {
        organisation: &figures.organisation,
        from: instant(figures.from),
        until: instant(figures.until),
        run,
        headlines: headlines(figures, run),
        findings: findings(figures, run),
        violations: violations.map(|run| tables::violations(&run.violations)),
        sections: sections(figures).into_iter().map(|section| part(figures, section)).collect(),
    };
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_fuel(Some(FUEL));
    environment.add_filter("safe", minijinja::filters::safe);
    let template = environment.template_from_named_str("report.html", include_str!("report.html"));
    let page = template.and_then(|template| template.render(Value::from(Serde(page))));
    page.unwrap_or_else(|error| panic!("the template is ours and knows every field: {error:#}"))
}

fn part(figures: &Figures, section: Section) -> Part {
    let Section { id, title, lead, tables } = section;
    let pictures = drawn(figures, id);
    let tables = tables.into_iter().filter(|table| !table.rows.is_empty());
    let folded = |table: Table| Folded { folded: id == "week" || table.rows.len() > UNFOLDED, table };
    Part { id, title, lead, pictures, tables: tables.map(folded).collect() }
}
