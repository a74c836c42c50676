#!/usr/bin/env python3
"""Posts a stream of tickets to a running daemon and holds every answer against who is at work.

    replay.py post TICKETS.csv ANSWERS.jsonl [--server URL] [--token-file FILE] [--callers N] [--first N]
    replay.py verify ANSWERS.jsonl [--server URL] [--token-file FILE]

`post` sends each row as POST /v1/tickets and writes every acknowledged answer, flushed, before it sends that caller's
next. It checks that the answer names people at work then by /v1/on-duty, or a page to people on call, or a park with
an instant at which that team has somebody at work and before which nobody of the tier had. It stops by itself when the
daemon goes away, so that a test may kill it. `verify` asks for every ticket that was acknowledged.
Exit status: 0 all is well, 1 something is not, with the count.
"""
import argparse, collections, csv, datetime as dt, http.client, json, sys, threading, urllib.parse


class Api:
    def __init__(self, args):
        url = urllib.parse.urlsplit(args.server)
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        self.headers = {"Authorization": "Bearer " + open(args.token_file).read().strip()}

    def call(self, method, path, body=None):
        headers = dict(self.headers)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, data, headers)
        response = self.connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None


def facts(row):
    customer = {"name": row["external_ref"], "language": row["language"], "region": row["region"]}
    return {"title": row["title"], "impact": row["impact"], "urgency": row["urgency"], "category": row["category"],
            "customer": customer, "external_ref": row["external_ref"]}


class Duty:
    """Who is at work at an instant, asked of the daemon; the answer is kept until something in it changes."""

    def __init__(self, api):
        self.api, self.teams, self.since, self.until = api, None, "", ""

    def at(self, instant):
        if self.teams is None or not self.since <= instant < self.until:
            status, answer = self.api.call("GET", "/v1/on-duty?at=" + urllib.parse.quote(instant))
            assert status == 200, answer
            self.teams = {team["team"]: team for team in answer["teams"]}
            self.since = instant
            self.until = min((team["until"] for team in answer["teams"] if team["until"]), default="9999")
        return self.teams


def fault(answer, duty):
    """What is wrong with an answer, or None; and its kind."""
    decision = answer["decision"]
    outcome, now = decision["outcome"], duty.at(decision["at"])
    kind = outcome["kind"]
    if kind == "offer" or kind == "queue":
        working = set(now[outcome["team"]]["working"])
        asked = outcome.get("ask") or []
        if not working or not set(asked) <= working:
            return kind, f"{asked} asked, but {sorted(working)} are working in {outcome['team']}"
    elif kind == "page":
        on_call = now[outcome["team"]]["on_call"].get(outcome["line"], [])
        if not outcome["ask"] or not set(outcome["ask"]) <= set(on_call):
            return kind, f"{outcome['ask']} paged, but {on_call} are on call"
    elif kind == "park":
        tier = decision["tier"]
        working = [team["team"] for team in now.values() if team["tier"] == tier and team["working"]]
        if working:
            return kind, f"parked, but {working} are at work"
        if outcome["until"] <= decision["at"]:
            return kind, f"parked until {outcome['until']}, which is past"
        status, later = duty.api.call("GET", "/v1/on-duty?at=" + urllib.parse.quote(outcome["until"]))
        team = {team["team"]: team for team in later["teams"]}[outcome["team"]]
        if not team["working"]:
            return kind, f"parked until {outcome['until']}, when nobody of {outcome['team']} is at work"
    else:
        return kind, "nobody at all"
    return kind, None


def post(args):
    rows = list(csv.DictReader(open(args.tickets, newline="")))[: args.first]
    queue, lock = collections.deque(rows), threading.Lock()
    kinds, faults, gone = collections.Counter(), [], []
    out = open(args.answers, "w")

    def caller():
        api = Api(args)
        duty = Duty(Api(args))
        while True:
            with lock:
                if not queue:
                    return
                row = queue.popleft()
            try:
                status, answer = api.call("POST", "/v1/tickets", facts(row))
                if status == 201:
                    with lock:
                        out.write(json.dumps({"id": answer["id"], "external_ref": answer["external_ref"]}) + "\n")
                        out.flush()
                    kind, wrong = fault(answer, duty)
                else:
                    kind, wrong = str(status), answer
            except (OSError, http.client.HTTPException) as error:
                gone.append(error)
                return
            with lock:
                kinds[kind] += 1
                if wrong:
                    faults.append((row["external_ref"], wrong))

    started = dt.datetime.now()
    threads = [threading.Thread(target=caller) for _ in range(args.callers)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    seconds = (dt.datetime.now() - started).total_seconds()
    for ref, wrong in faults[:10]:
        print(f"{ref}: {wrong}")
    print(f"{sum(kinds.values())} answers in {seconds:.1f} s: {dict(kinds)}; {len(faults)} wrong"
          + (f"; the daemon went away ({len(gone)} callers noticed)" if gone else ""))
    return 1 if faults else 0


def verify(args):
    api, lost = Api(args), 0
    acknowledged = [json.loads(line) for line in open(args.answers)]
    for ticket in acknowledged:
        status, answer = api.call("GET", f"/v1/tickets/{ticket['id']}")
        if status != 200 or answer["external_ref"] != ticket["external_ref"]:
            lost += 1
            print(f"ticket {ticket['id']} ({ticket['external_ref']}): {status}")
    print(f"{len(acknowledged)} acknowledged, {lost} lost")
    return 1 if lost or not acknowledged else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("post", "verify"):
        command = commands.add_parser(name)
        if name == "post":
            command.add_argument("tickets")
        command.add_argument("answers")
        command.add_argument("--server", default="http://127.0.0.1:8470")
        command.add_argument("--token-file", default="state/admin-token")
        command.add_argument("--callers", type=int, default=8)
        command.add_argument("--first", type=int, default=None)
    args = parser.parse_args()
    sys.exit(post(args) if args.command == "post" else verify(args))
