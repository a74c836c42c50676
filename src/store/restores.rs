//! What a restore takes back, and how nothing that was told outside is told again with another meaning. Receivers remember
//! the ids of notices and of events, people the numbers of tickets, and scripts those of leave and overrides.

use std::fmt;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AnyConnection;

use super::columns::{instant, instant_if};
use super::{Moved, Store};
use crate::desk::TicketId;

/// What a database has given out, as far as it can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct GivenOut {
    /// Given up, if it was moved.
    pub identity: String,
    /// Of its last restore; 0: none.
    epoch: i64,
    batch: i64,
    ticket: i64,
    handoff: i64,
    day_row: i64,
}

impl GivenOut {
    /// Of any release, and of a database that may be damaged, empty or another's: what cannot be read counts as nothing.
    pub async fn of(connection: &mut AnyConnection) -> GivenOut {
        let identity = sqlx::query_scalar("select identity from desk where id = 1");
        let identity = identity.fetch_one(&mut *connection).await.unwrap_or_default();
        let mut number = async |text: &'static str| -> i64 {
            sqlx::query_scalar(text).fetch_one(&mut *connection).await.unwrap_or_default()
        };
        GivenOut {
            identity,
            epoch: number("select coalesce(max(at), 0) from restores").await,
            batch: number("select batch from desk where id = 1").await,
            ticket: number("select last_ticket from desk where id = 1").await,
            handoff: number("select last_handoff from desk where id = 1").await,
            day_row: number("select coalesce(max(id), 0) from day_rows").await,
        }
    }

    fn is_as_far_as(&self, other: &GivenOut) -> bool {
        (self.epoch, self.batch) >= (other.epoch, other.batch)
    }
}

/// From which numbers on things are counted after a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Onwards {
    pub next_ticket: i64,
    pub next_handoff: i64,
    pub next_leave_or_override: i64,
    /// How many numbers no ticket will have.
    pub tickets_passed_over: i64,
}

/// Numbers that no ticket has: they may have been given out after a backup was made that was restored since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedOver {
    pub from: TicketId,
    pub to: TicketId,
    pub restored_at: DateTime<Utc>,
    /// How far the backup had come.
    pub decided_at: Option<DateTime<Utc>>,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let minute = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        let of = self.decided_at.map_or_else(String::new, |at| format!(" of {}", minute(at)));
        let (from, to, at) = (self.from, self.to, minute(self.restored_at));
        write!(
            f,
            "numbers {from} to {to} were passed over when a backup{of} was restored on {at}, as what had been "
        )?;
        f.write_str("opened since is lost")
    }
}

impl Store {
    /// Which database this is; a copy has the same.
    pub async fn identity(&self) -> anyhow::Result<String> {
        let identity = sqlx::query_scalar("select identity from desk where id = 1");
        identity.fetch_one(&self.reader).await.context("the database does not say which one it is")
    }

    /// Whether it knows all that `there` has given out, where that is the same one at an earlier time.
    pub(super) async fn has_gone_on_from(&self, there: &GivenOut) -> anyhow::Result<bool> {
        Ok(GivenOut::of(&mut *self.reader.acquire().await?).await.is_as_far_as(there))
    }

    /// Whether a restore has passed over a number.
    pub async fn passed_over(&self, ticket: TicketId) -> anyhow::Result<Option<PassedOver>> {
        let row: Option<(i64, Option<i64>, i64, i64)> = sqlx::query_as(
            "select at, decided_at, ticket_before, ticket_after
            from restores
            where ticket_before < $1 and ticket_after >= $1
            order by at
            limit 1",
        )
        .bind(ticket.0)
        .fetch_optional(&self.reader)
        .await?;
        row.map(|(at, decided_at, before, after)| {
            Ok(PassedOver {
                from: TicketId(before + 1),
                to: TicketId(after),
                restored_at: instant(at)?,
                decided_at: instant_if(decided_at)?,
            })
        })
        .transpose()
    }

    /// Makes a copy the beginning of another life than the one it was copied from, which has gone on: `there` is what
    /// stands where it is to be put.
    pub(super) async fn begin_anew(&self, there: &GivenOut, now: DateTime<Utc>) -> anyhow::Result<Onwards> {
        let mut transaction = self.writer.begin_with(self.dialect.begin()).await?;
        // Nobody sends under the leases of before, and no node knows which files it agreed with.
        for text in [
            "update outbox set leased_by = null, leased_until = null where leased_by is not null",
            "delete from nodes",
        ] {
            sqlx::query(text).execute(&mut *transaction).await?;
        }
        let mut copied = GivenOut::of(&mut transaction).await;
        if let Some(moved) = Moved::read(&copied.identity) {
            copied.identity = moved.identity;
        }
        // Where what has gone on since is lost, nobody knows how far it had come.
        let known = there.identity == copied.identity && there.is_as_far_as(&copied);
        let after = |copied: i64, there: i64| match known {
            true => copied.max(there),
            false => leap(copied).max(there),
        };
        let epoch = now.timestamp_millis().max(copied.epoch + 1).max(there.epoch + 1);
        let ticket = after(copied.ticket, there.ticket);
        let handoff = after(copied.handoff, there.handoff);
        let day_row = after(copied.day_row, there.day_row);
        sqlx::query(
            "insert into restores (at, decided_at, ticket_before, ticket_after, day_row_after)
            select $1, decided_at, last_ticket, $2, $3
            from desk
            where id = 1",
        )
        .bind(epoch)
        .bind(ticket)
        .bind(day_row)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("update desk set last_ticket = $1, last_handoff = $2, identity = $3 where id = 1")
            .bind(ticket)
            .bind(handoff)
            .bind(&copied.identity)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await.context("the copy could not be made ready")?;
        Ok(Onwards {
            next_ticket: ticket + 1,
            next_handoff: handoff + 1,
            next_leave_or_override: day_row + 1,
            tickets_passed_over: ticket - copied.ticket,
        })
    }
}

/// Beyond all that a daemon can be expected to have given out since a backup: a thousand, or a tenth of all there ever
/// were, up to a number at which people see that something was passed over.
fn leap(last: i64) -> i64 {
    const STEP: i64 = 1000;
    let beyond = last.saturating_add(STEP.max(last / 10));
    beyond.saturating_add(STEP - 1) / STEP * STEP
}
