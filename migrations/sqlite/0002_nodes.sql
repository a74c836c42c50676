-- So that whoever follows the batches sees changes of the day like everything else.
alter table day_rows add column changed_batch integer not null default 0;

create index day_rows_by_changed_batch on day_rows (changed_batch);

-- With which revision the files on a node's own disk agreed when it last looked.
create table nodes (
    id text primary key check (id <> ''),
    agreed integer not null,
    at integer not null
) strict, without rowid;

-- One row: the oldest migration that a release has to know to work with these tables. A migration that only widens
-- leaves it alone, so that nodes of the release before go on beside those of the new one.
create table schema_needs (
    id integer primary key check (id = 1),
    migration integer not null
) strict;

insert into schema_needs (id, migration)
values (1, 2);
