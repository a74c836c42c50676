"""The clock of the machine stepped an hour forwards and backwards under load (libfaketime; the monotonic clock is left
alone, as a step leaves it)."""
import asyncio, glob, time

ABOUT = "the clock is stepped an hour forwards, back, an hour backwards, and back (needs Debian's faketime)"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 2, "postgres": 2}, {"sqlite": 1, "postgres": 1}
STEPS = ["+3600", "+0", "-3600", "+0"]
# An offer of a P1 runs out after two seconds, and whoever is asked next is asked then. Time that is ahead of the
# machine's goes a little slower until it is not.
DUE_S, PATIENCE_S = 2, 6


async def run(trial):
    library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not library:
        raise SystemExit("clock: libfaketime is missing; Debian: apt-get install faketime")
    offset = trial.folder / "offset"
    offset.write_text("+0")
    await trial.start(environment={
        "LD_PRELOAD": library[0], "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
    callers = trial.call(count=8, priorities=("P1", "P2", "P3"))
    await callers.acknowledged(50)
    for number in range(trial.runs):
        for step in STEPS:
            trial.log(f"round {number + 1} of {trial.runs}: {step} s, {len(callers.books.acknowledged)} writes acknowledged")
            await callers.acknowledged(40)
            # Not a file that is empty for an instant.
            (trial.folder / "next").write_text(step)
            (trial.folder / "next").rename(offset)
            await callers.acknowledged(40)
            await due(trial, callers, step)
    return await trial.finish()


async def due(trial, callers, step):
    """A ticket that nobody answers is escalated when it is due, whatever the clock says."""
    key = f"{callers.run}-due-{trial.rng.getrandbits(40):x}"
    facts = {"priority": "P1", "title": "Nobody answers", "external_ref": key}
    connection = callers.connect()
    status, ticket = await connection.ask("POST", "/v1/tickets", facts, f"idempotency-key: {key}\r\n")
    began = time.monotonic()
    callers.books.yes(key, "open", ticket["id"])
    while time.monotonic() - began < DUE_S + PATIENCE_S:
        status, now = await connection.ask("GET", f"/v1/tickets/{ticket['id']}")
        if any(event["event"] == "offer_ended" for event in now["history"]):
            trial.late(time.monotonic() - began - DUE_S, "an offer that ran out")
            break
        await asyncio.sleep(0.05)
    else:
        trial.broken(f"an offer of {DUE_S} s has not run out {DUE_S + PATIENCE_S} s later, after the step {step} s")
    connection.drop()
