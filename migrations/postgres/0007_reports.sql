-- Reports over a window look at the tickets that were opened within it.
create index tickets_by_opened_at on tickets (opened_at, id);
