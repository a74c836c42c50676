use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::client::{Client, Remote, segment};
use super::files::{FilesArgs, Sound};
use super::{Outcome, show};
use crate::api::Instant;
use crate::desk::{Event, TicketId};
use crate::report::{Asked, Gathering, Kind, Narrowed, Sheet, Slip, Window, zone_of};
use crate::schedule::{Audience, CustomerId, Priority, RegionId, TeamId, TierId};
use crate::zone::{Month, Week};

/// What happened over weeks and months, in numbers
///
/// Without a name, lists the reports. Without a window, the last whole month on the organisation's clock: that of all its
/// regions, where they agree, else UTC. Durations in CSV and JSON are seconds.
///
/// Asks the daemon; with --history, reads the events of a simulation (`meridian simulate --history FILE`), by the files in
/// --schedules.
#[derive(Args)]
#[command(
    name = "report",
    after_help = "Examples:
  meridian report volume --month 2026-10
  meridian report sla --from 2026-10-01T00:00:00Z --until 2026-11-01T00:00:00Z --customer acme
  meridian report fairness --team emea-frontline --format svg > fairness.svg
  meridian report times --tier specialist --format csv > times.csv
  meridian report handoffs --history history.jsonl --schedules schedules --week 2026-W43"
)]
pub struct ReportOf {
    /// Which report
    #[arg(value_name = "REPORT", value_parser = kinds())]
    kind: Option<Kind>,
    /// Where the window begins: RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", value_parser = show::instant)]
    from: Option<Instant>,
    /// Where it ends, likewise; not included [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = show::instant, requires = "from")]
    until: Option<Instant>,
    /// A month in place of --from and --until
    #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["from", "until"], value_parser = checked::<Month>)]
    month: Option<String>,
    /// A week of ISO 8601, from Monday, likewise
    #[arg(long, value_name = "YYYY-Www", conflicts_with_all = ["from", "until", "month"], value_parser = checked::<Week>)]
    week: Option<String>,
    /// Only tickets that this team had or was asked to take; of fairness, its people
    #[arg(long)]
    team: Option<String>,
    /// Only tickets of customers in this region; of fairness, its teams' people
    #[arg(long)]
    region: Option<String>,
    /// Only tickets that were decided for this tier first; of fairness, its teams' people
    #[arg(long)]
    tier: Option<String>,
    /// Only tickets of this priority: P1 to P5
    #[arg(long, value_parser = checked::<Priority>)]
    priority: Option<String>,
    /// Only tickets of this customer
    #[arg(long)]
    customer: Option<String>,
    /// Only tickets of customers, or only our own: customer, internal [default: of volume, handoffs, vendors and fairness
    /// all, of the others those of customers]
    #[arg(long, value_parser = checked::<Audience>)]
    audience: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// JSON Lines of events in place of a daemon, all of a ticket's together and in order
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Csv,
    Json,
    /// A picture: of volume, sla and fairness
    Svg,
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let value = |kind: Kind| PossibleValue::new(kind.as_str()).help(kind.about());
    let known = PossibleValuesParser::new(Kind::ALL.map(value));
    known.map(|name| name.parse().expect("only known names come through"))
}

/// The text as it was given, once it can be read.
fn checked<T: std::str::FromStr>(text: &str) -> Result<String, T::Err> {
    text.parse::<T>().map(|_| text.to_owned())
}

impl ReportOf {
    pub fn run(mut self) -> anyhow::Result<Outcome> {
        if self.remote.json {
            self.format = Format::Json;
        }
        let Some(kind) = self.kind else { return list() };
        if self.format == Format::Svg && !kind.is_drawn() {
            let drawn = Kind::ALL.into_iter().filter(|kind| kind.is_drawn()).map(Kind::as_str);
            let drawn = drawn.collect::<Vec<_>>().join(", ");
            let said = format!("there is no picture of {kind}: drawn are {drawn}\n");
            clap::Error::raw(clap::error::ErrorKind::ArgumentConflict, said).exit();
        }
        match &self.history {
            Some(path) => self.offline(kind, path),
            None => self.ask(kind),
        }
    }

    fn ask(self, kind: Kind) -> anyhow::Result<Outcome> {
        let format = self.format.to_possible_value().expect("none is hidden").get_name().to_owned();
        let at = |at: Option<Instant>| at.map(|at| at.0.to_rfc3339());
        let query = [
            ("from", at(self.from)),
            ("until", at(self.until)),
            ("month", self.month),
            ("week", self.week),
            ("team", self.team),
            ("region", self.region),
            ("tier", self.tier),
            ("priority", self.priority),
            ("customer", self.customer),
            ("audience", self.audience),
            ("format", Some(format)),
        ];
        self.remote.talk(async |client: Client| {
            let path = format!("v1/reports/{}", segment(kind.as_str()));
            let text = client.get_text(&path, &query).await?;
            match self.format {
                Format::Json => show::json(&serde_json::from_str::<serde_json::Value>(&text)?),
                _ => show::out(&text),
            }
        })
    }

    fn offline(&self, kind: Kind, path: &Path) -> anyhow::Result<Outcome> {
        let Some(sound) = self.files.read()? else { return Ok(Outcome::No) };
        let narrowed = Narrowed {
            team: self.team.as_deref().map(TeamId::new),
            region: self.region.as_deref().map(RegionId::new),
            tier: self.tier.as_deref().map(TierId::new),
            priority: self.priority.as_deref().and_then(|priority| priority.parse().ok()),
            customer: self.customer.as_deref().map(CustomerId::new),
            audience: self.audience.as_deref().and_then(|audience| audience.parse().ok()),
        };
        let blamed = |(field, said): Slip| anyhow::anyhow!("--{field}: {said}");
        narrowed.check(&sound.organisation).map_err(blamed)?;
        ensure!(
            path.is_file(),
            "{} is no regular file: it is read twice, so write a pipe to one",
            path.display()
        );
        let mut all: Option<(DateTime<Utc>, DateTime<Utc>)> = None;
        each_history(path, &mut |history| {
            let opened = history[0].at;
            let last = history.iter().map(|event| event.at).max().unwrap_or(opened);
            let known = all.unwrap_or((opened, last));
            all = Some((known.0.min(opened), known.1.max(last)));
            Ok(())
        })?;
        let (first, as_of) = all.with_context(|| format!("{} has no event", path.display()))?;
        let window = Window {
            from: self.from.map(|at| at.0),
            until: self.until.map(|at| at.0),
            month: self.month.as_deref().and_then(|month| month.parse().ok()),
            week: self.week.as_deref().and_then(|week| week.parse().ok()),
        };
        let (_, zone) = zone_of(&sound.organisation, &sound.zones);
        let (from, until) = window.on(zone, as_of).map_err(blamed)?;
        let asked = Asked { kind, from, until, as_of, narrowed, seen: None };
        self.tell(&gathered(&sound, asked, first, path)?)
    }

    fn tell(&self, sheet: &Sheet) -> anyhow::Result<Outcome> {
        match self.format {
            Format::Text => show::out(&sheet.text()),
            Format::Csv => show::out(&sheet.csv()),
            Format::Json => show::json(sheet),
            Format::Svg => show::out(&sheet.svg().unwrap_or_default()),
        }
    }
}

fn gathered(sound: &Sound, asked: Asked, first: DateTime<Utc>, path: &Path) -> anyhow::Result<Sheet> {
    let coverage = sound.around(asked.from, TimeDelta::zero());
    let covering = asked.covering(&coverage, Some(first));
    let mut gathering = Gathering::new(asked, &covering);
    each_history(path, &mut |history| {
        let ticket = history[0].ticket;
        gathering
            .add(history)
            .map(drop)
            .with_context(|| format!("{}: the history of ticket {ticket}", path.display()))
    })?;
    Ok(gathering.finish())
}

/// Events of other years are a mistake.
const YEARS: RangeInclusive<i32> = 1970..=9999;

/// A ticket's events after another's; one ticket at a time is in memory.
fn each_history(path: &Path, each: &mut dyn FnMut(&[Event]) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let (mut history, mut seen): (Vec<Event>, BTreeSet<TicketId>) = (Vec::new(), BTreeSet::new());
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let place = || format!("{}: line {}", path.display(), number + 1);
        let line = line.with_context(place)?;
        if line.trim().is_empty() {
            continue;
        }
        let event: Event = serde_json::from_str(&line).with_context(|| {
            format!("{} is no event as `meridian simulate --history` writes them", place())
        })?;
        if history.first().is_some_and(|first| first.ticket != event.ticket) {
            each(&history)?;
            history.clear();
        }
        ensure!(
            YEARS.contains(&event.at.year()),
            "{}: {} is not within {} to {}",
            place(),
            event.at,
            YEARS.start(),
            YEARS.end()
        );
        ensure!(
            !history.is_empty() || seen.insert(event.ticket),
            "{}: ticket {} for the second time; is a file in it twice?",
            place(),
            event.ticket
        );
        let expected = history.last().map_or(1, |last| last.seq + 1);
        if event.seq != expected {
            bail!(
                "{}: event {} of ticket {}, where {expected} is expected: all of a ticket's events stand together, in order",
                place(),
                event.seq,
                event.ticket
            );
        }
        history.push(event);
    }
    if !history.is_empty() {
        each(&history)?;
    }
    Ok(())
}

fn list() -> anyhow::Result<Outcome> {
    let mut table = show::table(&["report", "about", "counts"]);
    for kind in Kind::ALL {
        table.add_row([kind.as_str(), kind.about(), kind.basis().in_words()]);
    }
    show::out(&show::lines(&table))
}
