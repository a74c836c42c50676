//! Who stands in for people on leave, and lines that leave has emptied.

use crate::cli::show;
use crate::coverage::{Coverage, StandIn};
use crate::zone::Zone;

/// Empty where nobody stands in.
pub fn text(stand_ins: &[StandIn], coverage: &Coverage) -> String {
    if stand_ins.is_empty() {
        return String::new();
    }
    // Nights of one leave are told as one stretch, until somebody else stands in.
    let same = |one: &StandIn, next: &StandIn| {
        (&one.team, &one.line, &one.rotation, &one.who, &one.instead_of)
            == (&next.team, &next.line, &next.rotation, &next.who, &next.instead_of)
    };
    let mut table = show::table(&["stands in", "team and line", "from, to"]);
    for run in stand_ins.chunk_by(same) {
        table.add_row(told(coverage, run));
    }
    show::lines(&table)
}

fn told(coverage: &Coverage, run: &[StandIn]) -> [String; 3] {
    let (first, last) = (&run[0], &run[run.len() - 1]);
    let StandIn { team, line, rotation, .. } = first;
    let timezone = coverage.organisation.teams.get(team).map(|team| &team.timezone);
    let zone = timezone.and_then(|name| coverage.zones.get(name));
    let parts = if run.len() == 1 { String::new() } else { format!(", in {} stretches", run.len()) };
    [
        format!("{} for {}", show::people(&first.who), show::people(&first.instead_of)),
        format!("{team} {line} ({})", show::plain(rotation)),
        format!("{} to {}{parts}", local(zone, first.from), local(zone, last.until)),
    ]
}

fn local(zone: Option<&Zone>, at: chrono::DateTime<chrono::Utc>) -> String {
    zone.map_or_else(|| show::utc(at), |zone| show::local(&zone.local_with_offset(at)))
}
