"""SIGSTOP of one of two nodes, under load and with notices on their way, for longer than its leases last: the
database takes the lock from it after ten seconds, its notices are anybody's after two minutes. Then SIGCONT."""
import asyncio, signal, time

ABOUT = "one of two nodes stands still (SIGSTOP) for longer than its leases last, and goes on (SIGCONT)"
DATABASES = ["postgres"]
RUNS, QUICK = {"postgres": 1}, {"postgres": 1}
# Beyond the lease of notices; quickly: beyond that of the lock.
PAUSED_S, PAUSED_QUICK_S = 130, 12


async def run(trial):
    await trial.start(2)
    callers = trial.call(count=16, patience=3)
    pager = trial.pagers["pager"]
    length = PAUSED_QUICK_S if trial.quick else PAUSED_S
    for number in range(trial.runs):
        await callers.acknowledged(100)
        # So that some are sent and cannot be marked as delivered.
        pager.delay = 0.3
        await asyncio.sleep(trial.rng.uniform(0.5, 1.5))
        paused = trial.rng.choice(trial.nodes)
        paused.signal(signal.SIGSTOP)
        trial.lost_a_lease()
        stopped = time.monotonic()
        trial.late(await callers.acknowledged(10), "until the other node decided")
        pager.delay = 0.0
        while (stands := time.monotonic() - stopped) < length:
            trial.log(f"pause {number + 1} of {trial.runs}: {paused.name} stands still for {stands:.0f} of {length} s, "
                      f"{len(callers.books.acknowledged)} writes acknowledged")
            # The machine is the other tests' as well.
            callers.pace = 0.2
            await asyncio.sleep(0.5)
        callers.pace = 0.0
        paused.signal(signal.SIGCONT)
        await callers.acknowledged(100)
    trial.more = {"paused_seconds": length}
    return await trial.finish(settle=140)
