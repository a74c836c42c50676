use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use super::files::FilesArgs;
use super::{Outcome, show};
use crate::api::Instant;
use crate::coverage::{Coverage, OnDuty, WhoAnswer, who};
use crate::schedule::{TeamId, TierId};

/// Who is at work
#[derive(Args)]
#[command(after_help = "Examples:
  meridian who
  meridian who --at 2026-03-29T02:30:00+02:00 --tier frontline
  meridian who --team emea-frontline --json")]
pub struct Who {
    /// When: RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", default_value = "now", value_parser = show::instant)]
    at: Instant,
    /// Only this team
    #[arg(long)]
    team: Option<String>,
    /// Only the teams of this tier
    #[arg(long)]
    tier: Option<String>,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Args)]
pub struct FormatArgs {
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
}

impl FormatArgs {
    pub fn is_json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}

/// Compiled ahead; the next change is usually within it.
const AHEAD: TimeDelta = TimeDelta::days(8);

impl Who {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Some(sound) = self.files.read()? else { return Ok(Outcome::No) };
        let team = self.team.as_deref().map(TeamId::new);
        let tier = self.tier.as_deref().map(TierId::new);
        known_team(&sound.organisation, team.as_ref())?;
        known_tier(&sound.organisation, tier.as_ref())?;
        let coverage = sound.around(self.at.0, AHEAD);
        let answer = who(&coverage, self.at.0, team.as_ref(), tier.as_ref());
        if self.format.is_json() { show::json(&answer) } else { show::out(&text(&coverage, &answer)) }
    }
}

pub fn known_team(organisation: &crate::schedule::Organisation, team: Option<&TeamId>) -> anyhow::Result<()> {
    let Some(team) = team.filter(|team| !organisation.teams.contains_key(*team)) else { return Ok(()) };
    let names = organisation.teams.keys().map(TeamId::as_str);
    match crate::schedule::nearest(team.as_str(), names) {
        Some(near) => anyhow::bail!("there is no team {team:?}; did you mean {near:?}?"),
        None => anyhow::bail!("there is no team {team:?} in the schedules"),
    }
}

pub fn known_tier(organisation: &crate::schedule::Organisation, tier: Option<&TierId>) -> anyhow::Result<()> {
    let Some(tier) = tier.filter(|tier| !organisation.tiers.contains(tier)) else { return Ok(()) };
    let tiers: Vec<&str> = organisation.tiers.iter().map(TierId::as_str).collect();
    anyhow::bail!("there is no tier {tier:?}; the tiers are {}", tiers.join(", "))
}

fn text(coverage: &Coverage, answer: &WhoAnswer) -> String {
    let mut table = show::table(&["team", "local time", "hours", "working", "on call", "until"]);
    for team in &answer.teams {
        table.add_row([
            team.team.to_string(),
            show::local(&team.local_time),
            if team.open { "open" } else { "closed" }.to_owned(),
            show::people(&team.working),
            on_call(team),
            until(coverage, team),
        ]);
    }
    format!("Who is at work at {}\n\n{}", show::utc(answer.at), show::lines(&table))
}

fn on_call(team: &OnDuty) -> String {
    if team.on_call.is_empty() {
        return "-".to_owned();
    }
    let lines = team.on_call.iter().map(|(line, people)| format!("{line}: {}", show::people(people)));
    lines.collect::<Vec<_>>().join("; ")
}

/// On the team's own clock: the UTC instant is in the JSON.
fn until(coverage: &Coverage, team: &OnDuty) -> String {
    let zone = coverage.organisation.teams.get(&team.team).and_then(|t| coverage.zones.get(&t.timezone));
    match (team.until, zone) {
        (None, _) => "nothing changes within 366 days".to_owned(),
        (Some(until), None) => show::utc(until),
        (Some(until), Some(zone)) => {
            format!("{} ({})", show::local(&zone.local_with_offset(until)), until.format("%H:%MZ"))
        }
    }
}
