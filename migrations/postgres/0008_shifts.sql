-- A notice may be about a shift, and then about no ticket.
alter table outbox alter column ticket drop not null;
