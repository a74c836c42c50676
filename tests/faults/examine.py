"""What must hold after a fault, read from the database itself and held against what the callers were told and what
the pager was sent."""
import collections, dataclasses, datetime as dt, json

from callers import LEAVES, WORDLESS

SHOWN = 8
# Due for less than this is under way, not overdue.
GRACE_MS = 2_000


@dataclasses.dataclass
class Found:
    lost: list = dataclasses.field(default_factory=list)
    doubled: list = dataclasses.field(default_factory=list)
    broken: list = dataclasses.field(default_factory=list)
    repeated: int = 0
    lateness: list = dataclasses.field(default_factory=list)
    # Seconds from the decision to the first delivery.
    deliveries: list = dataclasses.field(default_factory=list)
    tickets: int = 0
    events: int = 0
    notices: int = 0

    def lines(self):
        for name in ("lost", "doubled", "broken"):
            found = getattr(self, name)
            yield from (f"{name}: {line}" for line in found[:SHOWN])
            if len(found) > SHOWN:
                yield f"{name}: and {len(found) - SHOWN} more"


def examine(trial, now):
    """`now`: milliseconds, by the daemon's clock. The daemons are stopped, so that nothing moves meanwhile."""
    found, books = Found(), trial.books()
    tickets = {row[0]: row for row in trial.database.rows("id, state, wake_at, external_ref, version", "from tickets")}
    history = collections.defaultdict(list)
    for ticket, seq, at, batch, what in trial.database.rows("ticket, seq, at, batch, what", "from events order by ticket, seq"):
        history[ticket].append((seq, at, batch, json.loads(what)))
        found.events += 1
    found.tickets = len(tickets)
    histories(found, tickets, history)
    acknowledged(found, books, tickets, history, trial)
    live(found, tickets, now)
    handoffs(found, trial)
    notices(found, trial, now)
    found.broken += trial.wrong + books.wrong
    found.broken += [f"{node.name} panicked: {line}" for node in trial.nodes for line in node.said().splitlines()
                     if "panicked" in line]
    if books.unknown:
        found.broken.append(f"{len(books.unknown)} writes never got an answer")
    # Replays each history, and looks for the rule of every live ticket.
    found.broken += trial.doctor()
    return found


def histories(found, tickets, history):
    """Numbered 1 to n, in order of time, and nothing decided twice."""
    batches = collections.defaultdict(set)
    for ticket, events in history.items():
        seqs = [seq for seq, *_ in events]
        if seqs != list(range(1, len(seqs) + 1)):
            found.doubled.append(f"ticket {ticket}: its events are numbered {seqs}")
        if ticket not in tickets:
            found.lost.append(f"ticket {ticket} has a history and no row")
        offer, before = None, (0, 0)
        for seq, at, batch, what in events:
            if (batch, at) < before or at < before[1]:
                found.broken.append(f"ticket {ticket}: event {seq} is earlier than the one before it")
            before, kind = (batch, at), what["event"]
            batches[batch].add(at)
            if kind == "offered":
                new = what["offer"]
                same = offer and all(new.get(name) == offer.get(name) for name in ("kind", "team", "line", "ask", "since"))
                if same:
                    found.doubled.append(f"ticket {ticket}: the same offer twice, event {seq}")
                offer = new
            elif kind == "offer_ended":
                if offer is None:
                    found.doubled.append(f"ticket {ticket}: event {seq} ends an offer that had ended")
                elif what["why"] == "expired":
                    found.lateness.append((at - instant(offer["expires_at"])) / 1000)
                offer = None
            elif kind in ("acknowledged", "joined", "parked", "pended", "resolved", "closed"):
                offer = None
    instants = [at for batch in sorted(batches) for at in sorted(batches[batch])]
    if instants != sorted(instants) or any(len(ats) > 1 for ats in batches.values()):
        found.broken.append("batches are not in order of time, or one is of two instants")
    for ticket in tickets.keys() - history.keys():
        found.lost.append(f"ticket {ticket} has no history")


def acknowledged(found, books, tickets, history, trial):
    """Every write that was acknowledged is there, once; what was refused is not."""
    effects = collections.defaultdict(list)
    took = collections.Counter()
    readers = {event: (verb, reader) for verb, (event, reader) in LEAVES.items()}
    for ticket, events in history.items():
        for *_, what in events:
            if what["event"] in readers:
                verb, reader = readers[what["event"]]
                effects[verb, reader(what)].append(ticket)
            took[ticket, what["event"]] += 1
    remembered = {key.rpartition(":")[2] for key, in trial.database.rows("key", "from remembered")}
    for key, (verb, ticket) in books.acknowledged.items():
        where = effects.get((verb, key), [])
        if key not in remembered:
            found.lost.append(f"{verb} {key} of ticket {ticket}: its key is not remembered")
        if verb == WORDLESS:
            if not took[ticket, "acknowledged"] + took[ticket, "joined"]:
                found.lost.append(f"{verb} {key}: ticket {ticket} says nothing of it")
        elif not where:
            found.lost.append(f"{verb} {key}: ticket {ticket} says nothing of it")
        elif where != [ticket]:
            found.doubled.append(f"{verb} {key} was answered with ticket {ticket} and was done to {where}")
        if ticket not in tickets:
            found.lost.append(f"{verb} {key}: there is no ticket {ticket}")
    for (verb, key), where in effects.items():
        if len(where) > 1 and key not in books.acknowledged and str(key).startswith(trial.callers.run):
            found.doubled.append(f"{verb} {key} was done to {where}")
    for key, (verb, status) in books.refused.items():
        if (verb, key) in effects:
            found.broken.append(f"{verb} {key} was refused with {status} and done all the same")


def live(found, tickets, now):
    """A live ticket has an instant at which it is looked at again, and that is not past."""
    for ticket, state, wake_at, *_ in tickets.values():
        if state in ("waiting", "held", "pending"):
            if wake_at is None:
                found.broken.append(f"ticket {ticket} is {state} and nobody ever looks again")
            elif wake_at < now - GRACE_MS:
                found.broken.append(f"ticket {ticket} is {state} and {(now - wake_at) / 1000:.1f} s overdue")


def handoffs(found, trial):
    """One ticket changes hands once at one boundary."""
    seen = collections.defaultdict(list)
    for number, body in trial.database.rows("id, body", "from handoffs"):
        handoff = json.loads(body)
        for item in handoff["items"]:
            if item["outcome"]["kind"] != "withdrawn":
                seen[item["ticket"], handoff["boundary"], item["from"]].append(number)
    for (ticket, boundary, person), numbers in seen.items():
        if len(numbers) > 1:
            found.doubled.append(f"ticket {ticket} of {person} is handed over twice at {boundary}: {numbers}")


def notices(found, trial, now):
    """Each was delivered or visibly given up, under one id; nothing was sent that was never decided."""
    rows = trial.database.rows("id, ticket, due_at, sent_at, failed_at, last_error, channel, body", "from outbox")
    found.notices = len(rows)
    ids, said = set(), collections.Counter()
    for notice, ticket, due_at, sent_at, failed_at, last_error, channel, body in rows:
        ids.add(notice)
        if notice in trial.exempt:
            continue
        body = json.loads(body)
        said[ticket, body["to"], body["kind"], body["at"], json.dumps(body["says"], sort_keys=True)] += 1
        came = next((pager.came[notice][0] for pager in trial.answering() if notice in pager.came), None)
        if came is not None:
            found.deliveries.append(came - instant(body["at"]) / 1000)
        if sent_at is None and failed_at is None:
            if due_at < now - GRACE_MS and body["to"] not in trial.hung:
                found.lost.append(f"notice {notice} of ticket {ticket} is neither delivered nor given up: {last_error}")
        elif failed_at is not None and not last_error:
            found.lost.append(f"notice {notice} of ticket {ticket} was given up without a reason")
        elif sent_at is not None and channel in trial.pagers and notice not in trial.pagers[channel].came:
            found.lost.append(f"notice {notice} of ticket {ticket} is marked as delivered and never came")
    for (ticket, to, kind, at, _), times in said.items():
        if times > 1:
            found.doubled.append(f"ticket {ticket}: {to} is told {kind} {times} times at {at}, each under an id of its own")
    for pager in trial.answering():
        found.repeated += pager.repeats()
        for notice, times in pager.came.items():
            if notice not in ids:
                found.lost.append(f"notice {notice} was sent and there is no trace of it")
            elif len(times) - 1 > trial.leases_lost(times[0], times[-1]):
                found.doubled.append(f"notice {notice} came {len(times)} times, within {times[-1] - times[0]:.1f} s: more often than leases were lost")


def instant(text):
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0
