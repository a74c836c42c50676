"""The databases a trial runs on, and how their rows are read: SQLite by itself, PostgreSQL through psql."""
import json, os, pathlib, sqlite3, subprocess

TOOL = pathlib.Path(__file__).resolve().parent.parent / "tools" / "postgres"


class Sqlite:
    """A file in the first node's state folder."""

    name = "sqlite"
    shared = False

    def __init__(self, folder, place=None):
        self.file = pathlib.Path(place or folder / "state") / "meridian.db"
        self.state = self.file.parent
        self.url = None
        self.address = f"sqlite:{self.file}"

    def rows(self, columns, rest):
        connection = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(f"select {columns} {rest}").fetchall()
        finally:
            connection.close()

    def change(self, statement):
        connection = sqlite3.connect(self.file, timeout=20)
        with connection:
            connection.execute(statement)
        connection.close()

    def close(self):
        pass


class Server:
    """A PostgreSQL server of our own (tests/tools/postgres); databases of it are handed out one by one."""

    def __init__(self, place=None, listen=None):
        # The server works as another user and must be able to go there.
        environment = {**os.environ, **({"TMPDIR": str(place)} if place else {})}
        self.guard = subprocess.Popen([TOOL, *(listen or [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      env=environment, start_new_session=True)
        self.folder = self.guard.stdout.readline().strip()
        if not self.folder:
            raise SystemExit("PostgreSQL did not start; Debian: apt-get install postgresql")
        self.number = 0

    def url(self, name):
        return f"postgres://meridian@localhost/{name}?host={self.folder}"

    def order(self, order):
        """Tells its guard `stop fast`, `stop immediate` or `start`, and waits until it is done."""
        self.guard.stdin.write(order + "\n")
        self.guard.stdin.flush()
        return self.guard.stdout.readline().strip() == "done"

    def database(self):
        self.number += 1
        name = f"trial{self.number}"
        psql(self.url("postgres"), f"create database {name}")
        return Postgres(self, name)

    def close(self):
        self.guard.stdin.close()
        self.guard.wait()


class Postgres:
    name = "postgres"
    shared = True
    state = None

    def __init__(self, server, name):
        self.server, self.called = server, name
        self.url = self.address = server.url(name)

    def rows(self, columns, rest):
        text = psql(self.url, f"select json_build_array({columns}) {rest}")
        return [json.loads(line) for line in text.splitlines()]

    def change(self, statement):
        psql(self.url, statement)

    def close(self):
        psql(self.server.url("postgres"), f"drop database {self.called} with (force)")


def psql(url, statement):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url], input=statement, text=True,
                          capture_output=True)
    if done.returncode:
        raise OSError(f"psql: {done.stderr.strip()}")
    return done.stdout
