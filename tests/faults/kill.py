"""kill -9 in a loop under load. SQLite: the one node; PostgreSQL: one of two, by chance. One kill in ten comes while
the node is still starting."""
import asyncio, time

ABOUT = "a node is killed (SIGKILL) under load and started again, over and over"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 100, "postgres": 50}, {"sqlite": 6, "postgres": 4}


async def run(trial):
    await trial.start(2 if trial.database.shared else 1)
    callers = trial.call(count=32)
    await callers.acknowledged(20)
    recovered = 0.0
    for number in range(trial.runs):
        trial.log(f"kill {number + 1} of {trial.runs}, {len(callers.books.acknowledged)} writes acknowledged")
        await asyncio.gather(asyncio.sleep(trial.rng.uniform(0.1, 0.5)), callers.acknowledged(trial.writes))
        victim = trial.rng.choice(trial.nodes)
        victim.kill()
        trial.lost_a_lease()
        killed = time.monotonic()
        victim.start()
        if trial.rng.random() < 0.1:
            await asyncio.sleep(trial.rng.uniform(0, 0.2))
            continue
        await victim.ready()
        recovered = max(recovered, time.monotonic() - killed)
    for node in trial.nodes:
        await node.ready()
    trial.more = {"kills": trial.runs, "longest_restart_seconds": round(recovered, 3)}
    return await trial.finish()
