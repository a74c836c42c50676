-- Events of a ticket that is done may go with it, once it has been kept for long enough.
drop trigger events_are_never_deleted;

create trigger events_of_live_tickets_are_never_deleted before delete on events
when (select state from tickets where id = old.ticket) in ('waiting', 'held', 'pending')
begin
    select raise(abort, 'events are never deleted');
end;
