-- One row, once there is a backup: the last that was read again and found whole. A copy does not know of itself.
create table last_backup (
    id bigint primary key check (id = 1),
    at bigint not null,
    -- The last batch of decisions that is in it.
    batch bigint not null check (batch >= 0)
);
