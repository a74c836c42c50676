-- Instants are milliseconds since 1970-01-01T00:00:00Z. A `body` is JSON, written and read by one type of the desk;
-- beside it stand the columns that lists filter and sort by.

-- One row: how far the desk has come.
create table desk (
    id integer primary key check (id = 1),
    batch integer not null check (batch >= 0),
    decided_at integer,
    last_ticket integer not null check (last_ticket >= 0),
    last_handoff integer not null check (last_handoff >= 0)
) strict;

insert into desk (id, batch, decided_at, last_ticket, last_handoff)
values (1, 0, null, 0, 0);

-- Who was named last in each team; for round-robin.
create table turns (
    team text primary key,
    person text not null,
    changed_batch integer not null
) strict, without rowid;

create table tickets (
    id integer primary key check (id > 0),
    state text not null check (state in ('waiting', 'held', 'pending', 'resolved', 'closed')),
    priority text not null check (priority in ('P1', 'P2', 'P3', 'P4', 'P5')),
    opened_at integer not null,
    holder_person text,
    holder_team text,
    offer_team text,
    dedup_key text,
    external_ref text,
    residency text,
    wake_at integer,
    changed_batch integer not null,
    version integer not null,
    body text not null check (json_valid(body)),
    check (holder_person is null or holder_team is not null),
    check (wake_at is null or state in ('waiting', 'held', 'pending'))
) strict;

create index tickets_by_state on tickets (state, id);
create index tickets_by_priority on tickets (priority, state, id);
create index tickets_by_holder on tickets (holder_person, id) where holder_person is not null;
create index tickets_by_holder_team on tickets (holder_team, id) where holder_team is not null;
create index tickets_by_offer_team on tickets (offer_team, id) where offer_team is not null;
create index tickets_by_external_ref on tickets (external_ref, id) where external_ref is not null;
create index tickets_by_changed_batch on tickets (changed_batch, id);
-- A dedup key names at most one live ticket.
create unique index tickets_live_dedup_key on tickets (dedup_key)
    where dedup_key is not null and state in ('waiting', 'held', 'pending');

create table events (
    ticket integer not null references tickets (id),
    seq integer not null check (seq > 0),
    at integer not null,
    batch integer not null,
    actor text not null check (json_valid(actor)),
    what text not null check (json_valid(what)),
    primary key (ticket, seq)
) strict;

create index events_by_batch on events (batch, ticket, seq);

create trigger events_are_never_changed before update on events
begin
    select raise(abort, 'events are never changed');
end;

create trigger events_are_never_deleted before delete on events
begin
    select raise(abort, 'events are never deleted');
end;

create table handoffs (
    id integer primary key check (id > 0),
    boundary integer not null,
    from_team text not null,
    to_team text not null,
    open integer not null check (open in (0, 1)),
    changed_batch integer not null,
    version integer not null,
    body text not null check (json_valid(body))
) strict;

create index handoffs_open on handoffs (id) where open = 1;
create index handoffs_by_boundary on handoffs (boundary, id);
create index handoffs_by_changed_batch on handoffs (changed_batch, id);

create table outbox (
    id text primary key,
    ticket integer not null references tickets (id),
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
    check (sent_at is null or failed_at is null),
    check ((leased_by is null) = (leased_until is null))
) strict, without rowid;

create index outbox_pending on outbox (urgency, due_at, id) where sent_at is null and failed_at is null;
create index outbox_failed on outbox (failed_at, id) where failed_at is not null;
create index outbox_sent on outbox (sent_at, id) where sent_at is not null;
create index outbox_by_ticket on outbox (ticket, id);

-- Answers already given to an Idempotency-Key.
create table remembered (
    key text primary key,
    fingerprint text not null,
    at integer not null,
    answer text not null check (json_valid(answer))
) strict, without rowid;

create index remembered_by_age on remembered (at, key);

create table revisions (
    number integer primary key check (number > 0),
    at integer not null,
    files text not null check (json_valid(files)),
    zone_version text,
    zones text not null check (json_valid(zones))
) strict;

-- Changes of the day. A removed one stays, so that an old decision can still be understood.
create table day_rows (
    id integer primary key autoincrement,
    kind text not null check (kind in ('leave', 'override')),
    at integer not null,
    by text not null,
    body text not null check (json_valid(body)),
    removed_at integer
) strict;

create index day_rows_in_force on day_rows (kind, id) where removed_at is null;

create table tokens (
    name text primary key check (name <> ''),
    hash text not null unique check (length(hash) = 64),
    role text not null check (role in ('admin', 'lead', 'responder', 'reader', 'ingest')),
    person text,
    at integer not null
) strict, without rowid;
