"""Real `meridian serve` processes, and the organisation they work for."""
import asyncio, os, pathlib, signal, socket, subprocess, time

# Everybody is at work all day, so that nothing but the fault under test moves a ticket. Waits are short: P1 is due
# while the fault lasts.
ORGANISATION = """
[org]
name = "Round the clock"
tiers = ["frontline", "specialist"]
policy = "standard"
last_resort = "boss"
[regions.world]
timezone = "UTC"
[priorities.P1]
acknowledge_within = "2s"
resolve_within = "1h"
[priorities.P2]
acknowledge_within = "20s"
resolve_within = "4h"
[policies.standard]
repeat_every = "5s"
steps = [{ tier = "frontline", call = ["primary"], call_every = "2s" }, { tier = "specialist" }]
[teams.north]
region = "world"
tier = "frontline"
capacity = 100000
members = ["anna", "bjorn", "chloe"]
hours = [{ from = "00:00", to = "24:00" }]
[teams.south]
region = "world"
tier = "frontline"
capacity = 100000
assign = "round-robin"
members = ["dmitri", "eva", "felix"]
hours = [{ from = "00:00", to = "24:00" }]
[teams.deep]
region = "world"
tier = "specialist"
capacity = 100000
members = ["greta", "hugo"]
hours = [{ from = "00:00", to = "24:00" }]
""" + "".join(f'[people.{name}]\ncontact = ["pager"]\n'
              for name in ["anna", "bjorn", "chloe", "dmitri", "eva", "felix", "greta", "hugo", "boss"])

STARTS_WITHIN = 60


class DoesNotWork(Exception):
    """The run cannot go on: what was being done, and what was said."""


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


class Daemon:
    """One node: its folder, its address, and its process while it runs."""

    def __init__(self, name, folder, binary, schedules, database=None, channels=None, state=None, host="127.0.0.1",
                 before=(), environment=None, watch=False):
        self.name, self.folder, self.binary, self.host = name, pathlib.Path(folder), binary, host
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.process, self.started_at = free_port(), None, 0.0
        self.state = pathlib.Path(state) if state else self.folder / "state"
        self.before, self.environment = list(before), dict(environment or {})
        lines = [f'listen = "{host}:{self.port}"', f'schedules = "{schedules}"', f'state = "{self.state}"',
                 'log = "warn"', f"watch = {'true' if watch else 'false'}"]
        lines += [f'database = "{database}"'] if database else []
        for channel, url in (channels or {}).items():
            lines += [f"[channels.{channel}]", 'kind = "webhook"', f'url = "{url}"', "allow_private = true"]
        (self.folder / "meridian.toml").write_text("\n".join(lines) + "\n")

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.before, self.binary, "serve", "--config", str(self.folder / "meridian.toml")],
                stdout=log, stderr=log, env={**os.environ, **self.environment}, start_new_session=True)
        self.started_at = time.monotonic()

    async def ready(self, within=STARTS_WITHIN):
        """Waits until it decides."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise DoesNotWork(f"{self.name} ended with {self.process.returncode}:\n{self.said()[-3000:]}")
            if (await self.get("/readyz"))[0] == 200:
                return
            await asyncio.sleep(0.005)
        raise DoesNotWork(f"{self.name} was not ready within {within} s:\n{self.said()[-3000:]}")

    async def get(self, path, token=None):
        """Status and text of an answer; 0 where nobody answers."""
        writer = None
        try:
            async with asyncio.timeout(10):
                reader, writer = await asyncio.open_connection(self.host, self.port)
                bearer = f"authorization: Bearer {token}\r\n" if token else ""
                writer.write(f"GET {path} HTTP/1.1\r\nhost: m\r\n{bearer}connection: close\r\n\r\n".encode())
                answer = await reader.read()
            head, _, body = answer.decode().partition("\r\n\r\n")
            return (int(head.split()[1]), body) if head else (0, "")
        except (OSError, TimeoutError):
            return 0, ""
        finally:
            if writer:
                writer.close()

    def token(self):
        return (self.state / "admin-token").read_text().strip()

    def said(self):
        return (self.folder / "log").read_text(errors="replace")

    def signal(self, number):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    async def stop(self, within=30):
        """As systemd would: asks, and waits."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self.process.wait, within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise DoesNotWork(f"{self.name} did not stop within {within} s of SIGTERM:\n{self.said()[-3000:]}")
