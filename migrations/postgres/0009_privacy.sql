-- When what is personal in a ticket was erased, and the last that had happened to it before.
alter table tickets add column erased_at bigint;
alter table tickets add column stirred_at bigint;
create index tickets_erased on tickets (stirred_at, id) where erased_at is not null;
create index tickets_whole on tickets (changed_batch, id) where erased_at is null and state in ('resolved', 'closed');

-- An event may lose its words, once its ticket is done and marked as erased; it stays the event that it is.
create function events_lose_words_at_most() returns trigger
language plpgsql as $$
begin
    if (new.ticket, new.seq, new.at, new.batch, new.actor) is distinct from
            (old.ticket, old.seq, old.at, old.batch, old.actor)
        or (new.what::json ->> 'event') is distinct from (old.what::json ->> 'event')
        or not exists (
            select 1
            from tickets
            where id = old.ticket and erased_at is not null and state in ('resolved', 'closed')
        )
    then
        raise exception 'events are never changed';
    end if;
    return new;
end
$$;

drop trigger events_are_never_changed on events;

create trigger events_are_never_changed before update on events
    for each row execute function events_lose_words_at_most();

create trigger events_are_never_emptied before truncate on events
    for each statement execute function events_are_only_added_to();

-- Who has read what not everybody may, and what was done about customers. `tickets` is a list of numbers in JSON.
create table trail (
    id text collate "C" primary key check (id <> ''),
    at bigint not null,
    what text collate "C" not null check (what in ('read', 'forget', 'export')),
    token text collate "C",
    person text collate "C",
    route text not null,
    tickets text not null check (tickets::json is not null),
    -- How many tickets there were beside those.
    more bigint not null check (more >= 0),
    customer text collate "C"
);

create index trail_by_customer on trail (customer, id) where customer is not null;

-- A customer who is forgotten loses the name here, too.
create function the_trail_is_only_added_to() returns trigger
language plpgsql as $$
begin
    if (new.id, new.at, new.what, new.token, new.person, new.route, new.tickets, new.more) is distinct from
        (old.id, old.at, old.what, old.token, old.person, old.route, old.tickets, old.more)
    then
        raise exception 'the trail is never changed';
    end if;
    return new;
end
$$;

create trigger the_trail_is_never_changed before update on trail
    for each row execute function the_trail_is_only_added_to();

-- Customers who are being forgotten: how far it has got. Nothing of it is left once it is done.
create table forgetting (
    customer text collate "C" primary key check (customer <> ''),
    pseudonym text not null check (pseudonym <> ''),
    at bigint not null,
    -- What the files said of the customer, as JSON.
    known text check (known is null or known::json is not null),
    -- The last ticket that was looked at, by its last change.
    batch bigint not null,
    ticket bigint not null
);
