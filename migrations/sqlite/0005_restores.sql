-- Which database this is: kept when it is copied, backed up or restored, and no other has it.
alter table desk add column identity text not null default '';

update desk set identity = lower(hex(randomblob(16)));

-- Each time a backup took the place of what was there. Numbers that may have been given out since it was made are passed
-- over; `at` is part of the ids of notices from then on.
create table restores (
    at integer primary key check (at > 0),
    -- When the last decision in the backup was made.
    decided_at integer,
    -- The last number given to a ticket: in the backup, and as if from then on.
    ticket_before integer not null check (ticket_before >= 0),
    ticket_after integer not null check (ticket_after >= ticket_before),
    -- Likewise, of leave and overrides.
    day_row_after integer not null check (day_row_after >= 0)
) strict;
