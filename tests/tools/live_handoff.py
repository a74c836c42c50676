#!/usr/bin/env python3
"""A handoff on the machine's own clock, three times: accepted in time; the daemon killed before the boundary and
started after it; nobody accepting.

    live_handoff.py BINARY

Writes schedules in which team `west` closes at the next full minute that is at least a minute away and team `east` is
open all day, starts the daemon on them, lets west's `wanda` take a ticket, and watches. Prints the ticket's history.
Exit status: 0 all three went as they must, 1 one did not.
"""
import datetime as dt, json, os, pathlib, signal, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request

ORG = """
[org]
tiers = ["frontline"]
policy = "standard"
last_resort = "boss"
[handoff]
lead = "40s"
minimum_remaining = "1s"
[regions.west]
timezone = "UTC"
[regions.east]
timezone = "UTC"
[policies.standard]
steps = [{{ tier = "frontline", call = ["primary"] }}]
[people.wanda]
[people.erik]
[people.boss]
[teams.west]
region = "west"
tier = "frontline"
members = ["wanda"]
[[teams.west.hours]]
from = "{opens}"
to = "{closes}"
[teams.east]
region = "east"
tier = "frontline"
members = ["erik"]
[[teams.east.hours]]
from = "00:00"
to = "24:00"
"""


class Daemon:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--schedules", "schedules", "--state", "state", "--listen", f"127.0.0.1:{self.port}"],
                cwd=self.folder, stdout=log, stderr=log)
        deadline = time.time() + 20
        while time.time() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        sys.exit(f"the daemon does not answer:\n{(self.folder / 'log').read_text()}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def call(self, method, path, body=None, person=None):
        headers = {"Authorization": "Bearer " + (self.folder / "state/admin-token").read_text().strip()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if person:
            headers["Meridian-As"] = person
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)


def run(binary, how):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        now = dt.datetime.now(dt.timezone.utc)
        boundary = (now + dt.timedelta(seconds=120)).replace(second=0, microsecond=0)
        (folder / "schedules").mkdir()
        opens = (boundary - dt.timedelta(hours=8)).strftime("%H:%M")
        (folder / "schedules/org.toml").write_text(ORG.format(opens=opens, closes=boundary.strftime("%H:%M")))
        daemon = Daemon(binary, folder)
        try:
            wrong = story(daemon, how, boundary)
            history = daemon.call("GET", "/v1/tickets/1")["history"]
        finally:
            daemon.kill()
        print(f"--- {how}; west closes at {boundary:%H:%M:%S}Z" + (f": WRONG: {wrong}" if wrong else ""))
        for event in history:
            rest = {k: v for k, v in event.items() if k not in ("ticket", "seq", "at", "by", "event", "decision", "facts")}
            print(f"{event['at'][11:19]} {event['event']} {json.dumps(rest)[:150]}")
        return wrong


def story(daemon, how, boundary):
    daemon.call("POST", "/v1/tickets", {"title": "Checkout fails", "priority": "P2", "region": "west"})
    daemon.call("POST", "/v1/tickets/1/reassign", {"team": "west", "person": "wanda", "reason": "hers"})
    daemon.call("POST", "/v1/tickets/1/acknowledge", {}, "wanda")
    wait_until(boundary - dt.timedelta(seconds=35))
    ticket = daemon.call("GET", "/v1/tickets/1")
    offer = ticket["offer"]
    if not offer or offer["kind"] != "handoff" or offer["ask"] != ["erik"] or ticket["holder"]["person"] != "wanda":
        return f"not offered ahead: {ticket['holder']} {offer}"
    daemon.call("POST", "/v1/tickets/1/brief", {"summary": "The gateway times out", "next_action": "Call the bank"}, "wanda")
    batch = daemon.call("GET", f"/v1/handoffs/{offer['handoff']}")
    said = batch["tickets"][0]["briefing"]["summary"]
    if said != "The gateway times out":
        return f"the batch does not have the briefing: {batch}"
    if how == "accepted":
        daemon.call("POST", f"/v1/handoffs/{offer['handoff']}/accept", {}, "erik")
        wait_until(boundary + dt.timedelta(seconds=2))
    elif how == "killed before the boundary, started after it":
        daemon.kill()
        wait_until(boundary + dt.timedelta(seconds=5))
        daemon.start()
        time.sleep(2)
    else:
        wait_until(boundary + dt.timedelta(seconds=2))
    ticket = daemon.call("GET", "/v1/tickets/1")
    if how == "accepted":
        return None if ticket["holder"].get("person") == "erik" else f"erik does not hold it: {ticket['holder']}"
    asked = ticket["offer"] and ticket["offer"]["team"] == "east" and ticket["offer"]["ask"] == ["erik"]
    gone = ticket["holder"]["kind"] != "person"
    return None if asked and gone else f"not asked for in the east: {ticket['holder']} {ticket['offer']}"


def wait_until(instant):
    time.sleep(max(0, (instant - dt.datetime.now(dt.timezone.utc)).total_seconds()))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    stories = ["accepted", "killed before the boundary, started after it", "nobody accepting"]
    faults = [run(os.path.abspath(sys.argv[1]), how) for how in stories]
    sys.exit(1 if any(faults) else 0)
