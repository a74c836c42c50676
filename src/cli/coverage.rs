use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};

use super::files::{FilesArgs, Sound};
use super::who::{known_team, known_tier};

use super::{Outcome, show};
use crate::api::Instant;
use crate::clock::Clock;
use crate::coverage::{CALENDAR_REACH, Coverage, CoverageAnswer, calendar, prove, spans};
use crate::picture;
use crate::schedule::{TeamId, TierId, ZoneName};
use crate::zone::{Month, Week, Zone, Zones};

/// The timeline: who is at work, from one instant to another
///
/// As a table, as JSON, as a picture to print and hang up (svg), or as a calendar for any calendar program (ics).
/// Without a window, the seven days from now on.
#[derive(Args)]
#[command(
    name = "coverage",
    after_help = "Examples:
  meridian coverage --from 2026-03-28T00:00:00Z --to 2026-03-30T00:00:00Z
  meridian coverage --from now --to 2026-12-31T00:00:00+01:00 --team emea-frontline --json
  meridian coverage --week 2026-W43 --tier frontline --format svg > week.svg
  meridian coverage --month 2026-12 --zone Asia/Tokyo --format svg > december.svg
  meridian coverage --month 2026-12 --team emea-frontline --format ics > december.ics"
)]
pub struct CoverageOf {
    /// Where the window begins: RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", value_parser = show::instant, requires = "to")]
    from: Option<Instant>,
    /// Where it ends, likewise; not included
    #[arg(long, value_name = "INSTANT", value_parser = show::instant, requires = "from")]
    to: Option<Instant>,
    /// A week of ISO 8601, from Monday, in place of --from and --to
    #[arg(long, value_name = "YYYY-Www", conflicts_with_all = ["from", "to", "month"])]
    week: Option<Week>,
    /// A month, in place of --from and --to
    #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["from", "to"])]
    month: Option<Month>,
    /// Whose clock a week, a month and the picture go by [default: the team's, else the one all regions share, else
    /// UTC]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Only this team
    #[arg(long)]
    team: Option<String>,
    /// Only the teams of this tier
    #[arg(long)]
    tier: Option<String>,
    #[command(flatten)]
    files: FilesArgs,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
    /// A picture, A4 landscape
    Svg,
    /// iCalendar, an event for each time at work or on call
    Ics,
}

/// Where no window is given.
const AHEAD: TimeDelta = TimeDelta::days(7);

impl CoverageOf {
    pub fn run(self) -> anyhow::Result<Outcome> {
        if let (Some(from), Some(to)) = (self.from, self.to) {
            ensure!(from.0 < to.0, "--to must be later than --from");
        }
        let Some(sound) = self.files.read()? else { return Ok(Outcome::No) };
        let (team, tier) = (self.team.as_deref().map(TeamId::new), self.tier.as_deref().map(TierId::new));
        known_team(&sound.organisation, team.as_ref())?;
        known_tier(&sound.organisation, tier.as_ref())?;
        let (name, zone) = self.clock(&sound, team.as_ref(), tier.as_ref())?;
        let (from, to) = self.window(&zone)?;
        let format = if self.json { Format::Json } else { self.format };
        if format == Format::Ics {
            let coverage = sound.compile(earlier(from, CALENDAR_REACH), later(to, CALENDAR_REACH));
            return show::out(&calendar(&coverage, from, to, team.as_ref(), tier.as_ref()));
        }
        let coverage = sound.compile(from, to);
        let answer = spans(&coverage, from, to, team.as_ref(), tier.as_ref());
        match format {
            Format::Json => show::json(&answer),
            Format::Svg => {
                let proof = prove(&coverage, from, to);
                show::out(&format!("{}\n", picture::roster(&coverage, &answer, &proof, (&name, &zone))?))
            }
            Format::Text | Format::Ics => show::out(&text(&coverage, &answer)),
        }
    }

    fn window(&self, zone: &Zone) -> anyhow::Result<(DateTime<Utc>, DateTime<Utc>)> {
        Ok(match (self.from, self.to, self.week, self.month) {
            (Some(from), Some(to), ..) => (from.0, to.0),
            (_, _, Some(week), _) => week.on(zone),
            (_, _, _, Some(month)) => month.on(zone),
            _ => {
                let now = Clock::machine().now();
                (now, later(now, AHEAD))
            }
        })
    }

    /// The zone that was asked for need not stand in the schedules.
    fn clock(
        &self,
        sound: &Sound,
        team: Option<&TeamId>,
        tier: Option<&TierId>,
    ) -> anyhow::Result<(ZoneName, Zone)> {
        let name = match &self.zone {
            Some(name) => ZoneName::new(name),
            None => usual_clock(sound, team, tier),
        };
        let found = match sound.zones.get(&name).filter(|_| self.zone.is_none()) {
            Some(zone) => Some(zone.clone()),
            None => {
                let names = BTreeSet::from([name.clone()]);
                Zones::load(self.files.zones.tzdir.as_deref(), &names)?.get(&name).cloned()
            }
        };
        let zone = found.with_context(|| {
            format!("there is no time zone {name:?}; name it as Europe/Stockholm, Asia/Tokyo or UTC")
        })?;
        Ok((name, zone))
    }
}

/// Of the one team that is shown, else of all regions of those shown, if they agree, else UTC.
fn usual_clock(sound: &Sound, team: Option<&TeamId>, tier: Option<&TierId>) -> ZoneName {
    let organisation = &sound.organisation;
    let shown = organisation.teams.iter().filter(|(id, found)| {
        team.is_none_or(|team| team == *id) && tier.is_none_or(|tier| *tier == found.tier)
    });
    let shown: Vec<_> = shown.map(|(_, team)| team).collect();
    if let [only] = shown[..] {
        return only.timezone.clone();
    }
    let regions = shown.iter().filter_map(|team| organisation.regions.get(&team.region));
    let zones: BTreeSet<&ZoneName> = regions.map(|region| &region.timezone).collect();
    match zones.first() {
        Some(zone) if zones.len() == 1 => (*zone).clone(),
        _ => ZoneName::new("UTC"),
    }
}

fn earlier(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn later(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn text(coverage: &Coverage, answer: &CoverageAnswer) -> String {
    let mut text = format!("From {} to {}\n", show::utc(answer.from), show::utc(answer.to));
    for team in &answer.teams {
        let zone = coverage.organisation.teams.get(&team.team).map(|team| &team.timezone);
        let mut table = show::table(&["from", "local time", "hours", "working", "on call"]);
        for span in &team.spans {
            let local =
                zone.and_then(|zone| coverage.zones.get(zone)).map(|zone| zone.local_with_offset(span.from));
            let lines = span.on_call.iter().map(|(line, people)| format!("{line}: {}", show::people(people)));
            let on_call = lines.collect::<Vec<_>>().join("; ");
            table.add_row([
                show::utc(span.from),
                local.as_ref().map(show::local).unwrap_or_default(),
                if span.open { "open" } else { "closed" }.to_owned(),
                show::people(&span.working),
                if on_call.is_empty() { "-".to_owned() } else { on_call },
            ]);
        }
        let title = format!("{} ({})", team.team, zone.map_or("", |zone| zone.as_str()));
        text.push_str(&format!("\n{}\n{}", show::bold(&title), show::lines(&table)));
    }
    text
}
