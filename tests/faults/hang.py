"""Channels that hang: one accepts and never answers, one begins an answer and never ends it. A third is sound, and its
notices do not wait for the others; nor do pages to people who have it as their second channel."""
import asyncio, json, time

from daemon import ORGANISATION as ALL
from examine import instant
from pager import Half, Silent

ABOUT = "a channel never answers, another answers half; neither a third nor people's second channel is late for it"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 1, "postgres": 1}, {"sqlite": 1}
TICKETS, TICKETS_QUICK = 4000, 400
PAGES, PAGES_QUICK = 200, 60
LATE_S = 5
# What a page waits for a channel before it is known to hang, and one that is sent to see whether it still does.
PASSED_BY_S, SEEN_S, SLOW_MAX = 15, 25, 4

# Most of what is told goes to the channels that hang.
HUNG = {"silent": ["bjorn", "dmitri", "eva", "felix"], "half": ["chloe", "greta", "hugo"]}
ORGANISATION = ALL
for channel, people in HUNG.items():
    for person in people:
        by = f'[people.{person}]\ncontact = '
        ORGANISATION = ORGANISATION.replace(by + '["pager"]', by + f'["{channel}"]')
# A tier of its own, in which somebody is on call and nothing else, with two channels, the first of which hangs.
ORGANISATION = ORGANISATION.replace('"specialist"]', '"specialist", "night"]', 1) + """
[teams.night]
region = "world"
tier = "night"
members = ["nina"]
[[teams.night.rotations]]
name = "night"
starts = 2026-01-05T09:00:00
every = "week"
members = ["nina"]
[people.nina]
contact = ["silent", "pager"]
[[routes]]
name = "those who are called have time to answer"
when = { category = ["night"] }
policy = "night"
[policies.night]
repeat_every = "10m"
steps = [{ tier = "night", call = ["primary"], call_every = "10m" }]
"""


async def run(trial):
    await trial.pager()
    await trial.pager("silent", Silent)
    await trial.pager("half", Half)
    trial.hung = {person for people in HUNG.values() for person in people}
    await trial.start()
    tickets = TICKETS_QUICK if trial.quick else TICKETS
    callers = trial.call(count=16, priorities=("P2", "P3"))
    pages = asyncio.create_task(paged(trial, callers, PAGES_QUICK if trial.quick else PAGES))
    while len(callers.books.acknowledged) < tickets:
        trial.log(f"{len(callers.books.acknowledged)} of {tickets} writes acknowledged")
        await callers.acknowledged(50)
    opened = await pages
    waiting = trial.database.rows("count(*)", "from outbox where sent_at is null and failed_at is null")[0][0]
    trial.more = {"waiting_for_hung_channels": waiting}
    apart = deliveries_to_second_channel(trial)
    result = await trial.finish(settle=5)
    late = pages_late(trial, opened, result.found.broken)
    sound = [seconds for seconds in result.found.deliveries if seconds not in apart]
    result.longest_s, result.longest_of = max(sound, default=0.0), "a notice of the sound channel"
    if result.longest_s > LATE_S:
        result.found.broken.append(f"a notice of the sound channel came {result.longest_s:.1f} s late")
    result.more["page_by_second_channel_seconds"] = round(max(late, default=0.0), 2)
    return result


async def paged(trial, callers, count):
    """Wakes somebody so many times; the tickets, and when each was opened."""
    connection, opened = callers.connect(), {}
    for number in range(count):
        facts = {"title": f"page {number}", "priority": "P1", "category": "night"}
        status, answer = await connection.ask("POST", "/v1/tickets", facts)
        if status != 201:
            trial.broken(f"a ticket was answered {status}: {answer}")
            continue
        opened[answer["id"]] = time.time()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(pages_of(trial)) < len(opened):
        await asyncio.sleep(0.2)
    connection.drop()
    return opened


def pages_of(trial):
    """Tickets whose page has come through the sound channel, and when."""
    sound, came = trial.pagers["pager"], {}
    for notice, what in sound.what.items():
        if what["to"]["id"] == "nina" and what["kind"] == "page":
            came[what["ticket"]] = min(sound.came[notice][0], came.get(what["ticket"], float("inf")))
    return came


def pages_late(trial, opened, broken):
    """How late the page of each ticket came by the second channel."""
    came, late = pages_of(trial), []
    for ticket, at in opened.items():
        if ticket not in came:
            broken.append(f"the page of ticket {ticket} never came by the second channel")
            continue
        late.append(came[ticket] - at)
    slow = sum(seconds > PASSED_BY_S for seconds in late)
    # One now and then sees whether the first channel still hangs.
    if slow > SLOW_MAX or max(late, default=0) > SEEN_S:
        broken.append(f"{slow} pages came by the second channel after more than {PASSED_BY_S} s")
    return late


def deliveries_to_second_channel(trial):
    """What the examination will measure of them; they are allowed to be later than a notice of the sound channel."""
    came, rows = trial.pagers["pager"].came, trial.database.rows("id, body", "from outbox")
    bodies = {notice: json.loads(body) for notice, body in rows}
    return {came[notice][0] - instant(body["at"]) / 1000
            for notice, body in bodies.items() if body["to"] == "nina" and notice in came}
