-- Which database this is: kept when it is copied, backed up or restored, and no other has it.
alter table desk add column identity text collate "C" not null default '';

update desk set identity = replace(cast(gen_random_uuid() as text), '-', '');

-- Each time a backup took the place of what was there. Numbers that may have been given out since it was made are passed
-- over; `at` is part of the ids of notices from then on.
create table restores (
    at bigint primary key check (at > 0),
    -- When the last decision in the backup was made.
    decided_at bigint,
    -- The last number given to a ticket: in the backup, and as if from then on.
    ticket_before bigint not null check (ticket_before >= 0),
    ticket_after bigint not null check (ticket_after >= ticket_before),
    -- Likewise, of leave and overrides.
    day_row_after bigint not null check (day_row_after >= 0)
);
