-- Events of a ticket that is done may go with it, once it has been kept for long enough.
create function events_of_live_tickets_are_kept() returns trigger
language plpgsql as $$
begin
    if (select state from tickets where id = old.ticket) in ('waiting', 'held', 'pending') then
        raise exception 'events are never deleted';
    end if;
    return old;
end
$$;

drop trigger events_are_never_changed on events;

create trigger events_are_never_changed before update or truncate on events
    for each statement execute function events_are_only_added_to();

create trigger events_of_live_tickets_are_never_deleted before delete on events
    for each row execute function events_of_live_tickets_are_kept();
