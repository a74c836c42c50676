-- So that whoever follows the batches sees changes of the day like everything else.
alter table day_rows add column changed_batch integer not null default 0;

create index day_rows_by_changed_batch on day_rows (changed_batch);

-- With which revision the files on a node's own disk agreed when it last looked.
create table nodes (
    id text primary key check (id <> ''),
    agreed integer not null,
    at integer not null
) strict, without rowid;
