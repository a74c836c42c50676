"""A shift ends for thousands of tickets at one instant: each is offered to the next team ahead, nobody takes it, and at
the boundary its custody passes on."""
import asyncio, datetime as dt, json, time

ABOUT = "10,000 tickets are held where a shift ends: all are handed on, and how long until the last"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 1, "postgres": 1}, {"sqlite": 1}
TICKETS, TICKETS_QUICK = 10_000, 200
CALLERS = 32
LEAD_S, LEAD_QUICK_S = 30, 4

SCHEDULES = """
[org]
name = "Two shifts"
tiers = ["frontline"]
policy = "standard"
last_resort = "boss"
[handoff]
lead = "{lead}s"
minimum_remaining = "1s"
[regions.west]
timezone = "UTC"
[regions.east]
timezone = "UTC"
[policies.standard]
steps = [{{ tier = "frontline", call = ["primary"] }}]
[people]
wanda = {{ contact = ["pager"] }}
erik = {{ contact = ["pager"] }}
boss = {{ contact = ["pager"] }}
[teams.west]
region = "west"
tier = "frontline"
capacity = 100000
members = ["wanda"]
hours = [{{ from = "{opens}", to = "{closes}" }}]
[teams.east]
region = "east"
tier = "frontline"
capacity = 100000
members = ["erik"]
hours = [{{ from = "00:00", to = "24:00" }}]
"""


def schedules(now, closes, lead=LEAD_S):
    opens = now - dt.timedelta(hours=8)
    return SCHEDULES.format(lead=lead, opens=opens.strftime("%H:%M"), closes=closes.strftime("%H:%M"))


def later(minutes):
    return dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)


ORGANISATION = schedules(later(0), later(600))


async def run(trial):
    await trial.start()
    tickets = TICKETS_QUICK if trial.quick else TICKETS
    callers = trial.call(count=0)
    left = list(range(tickets))
    await asyncio.gather(*(take(trial, callers, left) for _ in range(CALLERS)))
    lead = LEAD_QUICK_S if trial.quick else LEAD_S
    boundary = await (leave if trial.quick else closing)(trial, callers.connect(), lead)
    held = tickets
    while held and time.time() < boundary.timestamp() + 300:
        await asyncio.sleep(0.2)
        held = (await asyncio.to_thread(trial.database.rows, "count(*)", "from tickets where holder_person = 'wanda'"))[0][0]
        trial.log(f"{held} of {tickets} tickets are with the shift that ends at {boundary:%H:%M:%S}")
    if held:
        trial.broken(f"{held} of {tickets} tickets are still with somebody who went home")
    handed_on(trial, boundary, tickets, lead)
    return await trial.finish(settle=120)


async def closing(trial, connection, lead):
    """The hours are edited: they end at a full minute."""
    boundary = (later(0) + dt.timedelta(seconds=lead + 65)).replace(second=0, microsecond=0)
    (trial.schedules / "org.toml").write_text(schedules(later(0), boundary))
    status, said = await connection.ask("POST", "/v1/schedules/reload", {})
    if status != 200:
        trial.broken(f"the edited shift was not put to work: {status} {said}")
    return boundary


async def leave(trial, connection, lead):
    """Nobody waits for a minute to be full: wanda goes home a few seconds from now."""
    (trial.schedules / "org.toml").write_text(schedules(later(0), later(600), lead))
    await connection.ask("POST", "/v1/schedules/reload", {})
    boundary = (later(0) + dt.timedelta(seconds=lead + 3)).replace(microsecond=0)
    leave = {"person": "wanda", "from": boundary.isoformat(), "to": later(600).replace(microsecond=0).isoformat()}
    status, said = await connection.ask("POST", "/v1/leave", leave)
    if status != 201:
        trial.broken(f"the leave was not taken: {status} {said}")
    return boundary


async def take(trial, callers, left):
    connection = callers.connect()
    while left:
        number = left.pop()
        key = f"{callers.run}-0-{number}"
        facts = {"priority": "P2", "title": "Held at the boundary", "region": "west", "external_ref": key}
        status, ticket = await connection.ask("POST", "/v1/tickets", facts, f"idempotency-key: {key}\r\n")
        if status != 201:
            trial.broken(f"a ticket could not be opened: {status} {ticket}")
            continue
        callers.books.yes(key, "open", ticket["id"])
        path, key = f"/v1/tickets/{ticket['id']}", f"{callers.run}-1-{number}"
        if ticket["offer"]["team"] != "west":
            trial.broken(f"ticket {ticket['id']} was offered to {ticket['offer']['team']}")
        status, said = await connection.ask("POST", path + "/acknowledge", {}, f"idempotency-key: {key}\r\nmeridian-as: wanda\r\n")
        if status == 200:
            callers.books.yes(key, "acknowledge", ticket["id"])
        else:
            trial.broken(f"ticket {ticket['id']} could not be taken: {status} {said}")
        trial.log(f"{len(left)} tickets to open")
    connection.drop()


def handed_on(trial, boundary, tickets, lead):
    """Each has ended its shift once, and somebody else was asked."""
    at_ms = boundary.timestamp() * 1000
    ended, offered = {}, set()
    for ticket, at, what in trial.database.rows("ticket, at, what", "from events order by ticket, seq"):
        kind = json.loads(what)["event"]
        if kind == "shift_ended":
            if ticket in ended:
                trial.broken(f"the shift of ticket {ticket} ended twice")
            ended[ticket] = at
        elif kind in ("offered", "parked", "queued") and at > at_ms - lead * 1000 - 1000:
            offered.add(ticket)
    if len(ended) != tickets:
        trial.broken(f"{len(ended)} of {tickets} tickets were handed on")
    if ended.keys() - offered:
        trial.broken(f"{len(ended.keys() - offered)} tickets were handed to nobody")
    trial.late((max(ended.values(), default=0) - at_ms) / 1000, "until the last was handed on")
