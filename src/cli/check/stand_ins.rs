//! Who stands in for people on leave, and lines that leave has emptied.

use serde::Serialize;

use super::Horizon;
use crate::cli::show;
use crate::coverage::{Coverage, StandIn, stand_ins};
use crate::zone::Zone;

#[derive(Serialize)]
pub struct StandIns {
    stand_ins: Vec<StandIn>,
    /// A line for each, in words.
    #[serde(skip)]
    told: Vec<[String; 3]>,
}

impl StandIns {
    pub fn of(coverage: &Coverage, horizon: Horizon) -> StandIns {
        let stand_ins = stand_ins(coverage, horizon.from, horizon.until);
        // Nights of one leave are told as one stretch, until somebody else stands in.
        let same = |one: &StandIn, next: &StandIn| {
            (&one.team, &one.line, &one.rotation, &one.who, &one.instead_of)
                == (&next.team, &next.line, &next.rotation, &next.who, &next.instead_of)
        };
        let told = stand_ins.chunk_by(same).map(|run| told(coverage, run)).collect();
        StandIns { stand_ins, told }
    }

    pub fn text(&self) -> String {
        if self.told.is_empty() {
            return String::new();
        }
        let mut table = show::table(&["stands in", "team and line", "from, to"]);
        for row in &self.told {
            table.add_row(row);
        }
        show::lines(&table)
    }
}

fn told(coverage: &Coverage, run: &[StandIn]) -> [String; 3] {
    let (first, last) = (&run[0], &run[run.len() - 1]);
    let StandIn { team, line, rotation, .. } = first;
    let timezone = coverage.organisation.teams.get(team).map(|team| &team.timezone);
    let zone = timezone.and_then(|name| coverage.zones.get(name));
    let parts = if run.len() == 1 { String::new() } else { format!(", in {} stretches", run.len()) };
    [
        format!("{} for {}", show::people(&first.who), show::people(&first.instead_of)),
        format!("{team} {line} ({rotation})"),
        format!("{} to {}{parts}", local(zone, first.from), local(zone, last.until)),
    ]
}

fn local(zone: Option<&Zone>, at: chrono::DateTime<chrono::Utc>) -> String {
    zone.map_or_else(|| show::utc(at), |zone| show::local(&zone.local_with_offset(at)))
}
