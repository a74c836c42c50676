//! Whether anybody still needs a notice that waited: tickets go on while messages are on their way.

use chrono::{DateTime, Utc};

use crate::desk::{Notice, NoticeKind, Says};
use crate::store::{Face, OutboxRow};

/// Why nobody needs it any more. Where that cannot be found out it is needed: better one too many than one too few.
pub async fn overtaken(store: &impl Face, notice: &Notice, now: DateTime<Utc>) -> Option<&'static str> {
    if let Some(why) = past(notice, now) {
        return Some(why);
    }
    if notice.kind == NoticeKind::Vendor {
        return of_no_vendor(store, notice).await;
    }
    let relieves = notice.kind == NoticeKind::StandDown;
    let approval = notice.kind == NoticeKind::Approval;
    if !notice.asks() && !relieves && !approval {
        return None;
    }
    // The store's own, not the desk's: that may lag behind what another node has offered.
    let id = notice.ticket?;
    let ticket = store.ticket(id).await.ok()??.ticket;
    if approval {
        let waits = ticket.approval.as_ref().is_some_and(|approval| approval.asks_by(notice));
        return (!waits).then_some("the escalation waits for their approval no more");
    }
    if notice.asks() && !ticket.asks_by(notice) {
        return Some("the ticket is not offered to them any more");
    }
    if notice.asks() && !notice.is_put_off() {
        return None;
    }
    let had_it =
        ticket.past.iter().any(|seat| seat.person == notice.to) || ticket.holder.person() == Some(&notice.to);
    let told = store.notices_of(id).await.ok()?;
    let asked_by = |row: &&OutboxRow| row.notice.asks() && row.notice.to == notice.to;
    if told.iter().filter(asked_by).any(|row| row.notice.at > notice.at && !row.is_overtaken()) {
        return Some("they have been asked again since");
    }
    if notice.asks() {
        return None;
    }
    // A later stage may be on its way this very moment.
    let may_know = |row: &OutboxRow| {
        row.was_tried() || (row.notice.is_put_off() && row.due_at <= now && row.is_pending())
    };
    let mut asked = told.iter().filter(asked_by).peekable();
    let knows_of_none = asked.peek().is_some() && !asked.any(may_know);
    (!had_it && knows_of_none).then_some("nothing they were asked by has gone out")
}

/// What has come back before the vendor heard of it needs neither the question nor its end.
async fn of_no_vendor(store: &impl Face, notice: &Notice) -> Option<&'static str> {
    if matches!(notice.says, Says::VendorAsked { .. }) {
        let ticket = store.ticket(notice.ticket?).await.ok()??.ticket;
        return ticket.visit_begun_by(notice).is_none().then_some("the ticket is not at the vendor any more");
    }
    let told = store.notices_of(notice.ticket?).await.ok()?;
    let asked =
        |row: &&OutboxRow| matches!(row.notice.says, Says::VendorAsked { .. }) && row.notice.to == notice.to;
    let last = told.iter().filter(asked).max_by_key(|row| row.notice.at)?;
    (!last.was_tried()).then_some("the vendor has not been asked")
}

/// What it asks for had to be answered before now.
pub(super) fn past(notice: &Notice, now: DateTime<Utc>) -> Option<&'static str> {
    let is_past = notice.asks() && notice.expires_at.is_some_and(|until| until <= now);
    is_past.then_some("an answer does not count any more")
}
