//! Rotation files, the time zone data they are read with, and the revision in force.

use std::collections::BTreeSet;

use chrono::{Datelike, TimeDelta};

use super::database::Standing;
use super::{Chart, Patient};
use crate::engine::{Reading, Source};
use crate::schedule::{Organisation, Problem, Severity, duration_text, load};
use crate::zone::Zones;

/// Problems told one by one.
const TOLD: usize = 5;
const AHEAD: TimeDelta = TimeDelta::days(365);

/// The organisation, where the files make one.
pub fn examine(chart: &mut Chart, patient: &Patient) -> Option<Organisation> {
    let settings = &patient.settings;
    let source = Source::now(&settings.schedules, settings.tzdir.as_deref());
    let shown = settings.schedules.display();
    let reading = match source.read(patient.now, patient.now + AHEAD) {
        Ok(reading) => reading,
        Err(error) => {
            chart.problem(
                "schedules",
                format!("{error:#}"),
                "name the folder of the rotation files in `schedules`",
            );
            return None;
        }
    };
    let Reading { files, zones, checked, .. } = reading;
    let (errors, warnings): (Vec<&Problem>, Vec<&Problem>) =
        checked.problems.iter().partition(|problem| problem.severity == Severity::Error);
    let told =
        |problems: &[&Problem]| problems.iter().take(TOLD).map(|problem| line(problem)).collect::<Vec<_>>();
    let remedy = format!("meridian check {shown} tells all of it, with place and remedy");
    match (errors.len(), warnings.len()) {
        (0, 0) => chart.ok("schedules", format!("{} files beneath {shown}, without a problem", files.len())),
        (0, count) => {
            chart.warning(
                "schedules",
                format!("{} files beneath {shown}, {count} warnings", files.len()),
                remedy,
            );
            chart.details(told(&warnings));
        }
        (count, _) => {
            let what = format!("{count} errors in the files beneath {shown}: this set is never put to work");
            chart.problem("schedules", what, remedy);
            chart.details(told(&errors));
        }
    }
    zone_data(chart, patient, &zones);
    if let Some(organisation) = &checked.organisation {
        privacy(chart, patient, organisation);
    }
    checked.organisation
}

/// What is gone with its ticket is never erased from it.
fn privacy(chart: &mut Chart, patient: &Patient, organisation: &Organisation) {
    let Some(kept) = patient.settings.retention.tickets else { return };
    let never: Vec<String> = organisation
        .privacy
        .each()
        .filter(|(_, after)| *after >= kept)
        .map(|(class, after)| format!("{} {}", class.unwrap_or("default"), duration_text(after)))
        .collect();
    if !never.is_empty() {
        let what = format!(
            "`erase_after` ({}) is no shorter than tickets are kept at all ({}): those go whole before",
            never.join(", "),
            duration_text(kept)
        );
        chart.warning(
            "privacy",
            what,
            "shorten `erase_after` in [privacy], or `tickets` in [retention] is enough",
        );
    }
}

fn line(problem: &Problem) -> String {
    match problem.file.is_empty() {
        true => problem.message.clone(),
        false => format!("{}:{}: {}", problem.file, problem.line, problem.message),
    }
}

fn zone_data(chart: &mut Chart, patient: &Patient, zones: &Zones) {
    let embedded = Zones::embedded_version();
    let remedy = "install or update the system's tzdata";
    let Some(version) = &zones.version else {
        let what =
            format!("no folder of time zone data with a version; the built-in tables are of {embedded}");
        return chart.warning("zone-data", what, remedy);
    };
    let year: Option<i32> = version.get(..4).and_then(|year| year.parse().ok());
    let what = format!("time zone data of {version}; the built-in tables are of {embedded}");
    if zones.set_aside {
        chart.warning("zone-data", format!("{what}, which are newer and in use"), remedy);
    } else if year.is_some_and(|year| year + 1 < patient.now.year()) {
        chart.warning("zone-data", format!("{what}: governments have moved clocks since"), remedy);
    } else {
        chart.ok("zone-data", what);
    }
}

/// Whether the files here are those in force.
pub fn drift(chart: &mut Chart, patient: &Patient, standing: &Standing) {
    let Some(row) = &standing.revision else {
        return chart.ok("drift", "no revision is in force yet: the first start publishes these files");
    };
    let Ok(files) = load(&patient.settings.schedules) else { return };
    let names: BTreeSet<&String> = files.keys().chain(row.files.keys()).collect();
    let differing: Vec<String> =
        names.into_iter().filter(|name| files.get(*name) != row.files.get(*name)).cloned().collect();
    if differing.is_empty() {
        return chart
            .ok("drift", format!("the files here are those of revision {}, which is in force", row.number));
    }
    let what =
        format!("{} files here are not those of revision {}, which is in force", differing.len(), row.number);
    let remedy = match patient.file() {
        Some(_) => "systemctl reload meridian puts these to work",
        None => {
            "a reload puts these to work only where no other node has published: bring the files in force here, or have \
             these win by POST /v1/schedules/reload?publish=true with an administrator's token (runbook \
             MeridianSchedulesDrift)"
        }
    };
    chart.warning("drift", what, remedy);
    chart.details(differing.into_iter().take(TOLD));
}
