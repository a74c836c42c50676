//! The database: whether it opens, what its pages and rows say, and what waits in it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, IsTerminal};
use std::path::Path;

use chrono::TimeDelta;

use super::{Chart, Patient, eyes, privacy};
use crate::cli::show;
use crate::daemon::{GONE_ON, Known};
use crate::desk::AuditedAt;
use crate::store::{Complaints, RevisionRow, Store, TokenRow, followed};

/// A look that is later than this is overdue.
const LATENESS_MAX: TimeDelta = TimeDelta::minutes(1);
/// A notice that waits for longer is told.
const WAITS_MAX: TimeDelta = TimeDelta::minutes(15);
/// What was given up longer ago has been seen.
const GIVEN_UP_SINCE: TimeDelta = TimeDelta::days(1);
/// Clocks that differ by more page the wrong person.
const APART_MAX: TimeDelta = TimeDelta::seconds(5);
/// Older than two nights, one was left out.
const BACKUP_AGE_MAX: TimeDelta = TimeDelta::days(2);
/// Of the service alone, the next request starts it again.
const STOP: &str = "systemctl stop meridian.socket meridian.service";
const TOLD: usize = 10;

/// What the other examinations want to know of it.
pub struct Standing {
    pub revision: Option<RevisionRow>,
    pub tokens: Vec<TokenRow>,
}

/// `None`: it cannot be read.
pub async fn examine(chart: &mut Chart, patient: &Patient, process: Option<u32>) -> Option<Standing> {
    let url = patient.database.reveal();
    match patient.file().map(|file| (file, fs::metadata(file))) {
        None => (),
        Some((file, Err(error))) if error.kind() == ErrorKind::NotFound => {
            absent(chart, patient, file, process);
            return None;
        }
        Some((file, Err(error))) => {
            let what = format!("{} cannot be seen: {error}", file.display());
            chart.problem("database", what, eyes::remedy(file));
            return None;
        }
        Some((file, Ok(_))) => {
            if let Some(process) = process
                && let Some(taken) = taken_away(process, file)
            {
                let what = format!(
                    "{} is another file than the one that process {process} works on",
                    file.display()
                );
                chart.problem("database", what, taken);
                return None;
            }
        }
    }
    let store = match Store::open_beside(url).await {
        Ok(store) => store,
        Err(error) => {
            chart.problem(
                "database",
                show::fault(&error),
                match patient.file() {
                    Some(file) if File::open(file).is_err() => eyes::remedy(file),
                    _ => "see that it runs, lets this user in, and is of this release".to_owned(),
                },
            );
            return None;
        }
    };
    let examined = look(chart, patient, &store, process.is_some()).await;
    store.close().await;
    match examined {
        Ok(standing) => Some(standing),
        Err(error) => {
            chart.problem(
                "database",
                show::fault(&error),
                "a damaged database is replaced by `meridian restore`",
            );
            None
        }
    }
}

fn absent(chart: &mut Chart, patient: &Patient, file: &Path, process: Option<u32>) {
    let what = format!("there is no {}", file.display());
    match (process, Known::read(&patient.settings.state)) {
        (Some(process), _) => {
            let what = format!("{what}, and process {process} works on it: nothing more is written");
            let remedy = taken_away(process, file).unwrap_or_else(|| {
                format!(
                    "DO NOT STOP IT: as long as the process lives, the content is in /proc/{process}/fd; put the file \
                     back under its name (as root, meridian doctor tells how to copy it from there)"
                )
            });
            chart.problem("database", what, remedy);
        }
        (None, Ok(Some(known))) => {
            let what = format!("{what}, and the daemon has worked with {} before", known.shown);
            chart.problem("database", what, "moved? name it in meridian.toml; lost? meridian restore");
        }
        (None, _) => {
            chart.warning("database", what, "none yet? the first start makes it; lost? meridian restore");
        }
    }
}

/// How to keep the content of a file that was removed or replaced under a process that has it open; `None`: it was not,
/// or we may not look.
fn taken_away(process: u32, file: &Path) -> Option<String> {
    let file = followed(file).ok()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let whole = folder.canonicalize().ok()?.join(file.file_name()?);
    let whole = whole.to_str()?;
    let log = format!("{whole}-wal");
    let mut copies = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{process}/fd")).ok()?.filter_map(Result::ok) {
        let Ok(target) = fs::read_link(entry.path()) else { continue };
        let Some(target) = target.to_str() else { continue };
        match target.strip_suffix(" (deleted)") {
            Some(gone) if gone == whole => drop(copies.insert("", entry.path())),
            Some(gone) if gone == log => drop(copies.insert("-wal", entry.path())),
            // The log is still under its name, and it is the log of what is not: most of the content may be there.
            None if target == log => drop(copies.entry("-wal").or_insert(entry.path())),
            _ => (),
        }
    }
    if !copies.contains_key("") {
        return None;
    }
    let copies: Vec<String> = copies
        .iter()
        .map(|(ending, from)| format!("cp {} /var/backups/rescued.db{ending}", from.display()))
        .collect();
    Some(format!(
        "DO NOT STOP IT: as long as the process lives, it has the only copy. As root: {}; then {STOP}, and meridian \
         restore --force /var/backups/rescued.db",
        copies.join("; ")
    ))
}

async fn look(
    chart: &mut Chart,
    patient: &Patient,
    store: &Store,
    daemon_runs: bool,
) -> anyhow::Result<Standing> {
    let last = store.last().await?;
    let schema = store.schema().await?;
    let opens = format!("{} opens; {} batches so far, revision {}", store.shown(), last.batch, last.revision);
    match (store.moved().await?, Known::read(&patient.settings.state)) {
        (Some(moved), _) => chart.problem("database", format!("{} {moved}", store.shown()), GONE_ON),
        (None, Ok(Some(known))) if known.identity != store.identity().await? => {
            let what =
                format!("{opens}; it is another one than the daemon last worked with ({})", known.shown);
            chart.warning("database", what, "is it meant? the next start says so once, and goes on with it");
        }
        _ => chart.ok("database", opens),
    }
    if !store.unheeded().is_empty() {
        let what =
            format!("its URL has parameters that change nothing here: {}", store.unheeded().join(", "));
        chart.warning("database", what, "leave them out, and see that nothing was meant to depend on them");
    }
    chart.ok("schema", format!("migration {} of {}", schema.there, schema.known));
    clocks(chart, patient, store, last.decided_at).await?;
    outbox(chart, patient, store).await?;
    backup(chart, patient, store, last.batch).await?;
    privacy::examine(chart, patient, store).await?;
    if !patient.quick {
        let sound = pages(chart, store).await?;
        audit(chart, patient, store, daemon_runs, sound).await?;
    }
    Ok(Standing { revision: store.latest_revision().await?, tokens: store.tokens().await? })
}

/// Whether it can be copied.
async fn pages(chart: &mut Chart, store: &Store) -> anyhow::Result<bool> {
    let Complaints { pages, rows } = store.complaints().await?;
    let counted = |lines: &[String]| show::counted(lines.len(), "thing");
    if !pages.is_empty() {
        let what = format!("the database finds {} wrong with its own pages", counted(&pages));
        let remedy = format!("look at the disk, and restore the last backup: {STOP}, then meridian restore");
        chart.problem("integrity", what, remedy);
    } else if !rows.is_empty() {
        let what = format!("the database finds {} wrong with its rows, and its pages whole", counted(&rows));
        chart.problem("integrity", what, "look at the disk; meridian backup copies these rows as they are");
    } else {
        chart.ok("integrity", "the database finds nothing wrong with its own pages");
    }
    let sound = pages.is_empty();
    chart.details(pages.into_iter().chain(rows).take(TOLD));
    Ok(sound)
}

async fn audit(
    chart: &mut Chart,
    patient: &Patient,
    store: &Store,
    daemon_runs: bool,
    sound: bool,
) -> anyhow::Result<()> {
    let terminal = std::io::stderr().is_terminal();
    let at = AuditedAt { now: patient.now, lateness_max: LATENESS_MAX };
    let audit = store.audit(at, |tickets| {
        if terminal {
            anstream::eprint!("\r\x1b[Kaudit: {tickets} tickets");
        }
    });
    let audit = audit.await;
    if terminal {
        anstream::eprint!("\r\x1b[K");
    }
    let audit = audit?;
    let (tickets, events) = (show::counted(audit.tickets, "ticket"), show::counted(audit.events, "event"));
    let seen = format!("{tickets} with {events}");
    let late = format!("{} should have been looked at before", show::counted(audit.overdue, "live ticket"));
    let details = audit.findings.iter().take(TOLD.max(audit.kinds)).map(|finding| match finding.ticket {
        Some(ticket) => format!("ticket {ticket}: {}", finding.what),
        None => finding.what.clone(),
    });
    match (audit.wrong, audit.overdue) {
        (0, 0) => chart.ok("audit", format!("{seen}: every history leads to its state")),
        (0, _) if daemon_runs => {
            chart.problem("audit", format!("{seen}; {late}"), "see the daemon's log for what keeps it")
        }
        (0, _) => chart.warning(
            "audit",
            format!("{seen}; {late}"),
            "start the daemon: it does what is overdue first",
        ),
        (wrong, overdue) => {
            let more = if overdue > 0 { format!("; {late}") } else { String::new() };
            let what = format!("{seen}; {} cannot be true{more}", show::counted(wrong, "thing"));
            let still = if sound { "; `meridian backup` still works" } else { "" };
            let remedy = format!("keep a copy of the database as it is, and report this{still}");
            chart.problem("audit", what, remedy);
        }
    }
    chart.details(details);
    Ok(())
}

/// Whether there is a young one; only `meridian backup` writes down that it made one.
async fn backup(chart: &mut Chart, patient: &Patient, store: &Store, batch: i64) -> anyhow::Result<()> {
    let remedy = "meridian backup, every night and to another machine: meridian backup --help has the timer";
    match store.last_backup().await? {
        Some(backup) => {
            let age = show::lasting(patient.now - backup.at);
            let what = format!("the last was made {age} ago, {} batches before now", batch - backup.batch);
            match patient.now - backup.at > BACKUP_AGE_MAX {
                true => chart.warning("backup", what, remedy),
                false => chart.ok("backup", what),
            }
        }
        None if batch > 0 => {
            chart.warning("backup", "meridian backup has made none of this database yet", remedy);
        }
        None => (),
    }
    Ok(())
}

async fn clocks(
    chart: &mut Chart,
    patient: &Patient,
    store: &Store,
    decided_at: Option<chrono::DateTime<chrono::Utc>>,
) -> anyhow::Result<()> {
    let before = crate::clock::Clock::machine().now();
    let there = store.clock().await?;
    let after = crate::clock::Clock::machine().now();
    let remedy =
        "have NTP keep the clocks of all machines: systemctl enable --now systemd-timesyncd, or chrony";
    if let Some(there) = there
        && (there < before - APART_MAX || there > after + APART_MAX)
    {
        let apart = show::lasting(there - before);
        chart.problem("clock", format!("this clock and the database server's are {apart} apart"), remedy);
    } else if let Some(decided_at) = decided_at.filter(|at| *at > patient.now + APART_MAX) {
        let ahead = show::lasting(decided_at - patient.now);
        let what = format!(
            "the last decision is of {}, {ahead} from now: this clock, or another node's, was wrong",
            show::utc(decided_at)
        );
        chart.problem(
            "clock",
            what,
            format!("{remedy}; until it has caught up, decisions bear that instant"),
        );
    } else {
        chart.ok("clock", "it agrees with the database and the last decision");
    }
    Ok(())
}

async fn outbox(chart: &mut Chart, patient: &Patient, store: &Store) -> anyhow::Result<()> {
    let counts = store.outbox_counts(Some(patient.now - GIVEN_UP_SINCE)).await?;
    let pending = counts.pending();
    let waits = pending.oldest_due.map_or(TimeDelta::zero(), |due| patient.now - due);
    let said = format!("{} notices wait to be delivered", pending.count);
    if waits > WAITS_MAX {
        let what = format!("{said}, the oldest for {}", show::lasting(waits));
        chart.problem("outbox", what, "see the daemon's log for what its channel answers");
    } else if counts.failed > 0 {
        let what = format!("{said}; {} were given up within a day: they reached nobody", counts.failed);
        chart.warning(
            "outbox",
            what,
            "see `contact` of these people, and the log for what their channels answered",
        );
    } else {
        chart.ok("outbox", said);
    }
    Ok(())
}
