//! Customers who are to be forgotten, and have waited for long.

use chrono::TimeDelta;

use super::{Chart, Patient};
use crate::cli::show;
use crate::store::{Store, ToBeForgotten};

/// Data protection law gives a month as a rule.
const WAITS_MAX: TimeDelta = TimeDelta::days(30);
const TOLD: usize = 10;

pub async fn examine(chart: &mut Chart, patient: &Patient, store: &Store) -> anyhow::Result<()> {
    let waiting = store.to_be_forgotten().await?;
    let Some(oldest) = waiting.iter().map(|one| one.asked_at).min() else {
        chart.ok("privacy", "nobody waits to be forgotten");
        return Ok(());
    };
    let said = format!(
        "{} to be forgotten, the first asked {} ago",
        match waiting.len() {
            1 => "one customer waits".to_owned(),
            count => format!("{count} customers wait"),
        },
        show::lasting(patient.now - oldest)
    );
    if patient.now - oldest <= WAITS_MAX {
        chart.ok("privacy", said);
        return Ok(());
    }
    let remedy = "close these tickets, or call it off: meridian forget CUSTOMER --call-off";
    chart.warning("privacy", said, remedy);
    let long = waiting.iter().filter(|one| patient.now - one.asked_at > WAITS_MAX);
    chart.details(long.take(TOLD).map(what_for));
    Ok(())
}

fn what_for(one: &ToBeForgotten) -> String {
    let customer = show::plain(&one.customer);
    let open: Vec<String> = one.open.iter().take(TOLD).map(ToString::to_string).collect();
    match one.open.len().saturating_sub(TOLD) {
        0 if open.is_empty() => format!("{customer}: no ticket is open; a daemon that runs finishes it"),
        0 => format!("{customer}: open {}", open.join(", ")),
        more => format!("{customer}: open {} and {more} more", open.join(", ")),
    }
}
