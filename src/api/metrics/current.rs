//! What is true at the moment of a scrape.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

use super::{App, Float, Labels};
use crate::api::decides;
use crate::coverage::Coverage;
use crate::engine::{InForce, Standing};
use crate::store::{Forgettings, KeptRows, LastBackup, OutboxCounts, Store};
use crate::zone::Zones;

/// A database that has not answered by then is told as one that is away. Scrapes wait ten seconds as a rule.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// What the database had to say, and how long it took over its first answer.
struct Asked {
    took: Duration,
    outbox: OutboxCounts,
    size_bytes: i64,
    /// The last of its tables.
    migration: i64,
    last_backup: Option<LastBackup>,
    forgettings: Forgettings,
}

/// Tells what it can, whatever is broken: that is when somebody looks.
pub(super) async fn current(app: &App) -> Registry {
    let mut registry = Registry::with_prefix("meridian");
    app.engine.meters().register(&mut registry);
    app.deliveries.register(&mut registry);
    app.shifts.register(&mut registry);
    if let Some(heartbeats) = &app.heartbeats {
        heartbeats.register(&mut registry);
    }
    if let Some(tls) = &app.tls {
        tls.register(&mut registry);
    }
    let store = app.engine.store();
    // Before anything that may wait: it is compared with the time of the scrape.
    let time = "The clock that decisions go by, since 1970";
    seconds(&mut registry, "time", time, since_1970(app.engine.clock().now()));
    let ahead = "How far decisions are ahead of the machine's clock";
    seconds(&mut registry, "clock_ahead", ahead, app.engine.clock().ahead().as_seconds_f64());
    let (decides, asked) = tokio::join!(decides(&app.engine), ask(store));
    let now = app.engine.clock().now();
    let ready = "1 if a command just went up to the database and came back, as /readyz asks";
    gauge(&mut registry, "ready", ready, i64::from(decides.is_ok()));
    let overdue = "How long ago the ticket that is overdue longest should have been looked at";
    seconds(&mut registry, "oldest_overdue", overdue, app.engine.overdue().as_seconds_f64());
    let in_force = app.engine.in_force();
    schedules(&mut registry, &in_force);
    people(&mut registry, &in_force.coverage, now);
    if let Some(standing) = app.engine.standing() {
        requirements(&mut registry, &standing, now);
    }
    database(&mut registry, store, asked.as_ref());
    if let Some(asked) = asked {
        outbox(&mut registry, &asked.outbox, now);
        forgettings(&mut registry, &asked.forgettings, now);
    }
    if let Some(rows) = app.meters.kept.counted(store) {
        kept(&mut registry, rows);
    }
    let build = vec![("version", env!("CARGO_PKG_VERSION"))];
    registry.register("build", "This program", Info::new(build));
    registry
}

async fn ask(store: &Store) -> Option<Asked> {
    let asked = tokio::time::timeout(ANSWERS_WITHIN, async {
        let began = Instant::now();
        store.ping().await?;
        let took = began.elapsed();
        let (outbox, size_bytes) = (store.outbox_counts(None).await?, store.size().await?);
        let migration = store.schema().await?.there;
        let last_backup = store.last_backup().await?;
        let forgettings = store.count_forgettings().await?;
        anyhow::Ok(Asked { took, outbox, size_bytes, migration, last_backup, forgettings })
    });
    asked.await.ok()?.ok()
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn bytes(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register_with_unit(name, help, Unit::Bytes, gauge);
}

fn seconds(registry: &mut Registry, name: &str, help: &str, value: f64) {
    let gauge = Float::default();
    gauge.set(value);
    registry.register_with_unit(name, help, Unit::Seconds, gauge);
}

fn since_1970(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

fn number(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

fn schedules(registry: &mut Registry, in_force: &InForce) {
    let since = "When the revision at work was put to work, since 1970";
    seconds(registry, "schedules_since_timestamp", since, since_1970(in_force.since));
    let warnings = "Warnings about the revision at work";
    gauge(registry, "schedules_warnings", warnings, number(in_force.warnings.len()));
    let stale = "Leave and overrides of the day that no longer fit the files";
    gauge(registry, "schedules_stale_changes", stale, number(in_force.stale.len()));
    let folder = in_force.coverage.zones.version.clone().unwrap_or_else(|| "none".to_owned());
    let zones = vec![("folder", folder), ("embedded", Zones::embedded_version().to_owned())];
    registry.register("zone_data", "Versions of the time zone data", Info::new(zones));
}

/// Who is at work now, in numbers.
fn people(registry: &mut Registry, coverage: &Coverage, now: DateTime<Utc>) {
    let (working, on_call) = (Family::<Labels, Gauge>::default(), Family::<Labels, Gauge>::default());
    let open = Family::<Labels, Gauge>::default();
    for id in coverage.organisation.teams.keys() {
        let Some(span) = coverage.at(id, now) else { continue };
        let team = ("team", id.to_string());
        open.get_or_create(&vec![team.clone()]).set(i64::from(span.open));
        working.get_or_create(&vec![team.clone()]).set(number(span.working.len()));
        for (line, people) in span.on_call.iter() {
            let labels = vec![team.clone(), ("line", line.to_string())];
            on_call.get_or_create(&labels).set(number(people.len()));
        }
    }
    registry.register("team_open", "1 while the team is open", open);
    registry.register("people_working", "People at work in their hours", working);
    registry.register("people_on_call", "People on call", on_call);
}

/// How long each requirement is kept for; of two with one name, the one that fails first.
fn requirements(registry: &mut Registry, standing: &Standing, now: DateTime<Utc>) {
    let proof = &standing.proof;
    let mut by_name: BTreeMap<&str, (f64, TimeDelta)> = BTreeMap::new();
    for requirement in &proof.requirements {
        let to_gap = requirement.next_gap(now).map_or(f64::INFINITY, |gap| (gap - now).as_seconds_f64());
        let missing: TimeDelta = requirement.uncovered.iter().map(|gap| gap.until - gap.from).sum();
        let entry = by_name.entry(&requirement.name).or_insert((f64::INFINITY, TimeDelta::zero()));
        *entry = (entry.0.min(to_gap), entry.1 + missing);
    }
    let (to_gap, missing) = (Family::<Labels, Float>::default(), Family::<Labels, Float>::default());
    for (name, (seconds_to_gap, uncovered)) in by_name {
        let labels = vec![("requirement", name.to_owned())];
        to_gap.get_or_create(&labels).set(seconds_to_gap);
        missing.get_or_create(&labels).set(uncovered.as_seconds_f64());
    }
    let help = "Time until the next uncovered instant, declared gaps aside; +Inf: none within the horizon";
    registry.register_with_unit("requirement_to_gap", help, Unit::Seconds, to_gap);
    let help = "Uncovered time within the horizon, declared gaps aside";
    registry.register_with_unit("requirement_uncovered", help, Unit::Seconds, missing);
    let proved = "When the requirements were proved last, since 1970";
    seconds(registry, "requirements_proved_timestamp", proved, since_1970(proof.from));
}

fn database(registry: &mut Registry, store: &Store, asked: Option<&Asked>) {
    gauge(registry, "database_up", "1 if the database answered this scrape", i64::from(asked.is_some()));
    let connections = Family::<Labels, Gauge>::default();
    for pool in store.pools() {
        for (state, count) in [("used", pool.used), ("idle", pool.idle)] {
            let labels = vec![("pool", pool.name.to_owned()), ("state", state.to_owned())];
            connections.get_or_create(&labels).set(number(count));
        }
    }
    registry.register("database_connections", "Connections to the database", connections);
    if let Some(disk) = store.disk() {
        bytes(
            registry,
            "database_disk_size",
            "Size of the disk that SQLite's file is on",
            number(disk.size_bytes),
        );
        let free = "What is free for us on the disk that SQLite's file is on";
        bytes(registry, "database_disk_free", free, number(disk.free_bytes));
    }
    let Some(asked) = asked else { return };
    let took = "How long the database took to answer the simplest question";
    seconds(registry, "database_answer", took, asked.took.as_secs_f64());
    let size = "Size of the database; SQLite's write-ahead log is not in it";
    bytes(registry, "database_size", size, asked.size_bytes);
    if let Some(backup) = asked.last_backup {
        let at = "When the last backup was made that was read again and found whole, since 1970";
        seconds(registry, "backup_timestamp", at, since_1970(backup.at));
    }
    let info =
        vec![("kind", store.dialect().as_str().to_owned()), ("migration", asked.migration.to_string())];
    registry.register(
        "database",
        "Which database it is, and the migration its tables are of",
        Info::new(info),
    );
}

/// As it was counted last.
fn kept(registry: &mut Registry, rows: KeptRows) {
    let kinds = [
        ("ticket", rows.tickets),
        ("event", rows.events),
        ("notice", rows.notices),
        ("handoff", rows.handoffs),
        ("revision", rows.revisions),
    ];
    let family = Family::<Labels, Gauge>::default();
    for (kind, count) in kinds {
        family.get_or_create(&vec![("kind", kind.to_owned())]).set(count);
    }
    registry.register("kept_rows", "Rows in the database, by what they are; counted now and then", family);
    if let Some(opened_at) = rows.oldest_ticket {
        let help = "When the oldest ticket that is kept was opened, since 1970";
        seconds(registry, "kept_oldest_ticket_timestamp", help, since_1970(opened_at));
    }
}

fn forgettings(registry: &mut Registry, forgettings: &Forgettings, now: DateTime<Utc>) {
    let help = "Customers who are to be forgotten, and are not yet";
    gauge(registry, "forgetting_customers", help, forgettings.count);
    let help = "How long ago the one of them who waits longest was asked for; 0: nobody waits";
    let waits = forgettings.oldest.map_or(TimeDelta::zero(), |oldest| (now - oldest).max(TimeDelta::zero()));
    seconds(registry, "forgetting_oldest", help, waits.as_seconds_f64());
}

fn outbox(registry: &mut Registry, outbox: &OutboxCounts, now: DateTime<Utc>) {
    let (pending, late) = (Family::<Labels, Gauge>::default(), Family::<Labels, Float>::default());
    for (urgency, waiting) in [("page", outbox.pages), ("other", outbox.others)] {
        let label = vec![("urgency", urgency.to_owned())];
        pending.get_or_create(&label).set(number(waiting.count));
        let since = waiting.oldest_due.map_or(TimeDelta::zero(), |due| (now - due).max(TimeDelta::zero()));
        late.get_or_create(&label).set(since.as_seconds_f64());
    }
    registry.register("outbox_pending", "Notices not delivered yet", pending);
    let help = "How long the notice that waits longest should have been sent already";
    registry.register_with_unit("outbox_oldest_due", help, Unit::Seconds, late);
    let failed = "Notices in the outbox that nobody will send any more";
    gauge(registry, "outbox_failed", failed, number(outbox.failed));
}
