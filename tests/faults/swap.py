"""Whole sets of rotation files swapped while they are read, and files that are half-written for a moment. Every set
names itself in all of its files, so that a mixture of two would be a valid set and is known by its revision."""
import asyncio, json, shutil, time

from daemon import ORGANISATION as ALL

ABOUT = "rotation files are swapped and half-written while the daemon reads them: only whole sets are put to work"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 60, "postgres": 20}, {"sqlite": 12}
TEAMS = 40
STALLED_S = 0.5


def texts(mark):
    """A set whose files each fit those of any other set."""
    files = {"org.toml": ALL.replace("Round the clock", mark)}
    for number in range(TEAMS):
        files[f"team{number:02}.toml"] = f"""
[teams.team{number}]
name = "{mark}"
region = "world"
tier = "frontline"
members = ["p{number}"]
hours = [{{ from = "00:00", to = "24:00" }}]
[people.p{number}]
name = "{mark}"
contact = ["pager"]
"""
    return files


def write(folder, files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


async def run(trial):
    sets = {mark: texts(mark) for mark in ("one", "two")}
    shutil.rmtree(trial.schedules)
    write(trial.schedules, sets["one"])
    await trial.start(watch=True)
    callers = trial.call(count=4, priorities=("P3",))
    callers.pace = 0.05
    trial.asking = True
    asking = [asyncio.create_task(reload(trial)) for _ in range(2)]
    for number in range(trial.runs):
        trial.log(f"swap {number + 1} of {trial.runs}, {len(callers.books.acknowledged)} writes acknowledged")
        await replaced(trial, sets[["two", "one"][number % 2]])
    trial.asking = False
    await asyncio.gather(*asking)
    # Nobody asks any more: the daemon waits until nothing has been written for a second.
    await callers.stop()
    exempt = set()
    for mark in ("two", "one", "two"):
        # What was heard before is looked at by then: an edit that begins as the daemon looks is not what is tried here.
        await asyncio.sleep(3)
        before = last_revision(trial)
        # In a thread, lest the pauses grow with what else there is to do.
        if await asyncio.to_thread(edited, trial, sets[mark]) > STALLED_S:
            # Where this machine stood still amidst the edit, it was quiet, and the daemon right to look.
            await asyncio.sleep(3)
            exempt |= set(range(before + 1, last_revision(trial) + 1))
    began = time.monotonic()
    while (in_force := await at_work(trial)) != "two" and time.monotonic() - began < 20:
        await asyncio.sleep(0.05)
    if in_force != "two":
        trial.broken(f"20 s after the last edit {in_force!r} is at work, not what the files say")
    trial.late(time.monotonic() - began, "until the last set was at work")
    revisions = trial.database.rows("number, files", "from revisions order by number")
    for number, files in revisions:
        if json.loads(files) not in sets.values() and number not in exempt:
            trial.broken(f"revision {number} is a mixture of two sets, or half of one")
    trial.more = {"revisions": len(revisions), "exempt": len(exempt)}
    return await trial.finish()


async def replaced(trial, files):
    """Another set in the place of the one that is there, renamed whole, while the files are read all the time."""
    await asyncio.sleep(trial.rng.uniform(0.0, 0.2))
    new, old = trial.folder / "new", trial.folder / "old"
    write(new, files)
    trial.schedules.rename(old)
    new.rename(trial.schedules)
    shutil.rmtree(old)


def edited(trial, files):
    """File by file, each of them half-written for a while; the longest time without a write, in seconds."""
    written, longest = time.monotonic(), 0.0
    for name, text in files.items():
        for part in (text[: len(text) // 2], text):
            (trial.schedules / name).write_text(part)
            now = time.monotonic()
            written, longest = now, max(longest, now - written)
            time.sleep(trial.rng.uniform(0, 0.01))
    return longest


async def reload(trial):
    """Has the files read again and again, so that they are replaced meanwhile."""
    connection = trial.callers.connect()
    while trial.asking:
        status, said = await connection.ask("POST", "/v1/schedules/reload", {})
        if status not in (200, 422):
            trial.broken(f"a reload was answered {status}: {said}")
        await asyncio.sleep(0.01)
    connection.drop()


def last_revision(trial):
    return trial.database.rows("max(number)", "from revisions")[0][0]


async def at_work(trial):
    row = trial.database.rows("files", "from revisions order by number desc limit 1")[0][0]
    return json.loads(row)["org.toml"].partition('name = "')[2].partition('"')[0]
