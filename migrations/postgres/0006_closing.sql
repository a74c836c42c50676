-- When a resolved ticket closes by itself.
alter table tickets add column closes_at bigint;
create index tickets_closing on tickets (id) where closes_at is not null;
