-- Instants are milliseconds since 1970-01-01T00:00:00Z. A `body` is JSON, written and read by one type of the desk;
-- beside it stand the columns that lists filter and sort by. Words are compared by byte, as the program does.

-- What SQLite has under this name: the parts of an array or an object, and as `atom` what has no parts of its own.
create function json_each(data text) returns table (key text, value jsonb, atom text)
language sql immutable parallel safe as $$
    with given as materialized (select data::jsonb as whole)
    select (place - 1)::text, part, part #>> '{}'
    from given, jsonb_array_elements(case jsonb_typeof(whole) when 'array' then whole else '[]' end)
        with ordinality as parts (part, place)
    union all
    select name, part, part #>> '{}'
    from given, jsonb_each(case jsonb_typeof(whole) when 'object' then whole else '{}' end) as parts (name, part)
$$;

-- One row: how far the desk has come.
create table desk (
    id bigint primary key check (id = 1),
    batch bigint not null check (batch >= 0),
    decided_at bigint,
    last_ticket bigint not null check (last_ticket >= 0),
    last_handoff bigint not null check (last_handoff >= 0)
);

insert into desk (id, batch, decided_at, last_ticket, last_handoff)
values (1, 0, null, 0, 0);

-- Who was named last in each team; for round-robin.
create table turns (
    team text collate "C" primary key,
    person text collate "C" not null,
    changed_batch bigint not null
);

create table tickets (
    id bigint primary key check (id > 0),
    state text collate "C" not null check (state in ('waiting', 'held', 'pending', 'resolved', 'closed')),
    priority text collate "C" not null check (priority in ('P1', 'P2', 'P3', 'P4', 'P5')),
    opened_at bigint not null,
    holder_person text collate "C",
    holder_team text collate "C",
    offer_team text collate "C",
    dedup_key text collate "C",
    external_ref text collate "C",
    residency text collate "C",
    wake_at bigint,
    changed_batch bigint not null,
    version bigint not null,
    body text not null check (body::json is not null),
    check (holder_person is null or holder_team is not null),
    check (wake_at is null or state in ('waiting', 'held', 'pending'))
);

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
    ticket bigint not null references tickets (id),
    seq bigint not null check (seq > 0),
    at bigint not null,
    batch bigint not null,
    actor text not null check (actor::json is not null),
    what text not null check (what::json is not null),
    primary key (ticket, seq)
);

create index events_by_batch on events (batch, ticket, seq);

create function events_are_only_added_to() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        raise exception 'events are never changed';
    end if;
    raise exception 'events are never deleted';
end
$$;

create trigger events_are_never_changed before update or delete or truncate on events
    for each statement execute function events_are_only_added_to();

create table handoffs (
    id bigint primary key check (id > 0),
    boundary bigint not null,
    from_team text collate "C" not null,
    to_team text collate "C" not null,
    open bigint not null check (open in (0, 1)),
    changed_batch bigint not null,
    version bigint not null,
    body text not null check (body::json is not null)
);

create index handoffs_open on handoffs (id) where open = 1;
create index handoffs_by_boundary on handoffs (boundary, id);
create index handoffs_by_changed_batch on handoffs (changed_batch, id);

create table outbox (
    id text collate "C" primary key,
    ticket bigint not null references tickets (id),
    -- 0 wakes somebody up, 1 does not.
    urgency bigint not null check (urgency in (0, 1)),
    due_at bigint not null,
    attempts bigint not null default 0 check (attempts >= 0),
    sent_at bigint,
    failed_at bigint,
    channel text,
    last_error text,
    leased_by text collate "C",
    leased_until bigint,
    version bigint not null,
    body text not null check (body::json is not null),
    check (sent_at is null or failed_at is null),
    check ((leased_by is null) = (leased_until is null))
);

create index outbox_pending on outbox (urgency, due_at, id) where sent_at is null and failed_at is null;
create index outbox_failed on outbox (failed_at, id) where failed_at is not null;
create index outbox_sent on outbox (sent_at, id) where sent_at is not null;
create index outbox_by_ticket on outbox (ticket, id);

-- Answers already given to an Idempotency-Key.
create table remembered (
    key text collate "C" primary key,
    fingerprint text not null,
    at bigint not null,
    answer text not null check (answer::json is not null)
);

create index remembered_by_age on remembered (at, key);

create table revisions (
    number bigint primary key check (number > 0),
    at bigint not null,
    files text not null check (files::json is not null),
    zone_version text,
    zones text not null check (zones::json is not null)
);

-- Changes of the day. A removed one stays, so that an old decision can still be understood.
create table day_rows (
    id bigint primary key check (id > 0),
    kind text collate "C" not null check (kind in ('leave', 'override')),
    at bigint not null,
    by text not null,
    body text not null check (body::json is not null),
    removed_at bigint,
    changed_batch bigint not null
);

create index day_rows_in_force on day_rows (kind, id) where removed_at is null;
create index day_rows_by_changed_batch on day_rows (changed_batch);

create table tokens (
    name text collate "C" primary key check (name <> ''),
    hash text collate "C" not null unique check (length(hash) = 64),
    role text collate "C" not null check (role in ('admin', 'lead', 'responder', 'reader', 'ingest')),
    person text collate "C",
    at bigint not null
);

-- With which revision the files on a node's own disk agreed when it last looked.
create table nodes (
    id text collate "C" primary key check (id <> ''),
    agreed bigint not null,
    at bigint not null
);

-- One row: the oldest migration that a release has to know to work with these tables. A migration that only widens
-- leaves it alone, so that nodes of the release before go on beside those of the new one.
create table schema_needs (
    id bigint primary key check (id = 1),
    migration bigint not null
);

insert into schema_needs (id, migration)
values (1, 1);
