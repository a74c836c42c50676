-- When what is personal in a ticket was erased, and the last that had happened to it before.
alter table tickets add column erased_at integer;
alter table tickets add column stirred_at integer;
create index tickets_erased on tickets (stirred_at, id) where erased_at is not null;
create index tickets_whole on tickets (changed_batch, id) where erased_at is null and state in ('resolved', 'closed');

-- An event may lose its words, once its ticket is done and marked as erased; it stays the event that it is.
drop trigger events_are_never_changed;

create trigger events_are_never_changed before update on events
when new.ticket is not old.ticket or new.seq is not old.seq or new.at is not old.at
    or new.batch is not old.batch or new.actor is not old.actor
    or (new.what ->> '$.event') is not (old.what ->> '$.event')
    or not exists (
        select 1
        from tickets
        where id = old.ticket and erased_at is not null and state in ('resolved', 'closed')
    )
begin
    select raise(abort, 'events are never changed');
end;

-- Who has read what not everybody may, and what was done about customers. `tickets` is a list of numbers in JSON.
create table trail (
    id text primary key check (id <> ''),
    at integer not null,
    what text not null check (what in ('read', 'forget', 'export')),
    token text,
    person text,
    route text not null,
    tickets text not null check (json_valid(tickets)),
    -- How many tickets there were beside those.
    more integer not null check (more >= 0),
    customer text
) strict, without rowid;

create index trail_by_customer on trail (customer, id) where customer is not null;

-- A customer who is forgotten loses the name here, too.
create trigger the_trail_is_never_changed before update on trail
when new.id is not old.id or new.at is not old.at or new.what is not old.what or new.token is not old.token
    or new.person is not old.person or new.route is not old.route or new.tickets is not old.tickets
    or new.more is not old.more
begin
    select raise(abort, 'the trail is never changed');
end;

-- Customers who are being forgotten: how far it has got. Nothing of it is left once it is done.
create table forgetting (
    customer text primary key check (customer <> ''),
    pseudonym text not null check (pseudonym <> ''),
    at integer not null,
    -- What the files said of the customer, as JSON.
    known text check (known is null or json_valid(known)),
    -- The last ticket that was looked at, by its last change.
    batch integer not null,
    ticket integer not null
) strict, without rowid;
