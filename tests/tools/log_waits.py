#!/usr/bin/env python3
"""What the incident log in ../shared/data says of its own waits, to be read beside a simulated report of its tickets.

    log_waits.py [LOG.csv.gz]

Figures are over incidents: time from the first change to the first that says somebody is on it (Accepted), time spent
in queues (from each Queued to the next other status), time to the first Completed, moves between teams, returns to a
team that had been left, and owners in more than one country. Percentiles are by nearest rank.
"""
import collections
import csv
import datetime as dt
import gzip
import math
import pathlib
import sys

LOG = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data" / "volvo-it-incidents-2013.csv.gz"


def load(path):
    if not path.exists():
        sys.exit(f"{path.name} is missing: name the log as the argument")
    incidents = collections.defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            row["at"] = dt.datetime.fromisoformat(row["at"])
            incidents[row["ticket"]].append(row)
    for rows in incidents.values():
        rows.sort(key=lambda row: row["at"])
    return incidents


def hours(since, until):
    return (until - since).total_seconds() / 3600


def words(value):
    if value < 1:
        return f"{value * 60:.0f} min"
    return f"{value:.1f} h" if value < 48 else f"{value / 24:.1f} d"


def told(name, values):
    values = sorted(values)

    def rank(share):
        return values[max(0, math.ceil(share * len(values)) - 1)]

    mean = sum(values) / len(values)
    print(f"{name:<34}{len(values):>7}  {words(rank(0.5)):>9}{words(rank(0.9)):>10}{words(mean):>10}")


def first(rows, status):
    return next((row["at"] for row in rows if row["status"] == status), None)


def main():
    incidents = load(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else LOG)
    taken, queued, waits, done = [], [], [], []
    moves = returned = abroad = 0
    for rows in incidents.values():
        opened = rows[0]["at"]
        if (at := first(rows, "Accepted")) is not None:
            taken.append(hours(opened, at))
        if (at := first(rows, "Completed")) is not None:
            done.append(hours(opened, at))
        in_queue, since = 0.0, None
        for row in rows:
            if row["status"] == "Queued" and since is None:
                since = row["at"]
            elif row["status"] != "Queued" and since is not None:
                waits.append(hours(since, row["at"]))
                in_queue, since = in_queue + waits[-1], None
        queued.append(in_queue)
        teams = [row["team"] for row in rows]
        changes = [new for old, new in zip(teams, teams[1:]) if old != new]
        moves += len(changes)
        left = set()
        came_back = False
        for old, new in zip(teams, teams[1:]):
            if old != new:
                left.add(old)
                came_back |= new in left
        returned += came_back
        # The log gives one country of teams to a whole incident; that of the owner tells where it went.
        abroad += len({row["owner_country"] for row in rows} - {"0"}) > 1
    print(f"{'':<34}{'count':>7}  {'median':>9}{'p90':>10}{'mean':>10}")
    told("until somebody is on it", taken)
    told("each wait in a queue", waits)
    told("in queues, whole incident", queued)
    told("until completed", done)
    total = len(incidents)
    print(f"moves between teams: {moves} ({moves / total:.2f} an incident)")
    print(f"came back to a team they had left: {returned} ({100 * returned / total:.1f} %)")
    print(f"owners in more than one country: {abroad} ({100 * abroad / total:.1f} %)")


if __name__ == "__main__":
    main()
