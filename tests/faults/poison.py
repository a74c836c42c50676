"""Rows that no release can have written: a live ticket that is due, a resolved one, a notice on its way. The node is
killed, the rows are damaged, it starts again. The others go on, the log names the damaged, nothing is lost."""
import asyncio, time

ABOUT = "the rows of a due ticket, a resolved ticket and a notice are damaged while the node is down"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 3, "postgres": 3}, {"sqlite": 1, "postgres": 1}
# JSON, but no ticket and no notice.
DAMAGED = '{"id": "?"}'


async def run(trial):
    await trial.start()
    callers, node, pager = trial.call(count=8), trial.nodes[0], trial.pagers["pager"]
    for number in range(trial.runs):
        trial.log(f"poison {number + 1} of {trial.runs}, {len(callers.books.acknowledged)} writes acknowledged")
        await callers.acknowledged(100)
        pager.delay = 0.5
        connection = callers.connect()
        _, due = await connection.ask("POST", "/v1/tickets", {"priority": "P1", "title": "Nobody answers"})
        _, done = await connection.ask("POST", "/v1/tickets", {"priority": "P4", "title": "Done soon"})
        person = f"meridian-as: {done['offer']['ask'][0]}\r\n"
        for verb, body in [("acknowledge", {}), ("resolve", {"notes": "done"})]:
            status, said = await connection.ask("POST", f"/v1/tickets/{done['id']}/{verb}", body, person)
            if status != 200:
                trial.broken(f"{verb} was answered {status}: {said}")
        node.kill()
        pager.delay = 0.0
        trial.lost_a_lease()
        waiting = "from outbox where sent_at is null and failed_at is null order by id"
        notice = trial.database.rows("id", waiting)[0][0]
        for table, key in [("tickets", due["id"]), ("tickets", done["id"]), ("outbox", f"'{notice}'")]:
            trial.database.change(f"update {table} set body = '{DAMAGED}' where id = {key}")
        trial.exempt.add(notice)
        node.start()
        await node.ready()
        trial.late(await callers.acknowledged(20), "until the others went on")
        await looked_after(trial, callers, due["id"], done["id"], notice)
    return await trial.finish()


async def looked_after(trial, callers, due, done, notice):
    node, connection = trial.nodes[0], callers.connect()
    began = time.monotonic()
    while True:
        status, now = await connection.ask("GET", f"/v1/tickets/{due}")
        ended = status == 200 and any(event["event"] == "offer_ended" for event in now["history"])
        given_up = trial.database.rows("failed_at, last_error", f"from outbox where id = '{notice}'")[0]
        if ended and given_up[0]:
            break
        if time.monotonic() - began > 15:
            if not ended:
                trial.broken(f"ticket {due} was damaged while it was due, and is not looked at again: {status} {now}")
            if not given_up[0]:
                trial.broken(f"notice {notice} was damaged and is not visibly given up: {given_up}")
            break
        await asyncio.sleep(0.1)
    status, now = await connection.ask("POST", f"/v1/tickets/{done}/reopen", {"reason": "not done"})
    if status != 200:
        trial.broken(f"ticket {done} was damaged and cannot be reopened: {status} {now}")
    status, now = await connection.ask("GET", "/v1/tickets?limit=200")
    if status != 200:
        trial.broken(f"tickets cannot be listed because of a damaged one: {status} {now}")
    connection.drop()
    said = node.said()
    for named in (f"ticket {due}", f"notice {notice}"):
        if named not in said:
            trial.broken(f"the log does not name {named}, which was damaged")
    if "meridian_rows_damaged" not in (await node.get("/metrics", trial.token))[1]:
        trial.broken("the metrics do not say that rows were damaged")
