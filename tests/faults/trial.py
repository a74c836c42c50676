"""One fault on one database, from its first daemon to what was found."""
import asyncio, dataclasses, json, pathlib, shutil, subprocess, sys, tempfile, time

from callers import Books, Callers
from daemon import ORGANISATION, Daemon
from database import Sqlite
from examine import Found, examine, percentile
from pager import Pager


@dataclasses.dataclass
class Result:
    """A line of the table."""
    fault: str
    database: str
    runs: int
    found: Found
    answers: dict
    acknowledged: int
    longest_s: float
    longest_of: str
    seconds: float
    more: dict

    @property
    def held(self):
        return not (self.found.lost or self.found.doubled or self.found.broken)

    def json(self):
        late, sent = self.found.lateness, self.found.deliveries
        return {
            "fault": self.fault, "database": self.database, "runs": self.runs, "acknowledged": self.acknowledged,
            "lost": len(self.found.lost), "double_decisions": len(self.found.doubled),
            "repeated_notices": self.found.repeated, "broken": len(self.found.broken),
            "longest_delay_seconds": round(self.longest_s, 3), "longest_delay_of": self.longest_of,
            "answers": {str(status): count for status, count in sorted(self.answers.items(), key=str)},
            "tickets": self.found.tickets, "events": self.found.events, "notices": self.found.notices,
            "late_seconds": {"count": len(late), "p50": round(percentile(late, 0.5), 3),
                             "p99": round(percentile(late, 0.99), 3), "max": round(max(late, default=0), 3)},
            "delivery_seconds": {"count": len(sent), "p50": round(percentile(sent, 0.5), 3),
                                 "p99": round(percentile(sent, 0.99), 3), "max": round(max(sent, default=0), 3)},
            "said": list(self.found.lines()), "seconds": round(self.seconds, 1), **self.more}


class Trial:
    def __init__(self, fault, binary, runs, rng, server=None, organisation=ORGANISATION, keep=False, log=None):
        self.fault, self.binary, self.runs, self.rng, self.log = fault, binary, runs, rng, log or (lambda text: None)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="meridian-fault."))
        # PostgreSQL works as another user.
        self.folder.chmod(0o755)
        self.keep, self.database = keep, server.database() if server else Sqlite(self.folder / "node1")
        self.schedules = self.folder / "schedules"
        self.schedules.mkdir()
        (self.schedules / "org.toml").write_text(organisation)
        self.nodes, self.callers, self.pagers = [], None, {}
        self.began, self.cut, self.more = time.monotonic(), [], {}
        # Notices that cannot be delivered any more, and people whom no notice can reach.
        self.exempt, self.hung = set(), set()
        # What the table's last column is about, where it is not the lateness of what was due.
        self.longest, self.wrong, self.quick, self.writes = None, [], False, 0

    async def pager(self, name="pager", kind=Pager, host="127.0.0.1"):
        self.pagers[name] = await kind().open(host)
        return self.pagers[name]

    async def start(self, count=1, **more):
        """Nodes with the same files; the first has made the token that all take."""
        if not self.pagers:
            await self.pager()
        for number in range(len(self.nodes) + 1, len(self.nodes) + count + 1):
            node = Daemon(f"node{number}", self.folder / f"node{number}", self.binary, self.schedules,
                          database=self.database.url, channels={n: p.url for n, p in self.pagers.items()}, **more)
            self.nodes.append(node)
            node.start()
            await node.ready()
        self.token = self.nodes[0].token()

    def call(self, **more):
        self.callers = Callers(self.nodes, self.token, self.rng, **more)
        self.callers.start()
        return self.callers

    def books(self):
        return self.callers.books if self.callers else Books()

    def answering(self):
        return [pager for pager in self.pagers.values() if type(pager) is Pager]

    def lost_a_lease(self, silent=7.5):
        """A node was killed or paused, or cut off for so many seconds: it could not write down what it had sent."""
        now = time.time()
        # What was on its way when a link went down is sent again after at most twice that time (RFC 6298, 5.5), whether
        # or not its sender still waits for an answer.
        self.cut.append((now, now + 2 * silent))

    def leases_lost(self, since, until):
        return sum(began <= until and since <= ended for began, ended in self.cut)

    def late(self, seconds, what):
        if self.longest is None or seconds > self.longest[0]:
            self.longest = (seconds, what)

    def broken(self, line):
        self.wrong.append(line)

    def now_ms(self):
        """By the store's own time, which may be ahead of the machine's."""
        decided_at = self.database.rows("decided_at", "from desk")[0][0]
        return max(int(time.time() * 1000), decided_at or 0)

    async def settled(self, within=40):
        """Waits until nothing is due: neither a notice nor a ticket."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            now = await asyncio.to_thread(self.now_ms) - 500
            waiting = await asyncio.to_thread(
                self.database.rows, "count(*)", f"from outbox where sent_at is null and failed_at is null and due_at < {now}")
            overdue = await asyncio.to_thread(self.database.rows, "count(*)", f"from tickets where wake_at < {now}")
            if waiting[0][0] + overdue[0][0] == 0:
                return
            await asyncio.sleep(0.2)

    async def finish(self, settle=40):
        """Everybody goes home, everything is looked at."""
        try:
            if self.callers:
                await self.callers.stop()
            await self.settled(settle)
            self.log("examining")
            for node in self.nodes:
                if node.process.poll() is None:
                    await node.stop()
            # Notices on their way may just have come.
            await asyncio.sleep(0.05)
            found = await asyncio.to_thread(examine, self, self.now_ms())
        finally:
            self.end()
        longest, of = self.longest or (max(found.lateness, default=0.0), "work that was due")
        books = self.books()
        result = Result(self.fault, self.database.name, self.runs, found, books.answers, len(books.acknowledged), longest,
                        of, time.monotonic() - self.began, self.more)
        if result.held and not self.keep:
            self.database.close()
            shutil.rmtree(self.folder)
        else:
            print(f"{self.fault} on {self.database.name}: its files stay in {self.folder}", file=sys.stderr)
        return result

    async def given_up(self):
        """The run could not go on: what there is, is looked at all the same."""
        if self.callers:
            self.callers.stopping, self.callers.deadline = True, 1
        for node in self.nodes:
            node.kill()
        return await self.finish(settle=0)

    def end(self):
        for node in self.nodes:
            node.kill()
        for pager in self.pagers.values():
            pager.close()

    def doctor(self):
        """What the examination of the database finds: histories that do not lead to their states, tickets left alone."""
        config = str(self.nodes[0].folder / "meridian.toml")
        said = subprocess.run([self.binary, "doctor", "--json", "--config", config], capture_output=True, text=True)
        found = json.loads(said.stdout)["examinations"]
        about = [one for one in found if one["id"] in ("audit", "database")]
        if not any(one["id"] == "audit" for one in about):
            return [f"meridian doctor did not audit the database: {said.stdout}{said.stderr}"]
        return [f"meridian doctor: {one['what']} {'; '.join(one['details'][:5])}" for one in about if one["verdict"] == "problem"]
