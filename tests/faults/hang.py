"""Two channels that hang: one accepts and never answers, one begins an answer and never ends it. A third is sound,
and its notices do not wait for the others."""
from daemon import ORGANISATION as ALL
from pager import Half, Silent

ABOUT = "a channel never answers and another answers half; the notices of the third are not late for it"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 1, "postgres": 1}, {"sqlite": 1}
TICKETS, TICKETS_QUICK = 4000, 400
LATE_S = 5

# Most of what is told goes to the channels that hang.
HUNG = {"silent": ["bjorn", "dmitri", "eva", "felix"], "half": ["chloe", "greta", "hugo"]}
ORGANISATION = ALL
for channel, people in HUNG.items():
    for person in people:
        by = f'[people.{person}]\ncontact = '
        ORGANISATION = ORGANISATION.replace(by + '["pager"]', by + f'["{channel}"]')


async def run(trial):
    await trial.pager()
    await trial.pager("silent", Silent)
    await trial.pager("half", Half)
    trial.hung = {person for people in HUNG.values() for person in people}
    await trial.start()
    tickets = TICKETS_QUICK if trial.quick else TICKETS
    callers = trial.call(count=16, priorities=("P2", "P3"))
    while len(callers.books.acknowledged) < tickets:
        trial.log(f"{len(callers.books.acknowledged)} of {tickets} writes acknowledged")
        await callers.acknowledged(50)
    waiting = trial.database.rows("count(*)", "from outbox where sent_at is null and failed_at is null")[0][0]
    trial.more = {"waiting_for_hung_channels": waiting}
    result = await trial.finish(settle=5)
    result.longest_s, result.longest_of = max(result.found.deliveries, default=0.0), "a notice of the sound channel"
    if result.longest_s > LATE_S:
        result.found.broken.append(f"a notice of the sound channel came {result.longest_s:.1f} s late")
    return result
