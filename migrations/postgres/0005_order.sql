-- Notices of one ticket to one receiver go out in the order they were made. `made` is the number of the batch and of the
-- place in it, as one number; those of before have none of that and are put in order by when they were due, below 0.
alter table outbox add column receiver text collate "C";
alter table outbox add column made bigint not null default 0;

update outbox
set receiver = body::json ->> 'to', made = numbered.made
from (
    select id, row_number() over (order by due_at, id) - 1 - (select count(*) from outbox) as made
    from outbox
) as numbered
where numbered.id = outbox.id;

create index outbox_before on outbox (ticket, receiver, made) where sent_at is null and failed_at is null;
create index outbox_made on outbox (made);

-- The worst first: 1 is P1.
alter table outbox add column priority bigint not null default 2;

update outbox
set priority = cast(substr(body::json ->> 'priority', 2) as bigint)
where sent_at is null and failed_at is null;

drop index outbox_pending;
create index outbox_worst on outbox (urgency, priority, due_at, id) where sent_at is null and failed_at is null;

-- Channels that were not asked, as they did not answer, as a list in JSON: they have their turn after the others.
alter table outbox add column passed text;

-- What all nodes sign by.
create table keys (
    name text collate "C" primary key check (name <> ''),
    secret text not null check (secret <> ''),
    at bigint not null
);
