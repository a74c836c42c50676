#!/usr/bin/env python3
"""Fault tests: real daemons under real load over HTTP, and a fault.

Callers open tickets and see to them, each write with an Idempotency-Key that is repeated until somebody says what
became of it; a receiver of webhooks writes down every notice. After each fault the database itself is read:

  lost               acknowledged writes without their event, ticket or key; notices neither delivered nor given up;
                     notices that were sent and of which there is no trace
  double decisions   one Idempotency-Key with two effects, or an effect elsewhere than answered; events of a ticket not
                     numbered 1 to n; the same offer made or ended twice; a ticket handed over twice at one boundary;
                     a person told the same of one instant under two ids; a notice that came more often than leases
                     were lost while it was under way
  repeated notices   deliveries beyond the first under the same id: at most one for each lease that was lost
  longest delay      how late the latest of what was due came, or what the last column says
  broken             anything else that must hold: nothing overdue, nothing refused and done all the same, no answer
                     but 2xx, 409 and 503, no panic; what `meridian doctor` finds

Exit code: 0 everything held, 1 something did not, 2 wrong usage.
"""
import argparse, asyncio, importlib, json, os, pathlib, random, subprocess, sys, time

sys.dont_write_bytecode = True

from daemon import ORGANISATION, DoesNotWork
from database import Server
from trial import Trial

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FAULTS = ["kill", "pause", "outage", "full", "clock", "poison", "hang", "boundary", "swap"]
AT_ONCE = 4
EXAMPLES = """examples:
  tests/faults/run.py                                             everything, some hundred rounds
  tests/faults/run.py --only kill --database sqlite --runs 1000 --writes 150
                                                               one fault, for long
  tests/faults/run.py --quick --json                              each fault once or so
  tests/faults/run.py --seed 7421                                 the same chances again
"""


def main():
    modules = {name: importlib.import_module(name) for name in FAULTS}
    args = arguments(modules)
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}", file=sys.stderr)
    results = asyncio.run(everything(args, modules, seed))
    if args.json:
        print(json.dumps({"seed": seed, "held": all(result.held for result in results),
                          "faults": [result.json() for result in results]}, indent=1))
    else:
        print(table(results))
        for result in results:
            for line in result.found.lines():
                print(f"{result.fault} on {result.database}: {line}")
    sys.exit(0 if all(result.held for result in results) else 1)


def arguments(modules):
    faults = "\n".join(f"  {name:9} {module.ABOUT}" for name, module in modules.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"faults:\n{faults}\n\n{EXAMPLES}", formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, help="the daemon; default: cargo build, and what comes of it")
    parser.add_argument("--only", action="append", choices=FAULTS, metavar="FAULT", help="this one; may be repeated")
    parser.add_argument("--database", choices=["sqlite", "postgres"], help="on this one only")
    parser.add_argument("--runs", type=int, help="so many rounds of each fault")
    parser.add_argument("--writes", type=int, default=0, help="kill: at least so many are acknowledged between two kills")
    parser.add_argument("--quick", action="store_true", help="few rounds, small numbers, several at once; without the disk full beneath PostgreSQL, "
                        "as that mounts a file system")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--json", action="store_true", help="everything that was counted")
    parser.add_argument("--keep", action="store_true", help="leave the folders of every trial behind")
    args = parser.parse_args()
    if args.runs is not None and args.runs < 1:
        parser.error("--runs: at least 1")
    args.binary = args.binary.resolve() if args.binary else built()
    if not os.access(args.binary, os.X_OK):
        parser.error(f"--binary: {args.binary} cannot be run")
    return args


def built():
    subprocess.run(["cargo", "build", "--locked", "--quiet"], cwd=ROOT, check=True)
    said = subprocess.run(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, check=True, capture_output=True)
    return pathlib.Path(json.loads(said.stdout)["target_directory"]) / "debug" / "meridian"


async def everything(args, modules, seed):
    """In the order of the table; quickly, several at once, as most of the time is spent waiting."""
    trials = []
    for name in args.only or FAULTS:
        module = modules[name]
        for database in module.QUICK if args.quick else module.DATABASES:
            if args.database in (None, database):
                trials.append((name, module, database))
    if not trials:
        raise SystemExit("nothing to do: that fault is not tried on that database")
    server = Server() if any(database == "postgres" for *_, database in trials) else None
    places = asyncio.Semaphore(AT_ONCE if args.quick else 1)

    async def placed(trial):
        async with places:
            return await one(args, *trial, server, seed)

    try:
        return await asyncio.gather(*map(placed, trials))
    finally:
        if server:
            server.close()


async def one(args, name, module, database, server, seed):
    began = time.monotonic()

    def log(text):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{time.monotonic() - began:5.0f} s  {name} on {database}: {text}", end="", file=sys.stderr, flush=True)

    runs = args.runs or (module.QUICK if args.quick else module.RUNS)[database]
    # Its own chances, whatever runs beside it.
    rng = random.Random(f"{seed} {name} {database}")
    trial = Trial(name, args.binary, runs, rng, server if database == "postgres" else None,
                  getattr(module, "ORGANISATION", ORGANISATION), args.keep, log)
    trial.quick, trial.writes = args.quick, args.writes
    try:
        return await module.run(trial)
    except DoesNotWork as error:
        trial.broken(str(error))
        return await trial.given_up()
    finally:
        trial.end()
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)


def table(results):
    heads = ["fault", "database", "runs", "acknowledged", "lost", "double decisions", "repeated notices", "broken",
             "longest delay"]
    rows = [[result.fault, result.database, f"{result.runs}", f"{result.acknowledged:,}", f"{len(result.found.lost)}",
             f"{len(result.found.doubled)}", f"{result.found.repeated}", f"{len(result.found.broken)}",
             f"{result.longest_s:.2f} s, {result.longest_of}"] for result in results]
    rows.append(["together", "", f"{sum(r.runs for r in results):,}", f"{sum(r.acknowledged for r in results):,}",
                 *(f"{sum(len(getattr(r.found, name)) for r in results)}" for name in ("lost", "doubled")),
                 f"{sum(r.found.repeated for r in results)}", f"{sum(len(r.found.broken) for r in results)}", ""])
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    number = [False, False, True, True, True, True, True, True, False]
    line = lambda row: "  ".join(f"{cell:>{width}}" if right else f"{cell:<{width}}"
                                 for cell, width, right in zip(row, widths, number)).rstrip()
    return "\n".join([line(heads), *map(line, rows)])


if __name__ == "__main__":
    main()
