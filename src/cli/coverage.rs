use anyhow::ensure;
use clap::Args;

use super::files::FilesArgs;
use super::who::{FormatArgs, known_team};
use super::{Outcome, show};
use crate::api::Instant;
use crate::coverage::{Coverage, CoverageAnswer, spans};
use crate::schedule::TeamId;

/// The timeline: who is at work, from one instant to another
#[derive(Args)]
#[command(
    name = "coverage",
    after_help = "Examples:
  meridian coverage --from 2026-03-28T00:00:00Z --to 2026-03-30T00:00:00Z
  meridian coverage --from now --to 2026-12-31T00:00:00+01:00 --team emea-frontline --json"
)]
pub struct CoverageOf {
    /// RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    from: Instant,
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    to: Instant,
    /// Only this team
    #[arg(long)]
    team: Option<String>,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    format: FormatArgs,
}

impl CoverageOf {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let (from, to) = (self.from.0, self.to.0);
        ensure!(from < to, "--to must be later than --from");
        let Some(sound) = self.files.read()? else { return Ok(Outcome::No) };
        let team = self.team.as_deref().map(TeamId::new);
        known_team(&sound.organisation, team.as_ref())?;
        let coverage = sound.compile(from, to);
        let answer = spans(&coverage, from, to, team.as_ref());
        if self.format.is_json() { show::json(&answer) } else { show::out(&text(&coverage, &answer)) }
    }
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
