-- A notice may be about a shift, and then about no ticket. SQLite cannot take a column's `not null` away.
create table notices (
    id text primary key,
    ticket integer references tickets (id),
    -- 0 wakes somebody up, 1 does not.
    urgency integer not null check (urgency in (0, 1)),
    due_at integer not null,
    attempts integer not null default 0 check (attempts >= 0),
    sent_at integer,
    failed_at integer,
    channel text,
    last_error text,
    leased_by text,
    leased_until integer,
    version integer not null,
    body text not null check (json_valid(body)),
    receiver text,
    made integer not null default 0,
    -- 1 is P1.
    priority integer not null default 2,
    -- Channels that were not asked, as they did not answer, as a list in JSON: they have their turn after the others.
    passed text,
    check (sent_at is null or failed_at is null),
    check ((leased_by is null) = (leased_until is null))
) strict, without rowid;

insert into notices (
    id, ticket, urgency, due_at, attempts, sent_at, failed_at, channel, last_error, leased_by, leased_until, version,
    body, receiver, made, priority, passed
)
select
    id, ticket, urgency, due_at, attempts, sent_at, failed_at, channel, last_error, leased_by, leased_until, version,
    body, receiver, made, priority, passed
from outbox;

drop table outbox;
alter table notices rename to outbox;

create index outbox_worst on outbox (urgency, priority, due_at, id) where sent_at is null and failed_at is null;
create index outbox_failed on outbox (failed_at, id) where failed_at is not null;
create index outbox_sent on outbox (sent_at, id) where sent_at is not null;
create index outbox_by_ticket on outbox (ticket, id);
create index outbox_before on outbox (ticket, receiver, made) where sent_at is null and failed_at is null;
create index outbox_made on outbox (made);
