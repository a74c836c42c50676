//! What goes out as one message: the tickets of one handoff that are offered to the same person.

use crate::store::OutboxRow;

/// In the order in which the first of each came. Notices are of one message where they were claimed together and have the
/// same way before them.
pub(super) fn bundled(rows: Vec<OutboxRow>) -> Vec<Vec<OutboxRow>> {
    let mut bundles: Vec<Vec<OutboxRow>> = Vec::with_capacity(rows.len());
    for row in rows {
        match bundles.iter_mut().find(|bundle| belongs(&row, &bundle[0])) {
            Some(bundle) => bundle.push(row),
            None => bundles.push(vec![row]),
        }
    }
    bundles
}

fn belongs(row: &OutboxRow, first: &OutboxRow) -> bool {
    let (one, other) = (&row.notice, &first.notice);
    let stage = |row: &OutboxRow| row.notice.stage.as_ref().map(|stage| stage.after);
    one.handoff().is_some()
        && (one.handoff(), &one.to, one.expires_at) == (other.handoff(), &other.to, other.expires_at)
        && stage(row) == stage(first)
        && (&row.channel, row.attempts, &row.passed) == (&first.channel, first.attempts, &first.passed)
}
