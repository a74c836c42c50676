"""The database server stopped and started again under load. Meanwhile writes are answered 503."""
import asyncio, time

from database import Server

ABOUT = "the database server is stopped (fast, immediate) and started again; meanwhile writes are answered 503"
DATABASES = ["postgres"]
RUNS, QUICK = {"postgres": 6}, {"postgres": 2}


async def run(trial):
    # One of its own: others may be at work on the common one.
    server = await asyncio.to_thread(Server)
    try:
        trial.database.close()
        trial.database = server.database()
        await trial.start(2)
        return await rounds(trial, server)
    finally:
        trial.end()
        server.close()


async def rounds(trial, server):
    callers = trial.call(count=16)
    for number in range(trial.runs):
        await callers.acknowledged(60)
        how = ["fast", "immediate"][number % 2]
        trial.log(f"stop {number + 1} of {trial.runs}: {how}, {len(callers.books.acknowledged)} writes acknowledged")
        trial.lost_a_lease()
        await asyncio.to_thread(server.order, f"stop {how}")
        refused = callers.books.answers[503]
        await asyncio.sleep(trial.rng.uniform(1, 4))
        if callers.books.answers[503] == refused:
            trial.broken("writes were not answered 503 while the database was away")
        for node in trial.nodes:
            status, said = await node.get("/readyz")
            if status != 503:
                trial.broken(f"{node.name} says {status} at /readyz while the database is away: {said}")
        await asyncio.to_thread(server.order, "start")
        began = time.monotonic()
        await callers.acknowledged(1)
        trial.late(time.monotonic() - began, "until writes were taken again")
    return await trial.finish(settle=140)
