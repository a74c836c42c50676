//! The zone data in use, and what it moves against other data: rule 12.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::count;
use crate::cli::files::Sound;
use crate::cli::show;
use crate::coverage::{MovedTeam, MovedZone, compare_zones};
use crate::engine::{Horizon, ZoneVersions};
use crate::zone::{Stretch, Zones};

#[derive(Serialize)]
pub struct ZoneData {
    #[serde(flatten)]
    versions: ZoneVersions,
    /// The folder whose data `differences` are held against, as `--compare-tzdir` asks; else the embedded tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<Compared>,
    differences: Vec<MovedZone>,
}

#[derive(Serialize)]
struct Compared {
    folder: Option<String>,
    /// How many zones the schedules use.
    #[serde(skip)]
    zones: usize,
    #[serde(skip)]
    horizon: Horizon,
}

/// Teams beyond these are counted.
const NAMED: usize = 5;

impl ZoneData {
    /// `differences` are those from the embedded tables.
    pub fn new(zones: &Zones, differences: Vec<MovedZone>) -> ZoneData {
        ZoneData { versions: ZoneVersions::of(zones), compared: None, differences }
    }

    /// Holds the data in use against that of a folder instead.
    pub fn compare(&mut self, sound: &Sound, folder: &Path, horizon: Horizon) -> anyhow::Result<()> {
        let names = sound.organisation.zones();
        let other = Arc::new(Zones::load(Some(folder), &names)?);
        let Horizon { from, until } = horizon;
        self.differences = compare_zones(&sound.organisation, &sound.zones, &other, from, until);
        self.compared = Some(Compared { folder: other.version.clone(), zones: names.len(), horizon });
        Ok(())
    }

    /// Where nothing was compared on purpose, warnings have said what differs.
    pub fn text(&self) -> String {
        let Some(Compared { folder, zones, horizon }) = &self.compared else { return String::new() };
        let (ours, theirs) = (named(&self.versions.folder), named(folder));
        if self.differences.is_empty() {
            return format!(
                "Zone data {ours} against {theirs}: no difference in {}\n",
                count(*zones, "zone")
            );
        }
        let mut text = format!(
            "{}\n",
            show::bold(&format!(
                "Zone data {ours} against {theirs}: {} of {zones} in use {}",
                count(self.differences.len(), "zone"),
                if self.differences.len() == 1 { "differs" } else { "differ" }
            ))
        );
        for MovedZone { difference, teams } in &self.differences {
            _ = writeln!(text, "\n{}", difference.zone);
            for stretch in &difference.stretches {
                _ = writeln!(text, "  {}", apart(stretch, *horizon));
            }
            if teams.is_empty() {
                text.push_str("  moves no team\n");
            }
            for team in teams.iter().take(NAMED) {
                moved(team, &mut text);
            }
            if teams.len() > NAMED {
                _ = writeln!(text, "  and {} more", count(teams.len() - NAMED, "team"));
            }
        }
        text
    }

    /// `zone data: 2026f in use, 2025b embedded`
    pub fn versions(&self) -> String {
        let ZoneVersions { folder, embedded, set_aside } = &self.versions;
        let folder = folder.as_deref().unwrap_or("none found");
        match set_aside {
            true => format!("zone data: {embedded} embedded in use, {folder} of the system set aside"),
            false => format!("zone data: {folder} in use, {embedded} embedded"),
        }
    }
}

fn named(version: &Option<String>) -> &str {
    version.as_deref().unwrap_or("of no known version")
}

/// `60 min ahead from Sun 2026-11-01 09:00Z to Sun 2027-03-14 10:00Z`
fn apart(stretch: &Stretch, horizon: Horizon) -> String {
    let Stretch { from, until, minutes, .. } = *stretch;
    let way = if minutes > 0 { "ahead" } else { "behind" };
    let ends = if until < horizon.until {
        format!("to {}", show::utc(until))
    } else {
        "to the end of the horizon".to_owned()
    };
    format!("{} min {way} from {} {ends}", minutes.abs(), show::utc(from))
}

fn moved(team: &MovedTeam, text: &mut String) {
    let hours = team.minutes / 60;
    _ = writeln!(text, "  {}: {hours} h in all, from {}", team.team, show::utc(team.from));
    for one in &team.moves {
        _ = writeln!(text, "    {one}");
    }
}
