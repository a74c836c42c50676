"""People at work: callers that open tickets and see to them over keep-alive connections, each write with an
Idempotency-Key, repeated under that key until somebody says what became of it. What was said stands in the books."""
import asyncio, collections, datetime as dt, json, time

# What an answer to each verb must have left in the history: the event, and where the key stands in it.
LEAVES = {
    "open": ("opened", lambda what: what["facts"].get("external_ref")),
    "change": ("changed", lambda what: what["facts"]["title"]),
    "note": ("noted", lambda what: what["text"]),
    "brief": ("briefed", lambda what: what["briefing"]["summary"]),
    "pend": ("pended", lambda what: what["reason"]),
    "resume": ("resumed", lambda what: what["reason"]),
    "decline": ("declined", lambda what: what["declined"]["reason"]),
    "release": ("released", lambda what: what["reason"]),
    "escalate": ("escalated", lambda what: what["reason"]),
    "reassign": ("reassigned", lambda what: what["reason"]),
    "resolve": ("resolved", lambda what: what["notes"]),
    "reopen": ("reopened", lambda what: what["reason"]),
    "close": ("closed", lambda what: what["reason"]),
    "feedback": ("feedback", lambda what: what["text"]),
}
# Takes no words; its key stands beside the answer alone.
WORDLESS = "acknowledge"

# What becomes of a ticket; `leave` lets its offers run out until the caller comes back to it.
LIVES = [
    ["acknowledge", "note", "resolve"],
    ["acknowledge", "note", "note", "note", "resolve", "close"],
    ["acknowledge", "brief", "note", "change", "resolve", "feedback"],
    ["acknowledge", "pend", "note", "resume", "resolve"],
    ["decline", "note", "resolve"],
    ["acknowledge", "release", "note", "acknowledge", "resolve"],
    ["acknowledge", "reassign", "acknowledge", "resolve", "reopen", "resolve"],
    ["note", "escalate", "acknowledge", "resolve"],
    ["leave", "note", "resolve"],
]
PEOPLE = {"north": "anna", "south": "dmitri", "deep": "greta"}


class Books:
    """What the callers were told."""

    def __init__(self):
        self.acknowledged = {}
        self.refused = {}
        self.unknown = set()
        self.answers = collections.Counter()
        self.repeated = 0
        self.wrong = []
        self.last_yes = None
        self.longest_silence = 0.0

    def yes(self, key, verb, ticket):
        self.acknowledged[key] = (verb, ticket)
        now = time.monotonic()
        if self.last_yes is not None:
            self.longest_silence = max(self.longest_silence, now - self.last_yes)
        self.last_yes = now


class Connection:
    """Keep-alive HTTP to one node at a time; another node after every failure."""

    def __init__(self, nodes, token, at, patience):
        self.nodes, self.token, self.at, self.patience = nodes, token, at, patience
        self.reader = self.writer = None

    async def ask(self, method, path, body=None, more=""):
        """Status and answer, or OSError where nobody says what became of it."""
        try:
            async with asyncio.timeout(self.patience):
                if self.writer is None:
                    node = self.nodes[self.at % len(self.nodes)]
                    self.reader, self.writer = await asyncio.open_connection(node.host, node.port)
                data = b"" if body is None else json.dumps(body).encode()
                head = (f"{method} {path} HTTP/1.1\r\nhost: m\r\nauthorization: Bearer {self.token}\r\n"
                        f"content-type: application/json\r\ncontent-length: {len(data)}\r\n{more}\r\n")
                self.writer.write(head.encode() + data)
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = head.partition("content-length:")[2].partition("\r\n")[0]
                text = await self.reader.readexactly(int(length or 0))
                if "connection: close" in head:
                    self.drop()
                return int(head.split(" ", 2)[1]), json.loads(text) if text else None
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self.drop()
            self.at += 1
            raise OSError(str(error)) from error

    def drop(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None


class Callers:
    """So many at once; `stop` lets each finish what it has begun to say."""

    def __init__(self, nodes, token, rng, count=8, patience=20.0, priorities=("P1", "P2", "P3", "P4")):
        self.nodes, self.token, self.rng, self.count = nodes, token, rng, count
        self.patience, self.priorities = patience, priorities
        self.run = f"{rng.getrandbits(32):08x}"
        self.books, self.tasks, self.stopping, self.deadline = Books(), [], False, None
        # Seconds that each rests between two writes.
        self.pace = 0.0

    def start(self):
        self.tasks = [asyncio.create_task(self.work(number)) for number in range(self.count)]

    def connect(self):
        """For what somebody asks beside the callers."""
        return Connection(self.nodes, self.token, 0, self.patience)

    async def stop(self, within=60):
        self.stopping, self.deadline = True, self.deadline or time.monotonic() + within
        for ended in await asyncio.gather(*self.tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def acknowledged(self, count, within=60):
        """Waits until so many more writes are acknowledged; how long that took."""
        began, wanted = time.monotonic(), len(self.books.acknowledged) + count
        while len(self.books.acknowledged) < wanted:
            if time.monotonic() - began > within:
                self.books.wrong.append(f"not {count} more writes were acknowledged within {within} s")
                break
            for task in self.tasks:
                if task.done() and task.exception():
                    raise task.exception()
            await asyncio.sleep(0.005)
        return time.monotonic() - began

    async def work(self, number):
        caller = Caller(self, number)
        while not self.stopping:
            await caller.once()
            if self.pace:
                await asyncio.sleep(self.pace)
        caller.connection.drop()


class Caller:
    def __init__(self, callers, number):
        self.callers, self.number, self.books, self.rng = callers, number, callers.books, callers.rng
        self.connection = Connection(callers.nodes, callers.token, number, callers.patience)
        self.lives, self.left, self.said = [], [], 0

    async def once(self):
        """One write: a new ticket, or the next thing that one of ours needs."""
        if len(self.left) > 4:
            self.lives.append(self.left.pop(0))
        if len(self.lives) < 3:
            return await self.open()
        life = self.rng.choice(self.lives)
        ticket, plan = life
        if plan[0] == "leave":
            plan.pop(0)
            self.lives.remove(life)
            return self.left.append(life)
        verb = plan.pop(0)
        if not plan:
            self.lives.remove(life)
        answer = await self.write(verb, ticket["id"], *self.words(verb, ticket))
        if answer:
            life[0] = answer

    async def open(self):
        facts = {"priority": self.rng.choice(self.callers.priorities), "title": "Something is wrong"}
        answer = await self.write("open", None, facts, None)
        if answer:
            self.lives.append([answer, list(self.rng.choice(LIVES))])

    def words(self, verb, ticket):
        """The body, and in whose name."""
        holder, offer = ticket["holder"], ticket["offer"]
        asked = offer["ask"][0] if offer and offer["ask"] else PEOPLE[offer["team"]] if offer else None
        person = holder.get("person") or asked or "anna"
        if verb in (WORDLESS, "decline"):
            person = asked or person
        tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        body = {"pend": {"on": "customer", "until": tomorrow.isoformat()}, "feedback": {"score": 4},
                "reassign": {"team": self.rng.choice(list(PEOPLE))}}.get(verb, {})
        return body, person

    async def write(self, verb, ticket, body, person):
        """Sends it until somebody says what became of it; the answer if it was done."""
        self.said += 1
        key = f"{self.callers.run}-{self.number}-{self.said}"
        field = {"open": "external_ref", "change": "title", "note": "text", "brief": "summary", "resolve": "notes",
                 "feedback": "text"}.get(verb, "reason")
        body = body if verb == WORDLESS else {**body, field: key}
        path = "/v1/tickets" + (f"/{ticket}" if ticket else "") + ("" if verb in ("open", "change") else f"/{verb}")
        more = f"idempotency-key: {key}\r\n" + (f"meridian-as: {person}\r\n" if person else "")
        pause, faults = 0.01, 0
        while True:
            if self.callers.deadline and time.monotonic() > self.callers.deadline:
                self.books.unknown.add(key)
                return None
            try:
                status, answer = await self.connection.ask("PATCH" if verb == "change" else "POST", path, body, more)
            except OSError:
                self.books.answers["none"] += 1
                status, answer = 0, None
            else:
                self.books.answers[status] += 1
            if status in (200, 201):
                self.books.yes(key, verb, answer["id"])
                return answer
            if 400 <= status < 500:
                self.books.refused[key] = (verb, status)
                if status not in (403, 404, 409):
                    self.books.wrong.append(f"{verb} {key} was answered {status}: {answer}")
                return None
            if status not in (0, 503):
                faults += 1
                if faults == 5:
                    self.books.wrong.append(f"{verb} {key} was answered {status} again and again: {answer}")
                    return None
            self.books.repeated += 1
            await asyncio.sleep(pause * (0.5 + self.rng.random()))
            pause = min(pause * 2, 0.3)
