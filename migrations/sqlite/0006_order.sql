-- Notices of one ticket to one receiver go out in the order they were made. `made` is the number of the batch and of the
-- place in it, as one number; those of before have none of that and are put in order by when they were due, below 0.
alter table outbox add column receiver text;
alter table outbox add column made integer not null default 0;

update outbox
set receiver = body ->> '$.to', made = numbered.made
from (
    select id, row_number() over (order by due_at, id) - 1 - (select count(*) from outbox) as made
    from outbox
) as numbered
where numbered.id = outbox.id;

create index outbox_before on outbox (ticket, receiver, made) where sent_at is null and failed_at is null;
create index outbox_made on outbox (made);

-- What all nodes sign by.
create table keys (
    name text primary key check (name <> ''),
    secret text not null check (secret <> ''),
    at integer not null
) strict, without rowid;
