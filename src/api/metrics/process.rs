//! What the kernel says about this process, under the names that every Prometheus client uses.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use chrono::{DateTime, Utc};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::time::{ClockId, clock_gettime};

use super::Float;

/// Of `/proc/self/stat`; see proc(5).
#[derive(Debug, Default, PartialEq)]
struct Stat {
    cpu_ticks: f64,
    threads: i64,
    /// Since the machine booted.
    started_ticks: f64,
    virtual_bytes: i64,
    resident_pages: i64,
}

/// Nothing where the kernel does not tell.
pub(super) fn registry(now: DateTime<Utc>) -> Registry {
    let mut registry = Registry::with_prefix("process");
    if let Some(stat) = std::fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(parse) {
        stat.register(&mut registry, now);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        // The folder itself is open while it is read.
        let open = open.count().saturating_sub(1);
        gauge(&mut registry, "open_fds", "Open file descriptors", i64::try_from(open).unwrap_or(i64::MAX));
    }
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    if let Some(most) = open_files_limit(&limits) {
        gauge(&mut registry, "max_fds", "File descriptors it may have open", most);
    }
    registry
}

impl Stat {
    /// In seconds since 1970.
    fn started(&self, now: DateTime<Utc>, ticks: f64) -> f64 {
        let booted = clock_gettime(ClockId::Boottime);
        let age = booted.tv_sec as f64 + booted.tv_nsec as f64 / 1e9 - self.started_ticks / ticks;
        now.timestamp_millis() as f64 / 1000.0 - age
    }

    fn register(&self, registry: &mut Registry, now: DateTime<Utc>) {
        let ticks = clock_ticks_per_second() as f64;
        let cpu = Counter::<f64, AtomicU64>::default();
        cpu.inc_by(self.cpu_ticks / ticks);
        registry.register_with_unit("cpu", "Processor time used", Unit::Seconds, cpu);
        let started = Float::default();
        started.set(*STARTED.get_or_init(|| self.started(now, ticks)));
        registry.register_with_unit("start_time", "When it was started, since 1970", Unit::Seconds, started);
        gauge(registry, "threads", "Threads of the process", self.threads);
        let page = i64::try_from(page_size()).unwrap_or(4096);
        bytes(registry, "resident_memory", "Memory in use", self.resident_pages * page);
        bytes(registry, "virtual_memory", "Memory reserved", self.virtual_bytes);
    }
}

/// Reckoned once: it must not move with the clock, or it looks like a restart.
static STARTED: OnceLock<f64> = OnceLock::new();

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

/// The soft one; where there is none, the kernel's own stands there all the same.
fn open_files_limit(limits: &str) -> Option<i64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

fn parse(stat: &str) -> Option<Stat> {
    // The program's name stands in brackets and may have anything in it.
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // The first of them is number 3 in proc(5).
    let field = |number: usize| fields.get(number - 3).and_then(|field| field.parse::<i64>().ok());
    Some(Stat {
        cpu_ticks: (field(14)? + field(15)?) as f64,
        threads: field(20)?,
        started_ticks: field(22)? as f64,
        virtual_bytes: field(23)?,
        resident_pages: field(24)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_be_called_anything() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 0 0 0 30 12 0 0 20 0 7 0 5000 1048576 256 18446744073709551615 1";
        let read = Stat {
            cpu_ticks: 42.0,
            threads: 7,
            started_ticks: 5000.0,
            virtual_bytes: 1_048_576,
            resident_pages: 256,
        };
        assert_eq!(parse(stat), Some(read));
        assert_eq!(parse("42 (short) S 1"), None);
    }

    #[test]
    fn the_limit_that_counts_is_the_soft_one() {
        let limits =
            "Limit      Soft Limit   Hard Limit   Units\nMax open files    1024    524288    files\n";
        assert_eq!(open_files_limit(limits), Some(1024));
    }
}
