use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Stopwatch};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use super::files::{FilesArgs, Sound};
use super::{Outcome, show};
use crate::api::{Instant, facts_of_row};
use crate::desk::Event;
use crate::report::{self, Figures, Happened, Run};
use crate::schedule::{TierId, nearest};
use crate::simulate::{self, Habits, Mistake, Opening, Played, Progress, Set, Setting, Wanted};

/// What would have become of these tickets under these schedules
///
/// Replays a stream of tickets, or a generated one, in virtual time: the same decisions as the daemon's, and people who
/// take, work on, escalate and hand over tickets. The same files and seed give the same bytes.
///
/// A stream is CSV with a header, or JSON Lines where the file ends in `.jsonl`. `opened_at` is needed; the fields of a
/// new ticket (title, priority or impact and urgency, category, customer, service, language, region, skills, risk,
/// residency, via, dedup_key, external_ref, labels, description), `needs_tier` (the lowest tier that can really solve
/// it) and `effort_minutes` (working time that takes there; 30) are optional. Lists are separated by `;`.
#[derive(Args)]
#[command(after_help = "Exits with 1 if an invariant was violated, or the stream has mistakes.

Examples:
  meridian simulate --tickets tickets.csv --html report.html
  meridian simulate --tickets tickets.csv --responders human --seed 7 --json
  meridian simulate --tickets tickets.csv --set language=en
  meridian simulate --tickets tickets.csv --history history.jsonl
  meridian simulate --generate 500 --days 30 --from 2026-03-02T00:00:00Z")]
pub struct Simulate {
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    source: SourceArgs,
    /// How people behave: everything at once, or late, forgetful, on leave, ill
    #[arg(long, value_enum, default_value = "perfect")]
    responders: Responders,
    /// What chance follows from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// In every ticket this value in place of its own; empty: none; may be repeated
    #[arg(long, value_name = "FIELD=VALUE", value_parser = set)]
    set: Vec<Set>,
    /// Ends so many days after the last opening, whatever is live then
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    run_on: u16,
    /// Writes the report as a page, beside what goes to standard output
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes all that happened as JSON Lines, an event a line, for `meridian report --history`
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Args)]
#[group(skip)]
struct SourceArgs {
    /// The stream; `-` is standard input, as CSV
    #[arg(long, value_name = "FILE", required_unless_present = "generate")]
    tickets: Option<PathBuf>,
    /// So many tickets made up from the organisation's languages, regions and skills
    #[arg(long, value_name = "N", conflicts_with = "tickets", requires = "from",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    generate: Option<u32>,
    /// Spread over so many days
    #[arg(long, value_name = "DAYS", default_value_t = 30, requires = "generate", conflicts_with = "tickets",
        value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// From this instant on: RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", requires = "generate", conflicts_with = "tickets",
        value_parser = show::instant)]
    from: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Responders {
    Perfect,
    Human,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
    Html,
}

/// So many mistakes are listed; whoever has more has one at the root of many.
const MISTAKES_SHOWN: usize = 40;
/// A remark names so many tickets.
const TICKETS_NAMED: usize = 20;
/// How often the line on the terminal is drawn anew.
const DRAWN_EVERY: Duration = Duration::from_millis(200);

fn set(text: &str) -> Result<Set, String> {
    let (field, value) = text.split_once('=').ok_or("it is FIELD=VALUE, like language=en")?;
    let mut known = simulate::FIELDS.iter().copied();
    if known.any(|known| known == field) {
        return Ok(Set { field: field.to_owned(), value: value.to_owned() });
    }
    Err(match nearest(field, simulate::FIELDS.iter().copied()) {
        Some(near) => format!("there is no field {field:?}; did you mean {near:?}?"),
        None => format!("there is no field {field:?}; known are {}", simulate::FIELDS.join(", ")),
    })
}

impl Simulate {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Some(sound) = self.files.read()? else { return Ok(Outcome::No) };
        let openings = match self.openings(&sound)? {
            Ok(openings) if openings.is_empty() => bail!("the stream has no ticket"),
            Ok(openings) => openings,
            Err(mistakes) => return Ok(say(&mistakes)),
        };
        let Sound { organisation, zones } = sound;
        let habits = self.responders.habits();
        let run_on = TimeDelta::days(self.run_on.into());
        let setting = Setting { organisation, zones, openings, habits, seed: self.seed, run_on };
        let mut line = Line::new();
        let played = simulate::play(&setting, &mut |progress| line.draw(progress));
        line.wipe();
        let played = played.expect("there is a first ticket");
        self.tell(&played)
    }

    /// The stream, or what is wrong in it.
    fn openings(&self, sound: &Sound) -> anyhow::Result<Result<Vec<Opening>, Vec<Mistake>>> {
        let (org, set) = (&sound.organisation, &self.set);
        if let (Some(count), Some(from)) = (self.source.generate, self.source.from) {
            let lasts = TimeDelta::days(self.source.days.into());
            let wanted = Wanted { tickets: count as usize, from: from.0, lasts, seed: self.seed };
            return Ok(simulate::generate(wanted, set, org, &sound.zones, &facts_of_row));
        }
        let path = self.source.tickets.as_deref().expect("one of the two is given");
        let text = text_of(path)?;
        let lines = path.extension().is_some_and(|ending| ending == "jsonl" || ending == "ndjson");
        let format = if lines { simulate::Format::JsonLines } else { simulate::Format::Csv };
        Ok(simulate::read(&text, format, set, org, &facts_of_row))
    }

    fn tell(&self, played: &Played) -> anyhow::Result<Outcome> {
        let kept = played.world.kept();
        let figures = report::measure(&Happened {
            coverage: &played.coverage,
            from: played.from,
            until: played.until,
            tickets: &kept.tickets,
            events: &kept.events,
            notices: &kept.notices,
        });
        let run = self.about(played);
        if let Some(path) = &self.html {
            std::fs::write(path, report::html(&figures, Some(&run)))
                .with_context(|| format!("writing {}", path.display()))?;
        }
        if let Some(path) = &self.history {
            write_history(path, kept.events.values().flatten())
                .with_context(|| format!("writing {}", path.display()))?;
        }
        match self.format {
            Format::Json => show::json(&Simulated { run: &run, figures: &figures })?,
            Format::Text if self.json => show::json(&Simulated { run: &run, figures: &figures })?,
            Format::Text => show::out(&report::text(&figures, Some(&run)))?,
            Format::Html => show::out(&report::html(&figures, Some(&run)))?,
        };
        Ok(if run.violations.is_empty() { Outcome::Yes } else { Outcome::No })
    }

    fn about(&self, played: &Played) -> Run {
        let tickets = match (&self.source.tickets, self.source.generate) {
            (Some(path), _) => path.display().to_string(),
            (None, count) => format!("{} generated over {} days", count.unwrap_or(0), self.source.days),
        };
        Run {
            schedules: self.files.schedules.display().to_string(),
            tickets,
            responders: self.responders.to_possible_value().expect("none is hidden").get_name().to_owned(),
            seed: self.seed,
            violations: played.violations.clone(),
            remarks: self.remarks(played),
        }
    }

    fn remarks(&self, played: &Played) -> Vec<String> {
        let mut remarks = Vec::new();
        let set: Vec<String> = self.set.iter().map(|set| format!("{}={}", set.field, set.value)).collect();
        if !set.is_empty() {
            remarks.push(format!("Every ticket has {}, whatever the stream says.", set.join(", ")));
        }
        if played.absences > 0 {
            let absences = played.absences;
            remarks.push(format!("{absences} leaves and illnesses are made up, beside those of the files."));
        }
        let mut beyond: BTreeMap<&TierId, Vec<String>> = BTreeMap::new();
        for (ticket, tier) in &played.beyond {
            beyond.entry(tier).or_default().push(ticket.to_string());
        }
        for (tier, tickets) in beyond {
            let more = if tickets.len() > TICKETS_NAMED { " ..." } else { "" };
            let named = tickets.iter().take(TICKETS_NAMED).cloned().collect::<Vec<_>>().join(", ");
            remarks.push(format!(
                "Left live, as only {tier} can solve it and nobody further up their path could be asked: {} of the \
                 tickets ({named}{more}).",
                tickets.len()
            ));
        }
        remarks
    }
}

/// What goes out as JSON.
#[derive(serde::Serialize)]
struct Simulated<'a> {
    run: &'a Run,
    #[serde(flatten)]
    figures: &'a Figures,
}

impl Responders {
    fn habits(self) -> Habits {
        match self {
            Responders::Perfect => Habits::PERFECT,
            Responders::Human => Habits::HUMAN,
        }
    }
}

/// By ticket, and in order.
fn write_history<'e>(path: &Path, events: impl Iterator<Item = &'e Event>) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for event in events {
        serde_json::to_writer(&mut file, event)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).context("reading standard input")?;
    } else {
        bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        anyhow::anyhow!("{}: line {line} is not UTF-8; save the file as UTF-8", path.display())
    })
}

fn say(mistakes: &[Mistake]) -> Outcome {
    for mistake in mistakes.iter().take(MISTAKES_SHOWN) {
        anstream::eprintln!("{}: {mistake}", show::red("error"));
    }
    let more = mistakes.len().saturating_sub(MISTAKES_SHOWN);
    if more > 0 {
        anstream::eprintln!("... and {more} more");
    }
    let (count, s) = (mistakes.len(), if mistakes.len() == 1 { "" } else { "s" });
    anstream::eprintln!("{count} mistake{s} in the stream; nothing was played");
    Outcome::No
}

/// How far it has come, on one line of a terminal; nowhere else.
struct Line {
    on: bool,
    begun: Stopwatch,
    drawn: Option<Stopwatch>,
}

impl Line {
    fn new() -> Line {
        Line { on: std::io::stderr().is_terminal(), begun: Stopwatch::now(), drawn: None }
    }

    fn draw(&mut self, progress: Progress) {
        if !self.on || self.drawn.is_some_and(|drawn| drawn.elapsed() < DRAWN_EVERY) {
            return;
        }
        self.drawn = Some(Stopwatch::now());
        let Progress { now, opened, of, live } = progress;
        let rate = opened as f64 / self.begun.elapsed().as_secs_f64().max(0.001);
        let date = now.format("%Y-%m-%d");
        eprint!("\r\x1b[K{date}  {opened} of {of} tickets opened, {live} live, {rate:.0}/s");
        // A terminal that is gone is no reason to stop.
        let _ = std::io::stderr().flush();
    }

    fn wipe(&self) {
        if self.drawn.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
