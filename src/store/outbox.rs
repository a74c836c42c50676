//! Notices on their way: written with the decision, leased by whoever sends them, kept after.

use std::collections::BTreeSet;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AssertSqlSafe, FromRow};
use tracing::error;

use super::columns::{BODY_VERSION, instant, instant_if, read_body, to_json};
use super::given_up::{GivenUp, give_up};
use super::{Dialect, Store};
use crate::desk::{Notice, NoticeKind, TicketId};
use crate::schedule::{PersonId, Priority};

/// Urgency as the column has it: pages go out before all others.
const PAGE: i64 = 0;
const OTHER: i64 = 1;

/// Nothing that was made before it for the same receiver about the same ticket is still to be settled. What wakes somebody
/// up waits for nothing that has been tried and has failed: that may go on failing for long. What was put off when it was
/// made has no receiver there: it waits for nothing, and nothing waits for it.
const FIRST: &str = "not exists (
    select 1
    from outbox as earlier
    where earlier.ticket = outbox.ticket and earlier.receiver = outbox.receiver and earlier.made < outbox.made
        and earlier.sent_at is null and earlier.failed_at is null
        and (outbox.urgency > 0 or earlier.attempts = 0)
)";

/// Of the row of a notice that is about no ticket: releases that know no such notice leave it to those that do.
const OF_NO_TICKET: i64 = BODY_VERSION + 1;

/// Notices of one batch are numbered below this.
const PLACES: i64 = 1 << 20;

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxRow {
    pub notice: Notice,
    /// It wakes somebody up, or stands before what does.
    pub urgent: bool,
    /// On `channel`; the attempt that ended it counts.
    pub attempts: u32,
    pub due_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    /// Given up, and the desk has heard of it.
    pub failed_at: Option<DateTime<Utc>>,
    /// The channel that took it, or whose turn it is.
    pub channel: Option<String>,
    /// Channels that were not asked, as they did not answer: they have their turn after the others.
    pub passed: Vec<String>,
    pub last_error: Option<String>,
}

/// How a notice goes on that no channel has taken yet.
#[derive(Clone, Copy, Debug)]
pub struct Again<'a> {
    pub due_at: DateTime<Utc>,
    pub why: &'a str,
    /// Whose turn it is, and how often it has failed.
    pub channel: &'a str,
    pub attempts: u32,
    pub passed: &'a [String],
}

/// That a channel took a notice.
#[derive(Clone, Debug, Serialize)]
pub struct Taken {
    pub notice: String,
    pub channel: String,
}

impl OutboxRow {
    pub fn state(&self) -> OutboxFilter {
        match (self.sent_at, self.failed_at) {
            (Some(_), _) => OutboxFilter::Sent,
            (None, Some(_)) if self.is_overtaken() => OutboxFilter::Overtaken,
            (None, Some(_)) => OutboxFilter::Failed,
            (None, None) => OutboxFilter::Pending,
        }
    }

    pub fn is_pending(&self) -> bool {
        self.state() == OutboxFilter::Pending
    }

    /// Not sent any more, because what it asked for was over; nobody failed.
    pub fn is_overtaken(&self) -> bool {
        let said = self.last_error.as_deref().unwrap_or_default();
        self.failed_at.is_some() && said.starts_with(OVERTAKEN)
    }

    /// Whether its receiver may have heard of it: a channel took it, or may have without saying so.
    pub fn was_tried(&self) -> bool {
        self.sent_at.is_some() || self.attempts > 0 || self.channel.is_some()
    }
}

/// How `last_error` begins where a notice was settled without having been sent or having failed. Releases before this one
/// take it for one that was given up.
const OVERTAKEN: &str = "overtaken: ";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutboxFilter {
    /// Neither sent nor given up nor overtaken.
    Pending,
    Failed,
    Overtaken,
    Sent,
}

impl OutboxFilter {
    pub(super) fn condition(self) -> &'static str {
        match self {
            OutboxFilter::Pending => "sent_at is null and failed_at is null",
            OutboxFilter::Failed => {
                "failed_at is not null and coalesce(last_error, '') not like 'overtaken: %'"
            }
            OutboxFilter::Overtaken => "failed_at is not null and last_error like 'overtaken: %'",
            OutboxFilter::Sent => "sent_at is not null",
        }
    }
}

/// What a claim leaves where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    pub pages: LeaveOf,
    /// All other notices.
    pub others: LeaveOf,
    /// Whose notices are left as long as they are due after the instant beside it.
    pub strangers: BTreeSet<PersonId>,
    pub strangers_after: DateTime<Utc>,
}

/// Those whose turn is one of these channels, and where it is none yet, those for these people that were not put off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaveOf {
    pub channels: BTreeSet<String>,
    pub people: BTreeSet<PersonId>,
}

impl Leave {
    pub const NOTHING: Leave = Leave {
        pages: LeaveOf { channels: BTreeSet::new(), people: BTreeSet::new() },
        others: LeaveOf { channels: BTreeSet::new(), people: BTreeSet::new() },
        strangers: BTreeSet::new(),
        strangers_after: DateTime::<Utc>::MAX_UTC,
    };

    pub fn has(&self, row: &OutboxRow) -> bool {
        let of = if row.notice.kind == NoticeKind::Page { &self.pages } else { &self.others };
        let left = match &row.channel {
            Some(channel) => of.channels.contains(channel),
            None => of.people.contains(&row.notice.to) && !row.notice.is_put_off(),
        };
        let strange = self.strangers.contains(&row.notice.to) && !row.notice.is_put_off();
        left || (row.due_at > self.strangers_after && strange)
    }
}

impl LeaveOf {
    /// As the statement compares them.
    fn keys(&self) -> Vec<String> {
        let channels = self.channels.iter().map(|channel| format!("c:{channel}"));
        channels.chain(self.people.iter().map(|person| format!("p:{person}"))).collect()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    pub pages: Waiting,
    /// All other notices.
    pub others: Waiting,
    /// Those that nobody will send any more.
    pub failed: u64,
}

impl OutboxCounts {
    pub fn pending(&self) -> Waiting {
        let dues = [self.pages.oldest_due, self.others.oldest_due];
        Waiting { count: self.pages.count + self.others.count, oldest_due: dues.into_iter().flatten().min() }
    }
}

/// Notices that are neither sent nor given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub count: u64,
    /// When the one that waits longest was to be sent.
    pub oldest_due: Option<DateTime<Utc>>,
}

impl Store {
    /// Pending ones in the order they go out, the others newest first; without those whose rows are damaged.
    pub async fn outbox(&self, filter: OutboxFilter, limit: u32) -> anyhow::Result<Vec<OutboxRow>> {
        let order = match filter {
            OutboxFilter::Pending => "urgency, priority, due_at, id",
            OutboxFilter::Failed | OutboxFilter::Overtaken => "failed_at desc, id desc",
            OutboxFilter::Sent => "sent_at desc, id desc",
        };
        let which = filter.condition();
        let text = format!("select {COLUMNS} from outbox where {which} order by {order} limit $1");
        let rows: Vec<NoticeRow> =
            // Only our own words are in the text.
            sqlx::query_as(AssertSqlSafe(text)).bind(i64::from(limit)).fetch_all(&self.reader).await?;
        let read = |row: NoticeRow| {
            row.read().inspect_err(|error| error!(error = format!("{error:#}"), "a notice is not listed"))
        };
        Ok(rows.into_iter().filter_map(|row| read(row).ok()).collect())
    }

    /// `failed_since`: of those that failed, only the later ones.
    pub async fn outbox_counts(&self, failed_since: Option<DateTime<Utc>>) -> anyhow::Result<OutboxCounts> {
        let waiting: Vec<(i64, i64, Option<i64>)> = sqlx::query_as(
            "select urgency, count(*), min(due_at)
            from outbox
            where sent_at is null and failed_at is null
            group by urgency
            order by urgency",
        )
        .fetch_all(&self.reader)
        .await?;
        let failed = "select count(*)
            from outbox
            where failed_at is not null and failed_at >= $1 and coalesce(last_error, '') not like 'overtaken: %'";
        let failed: i64 = sqlx::query_scalar(failed)
            .bind(failed_since.map_or(i64::MIN, |since| since.timestamp_millis()))
            .fetch_one(&self.reader)
            .await?;
        let mut counts = OutboxCounts { failed: u64::try_from(failed)?, ..OutboxCounts::default() };
        for (urgency, count, oldest_due) in waiting {
            let of = if urgency == PAGE { &mut counts.pages } else { &mut counts.others };
            *of = Waiting { count: u64::try_from(count)?, oldest_due: instant_if(oldest_due)? };
        }
        Ok(counts)
    }

    /// Takes what is due for `node` until the lease runs out, but for what is to be left: pages first, then by due
    /// time. What was made for the same receiver about the same ticket later waits until it is settled. Not to be
    /// claimed inside of a batch.
    pub async fn claim_notices(
        &self,
        now: DateTime<Utc>,
        node: &str,
        lease: TimeDelta,
        limit: u32,
        leave: &Leave,
    ) -> anyhow::Result<Vec<OutboxRow>> {
        let skip_locked = self.dialect.skip_locked();
        let turn = "coalesce('c:' || channel, 'p:' || receiver, '')";
        let text = format!(
            "update outbox
            set leased_by = $1, leased_until = $2
            where id in (
                select id
                from outbox
                where sent_at is null and failed_at is null
                    and due_at <= $3 and (leased_until is null or leased_until <= $3)
                    and not (urgency = 0 and {turn} in (select atom from json_each($5)))
                    and not (urgency = 1 and {turn} in (select atom from json_each($6)))
                    and not (due_at > $7 and coalesce(receiver, '') in (select atom from json_each($8)))
                    and {FIRST}
                order by urgency, priority, due_at, id
                limit $4
                {skip_locked}
            )
            returning {COLUMNS}",
        );
        // Only our own words are in the text.
        let mut rows: Vec<NoticeRow> = sqlx::query_as(AssertSqlSafe(text))
            .bind(node)
            .bind((now + lease).timestamp_millis())
            .bind(now.timestamp_millis())
            .bind(i64::from(limit))
            .bind(to_json(&leave.pages.keys())?)
            .bind(to_json(&leave.others.keys())?)
            .bind(leave.strangers_after.timestamp_millis())
            .bind(to_json(&leave.strangers)?)
            .fetch_all(self.writing()?)
            .await
            .context("could not claim notices")?;
        // `returning` promises no order.
        let order = |row: &NoticeRow| (row.urgency, row.priority, row.due_at, row.id.clone());
        rows.sort_by_key(order);
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, newer) = (row.id.clone(), row.version > OF_NO_TICKET);
            match row.read() {
                Ok(row) => claimed.push(row),
                // A node of a newer release sends what a newer release wrote, once our lease is over.
                Err(error) if newer => {
                    error!(notice.id = id, error = format!("{error:#}"), "a notice is left alone")
                }
                Err(error) => self.give_up_damaged(&id, &error, now).await?,
            }
        }
        Ok(claimed)
    }

    /// Nobody can say whom it was for; the others go out.
    async fn give_up_damaged(
        &self,
        id: &str,
        error: &anyhow::Error,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        error!(
            notice.id = id,
            error = format!("{error:#}"),
            "the row of notice {id} is damaged: it is given up"
        );
        let reason = format!("its row is damaged: {error:#}");
        let given_up = [GivenUp { id, reason: &reason, next: None }];
        give_up(&mut *self.writer.acquire().await?, &given_up, now).await
    }

    /// Takes back the leases of a node's earlier processes. Only for whoever knows that none of them is alive.
    pub async fn take_back_leases(&self, node: &str) -> anyhow::Result<()> {
        sqlx::query(
            "update outbox
            set leased_by = null, leased_until = null
            where leased_by = $1 and sent_at is null and failed_at is null",
        )
        .bind(node)
        .execute(self.writing()?)
        .await
        .context("could not take back the leases of notices")?;
        Ok(())
    }

    /// When the next notice can be claimed; `None`: nothing waits.
    pub async fn next_notice_at(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let text = format!(
            "select min(case when leased_until > due_at then leased_until else due_at end)
            from outbox
            where sent_at is null and failed_at is null and {FIRST}"
        );
        // Only our own words are in the text.
        let at: Option<i64> = sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&self.reader).await?;
        instant_if(at)
    }

    /// Nothing changes where one had been sent or given up already.
    pub async fn notices_sent(&self, taken: &[Taken], now: DateTime<Utc>) -> anyhow::Result<()> {
        sqlx::query(
            "update outbox
            set sent_at = $2, channel = taken.value ->> 'channel', attempts = attempts + 1, last_error = null,
                leased_by = null, leased_until = null
            from json_each($1) as taken
            where outbox.id = taken.value ->> 'notice' and sent_at is null and failed_at is null",
        )
        .bind(to_json(&taken)?)
        .bind(now.timestamp_millis())
        .execute(self.writing()?)
        .await
        .context("could not mark notices as sent")?;
        Ok(())
    }

    /// It is not sent any more, because what it asked for is over. Nothing changes where it had been settled already, or
    /// `node` has lost the lease to another.
    pub async fn notice_overtaken(
        &self,
        id: &str,
        node: &str,
        why: &str,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        sqlx::query(
            "update outbox
            set failed_at = $2, last_error = $3, leased_by = null, leased_until = null
            where id = $1 and leased_by = $4 and sent_at is null and failed_at is null",
        )
        .bind(id)
        .bind(now.timestamp_millis())
        .bind(format!("{OVERTAKEN}{why}"))
        .bind(node)
        .execute(self.writing()?)
        .await
        .with_context(|| format!("could not settle notice {id}"))?;
        Ok(())
    }

    /// All about one ticket, by id; without those whose rows are damaged.
    pub async fn notices_of(&self, ticket: TicketId) -> anyhow::Result<Vec<OutboxRow>> {
        let text = format!("select {COLUMNS} from outbox where ticket = $1 order by id");
        // Only our own words are in the text.
        let rows: Vec<NoticeRow> =
            sqlx::query_as(AssertSqlSafe(text)).bind(ticket.0).fetch_all(&self.reader).await?;
        Ok(rows.into_iter().filter_map(|row| row.read().ok()).collect())
    }

    /// Gives the lease back. Nothing changes where it had been sent or given up already, or `node` has lost the lease to
    /// another.
    pub async fn notice_retry(&self, id: &str, node: &str, again: &Again<'_>) -> anyhow::Result<()> {
        let Again { due_at, why, channel, attempts, passed } = *again;
        let passed = (!passed.is_empty()).then(|| to_json(&passed)).transpose()?;
        sqlx::query(
            "update outbox
            set due_at = $2, last_error = $3, channel = $4, attempts = $5, passed = $7,
                leased_by = null, leased_until = null
            where id = $1 and leased_by = $6 and sent_at is null and failed_at is null",
        )
        .bind(id)
        .bind(due_at.timestamp_millis())
        .bind(why)
        .bind(channel)
        .bind(i64::from(attempts))
        .bind(node)
        .bind(passed)
        .execute(self.writing()?)
        .await
        .with_context(|| format!("could not put notice {id} back"))?;
        Ok(())
    }
}

#[derive(FromRow)]
pub(super) struct NoticeRow {
    id: String,
    urgency: i64,
    priority: i64,
    due_at: i64,
    attempts: i64,
    sent_at: Option<i64>,
    failed_at: Option<i64>,
    channel: Option<String>,
    passed: Option<String>,
    last_error: Option<String>,
    version: i64,
    body: String,
}

/// Of a [`NoticeRow`].
pub(super) const COLUMNS: &str =
    "id, urgency, priority, due_at, attempts, sent_at, failed_at, channel, passed, last_error, version, body";

impl NoticeRow {
    pub(super) fn read(self) -> anyhow::Result<OutboxRow> {
        let notice = read_notice(self.version, &self.body).with_context(|| format!("notice {}", self.id))?;
        Ok(OutboxRow {
            notice,
            urgent: self.urgency == PAGE,
            attempts: u32::try_from(self.attempts)?,
            due_at: instant(self.due_at)?,
            sent_at: instant_if(self.sent_at)?,
            failed_at: instant_if(self.failed_at)?,
            channel: self.channel,
            // It only says which way is the better one to begin with.
            passed: self.passed.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            last_error: self.last_error,
        })
    }
}

/// Its body is otherwise like that of any other.
pub(super) fn read_notice(version: i64, body: &str) -> anyhow::Result<Notice> {
    read_body(if version == OF_NO_TICKET { BODY_VERSION } else { version }, body)
}

/// Of the batch of that number. One that is about no ticket is there once, however often it is told.
pub(super) async fn save(
    connection: &mut AnyConnection,
    dialect: Dialect,
    notices: &[Notice],
    batch: i64,
) -> anyhow::Result<()> {
    let made = (0..PLACES).map(|place| batch * PLACES + place);
    let rows = notices.iter().zip(made).map(|(notice, made)| Columns::of(notice, made));
    let rows: Vec<Columns> = rows.collect::<anyhow::Result<_>>()?;
    assert_eq!(rows.len(), notices.len(), "a batch decides on a few hundred tickets");
    make_way(connection, dialect, &rows).await?;
    sqlx::query(
        "insert into outbox (id, ticket, receiver, made, urgency, priority, due_at, version, body)
        select
            value ->> 'id', cast(value ->> 'ticket' as bigint), value ->> 'receiver',
            cast(value ->> 'made' as bigint), cast(value ->> 'urgency' as bigint), cast(value ->> 'priority' as bigint),
            cast(value ->> 'due_at' as bigint), cast(value ->> 'version' as bigint), value ->> 'body'
        from json_each($1)
        where value ->> 'ticket' is not null
            or not exists (select 1 from outbox as told where told.id = value ->> 'id')
        order by cast(key as bigint)",
    )
    .bind(to_json(&rows)?)
    .execute(connection)
    .await
    .context("could not save notices")?;
    Ok(())
}

/// What waits before a page, as it is for the same receiver about the same ticket, is as urgent as the page. What somebody
/// is just writing is on its way already: waiting for that, they might wait for us.
async fn make_way(
    connection: &mut AnyConnection,
    dialect: Dialect,
    rows: &[Columns<'_>],
) -> anyhow::Result<()> {
    let in_line = |row: &&Columns| row.urgency == PAGE && row.receiver.is_some();
    let pages: Vec<&Columns> = rows.iter().filter(in_line).collect();
    let Some(due_at) = pages.iter().map(|page| page.due_at).max() else { return Ok(()) };
    let worst = pages.iter().map(|page| page.priority).min();
    let text = format!(
        "update outbox
        set urgency = 0, priority = case when priority > $3 then $3 else priority end,
            due_at = case when due_at > $2 then $2 else due_at end
        where id in (
            select earlier.id
            from json_each($1)
            join outbox as earlier
                on earlier.ticket = cast(value ->> 'ticket' as bigint) and earlier.receiver = value ->> 'receiver'
            where earlier.sent_at is null and earlier.failed_at is null
            {}
        )",
        dialect.skip_locked()
    );
    // Only our own words are in the text.
    sqlx::query(AssertSqlSafe(text))
        .bind(to_json(&pages)?)
        .bind(due_at)
        .bind(worst)
        .execute(connection)
        .await
        .context("could not make way for pages")?;
    Ok(())
}

#[derive(Serialize)]
struct Columns<'a> {
    id: &'a str,
    ticket: Option<TicketId>,
    /// Absent: it was put off.
    receiver: Option<&'a str>,
    made: i64,
    urgency: i64,
    /// 1 is P1.
    priority: i64,
    due_at: i64,
    version: i64,
    body: String,
}

impl Columns<'_> {
    fn of(notice: &Notice, made: i64) -> anyhow::Result<Columns<'_>> {
        Ok(Columns {
            id: &notice.id,
            ticket: notice.ticket,
            receiver: Some(notice.to.as_str()).filter(|_| !notice.is_put_off()),
            made,
            // A shift begins soon.
            priority: notice.priority.map_or(0, Priority::index) as i64 + 1,
            urgency: if notice.kind == NoticeKind::Page { PAGE } else { OTHER },
            due_at: notice.goes_out_at().timestamp_millis(),
            version: if notice.ticket.is_some() { BODY_VERSION } else { OF_NO_TICKET },
            body: to_json(notice)?,
        })
    }
}
