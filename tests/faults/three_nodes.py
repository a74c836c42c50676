#!/usr/bin/env python3
"""Three daemons in network namespaces of their own, one PostgreSQL, callers at all three. In turn a node is killed, one
stands still (SIGSTOP) for longer than its lock lasts, and one is cut off (its link is down); each comes back.

Prints writes acknowledged, lost and doubled, repeated notices, how late what was due came, and what was answered.
Needs root, PostgreSQL and iproute2. The namespaces carry this process's number and go with it.

Exit code: 0 nothing was lost or doubled, 1 something was, 2 wrong usage.
"""
import argparse, asyncio, json, os, pathlib, random, shutil, signal, subprocess, sys, time

sys.dont_write_bytecode = True

import run as faults
from database import Server
from examine import percentile
from trial import Trial

EXAMPLES = """examples:
  tests/faults/three_nodes.py                                    ten minutes
  tests/faults/three_nodes.py --minutes 3 --json
  tests/faults/three_nodes.py --binary target/release/meridian --seed 7421
"""
# Longer than the database lets a silent node keep the lock. Every third pause and cut also outlasts the lease of
# notices, where there is the time.
SILENT_S, SILENT_LONG_S = 15, 130


class Network:
    """A bridge, and a namespace for each node; all of it is taken away at the end."""

    def __init__(self, nodes):
        self.mark = f"m{os.getpid()}"
        # Not a network that is likely to be in use here.
        self.net = f"10.213.{os.getpid() % 256}"
        self.here = f"{self.net}.1"
        self.bridge = f"{self.mark}br"
        ip("link", "add", self.bridge, "type", "bridge")
        ip("addr", "add", f"{self.here}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")
        self.names = []
        for number in range(nodes):
            name, inside, outside = f"{self.mark}n{number}", f"{self.mark}i{number}", f"{self.mark}o{number}"
            ip("netns", "add", name)
            self.names.append(name)
            ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name)
            ip("link", "set", outside, "master", self.bridge, "up")
            ip("-n", name, "addr", "add", f"{self.address(number)}/24", "dev", inside)
            ip("-n", name, "link", "set", inside, "up")
            ip("-n", name, "link", "set", "lo", "up")

    def address(self, number):
        return f"{self.net}.{number + 2}"

    def link(self, number, state):
        ip("link", "set", f"{self.mark}o{number}", state)

    def close(self):
        for name in self.names:
            ip("netns", "del", name)
        ip("link", "del", self.bridge)


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"ip {' '.join(words)}: {done.stderr.strip()}")


def main():
    args = arguments()
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}", file=sys.stderr)
    # Whoever ends us lets us take away what we have put up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    network = server = None
    try:
        network = Network(3)
        server = Server(listen=[network.here, "5432", f"{network.net}.0/24"])
        result, tally = asyncio.run(minutes(args, network, server, random.Random(seed)))
    finally:
        if server:
            server.close()
        if network:
            network.close()
    said = {"seed": seed, "held": result.held, **result.json(), **tally}
    print(json.dumps(said, indent=1) if args.json else text(result, tally))
    sys.exit(0 if result.held else 1)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, help="the daemon; default: cargo build, and what comes of it")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--callers", type=int, default=24)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--json", action="store_true", help="everything that was counted")
    parser.add_argument("--keep", action="store_true", help="leave the folder behind")
    args = parser.parse_args()
    if os.getuid() != 0:
        parser.error("network namespaces take root")
    if not shutil.which("ip"):
        parser.error("ip is missing; Debian: apt-get install iproute2")
    args.binary = args.binary.resolve() if args.binary else faults.built()
    if not os.access(args.binary, os.X_OK):
        parser.error(f"--binary: {args.binary} cannot be run")
    return args


async def minutes(args, network, server, rng):
    began = time.monotonic()

    def log(line):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{time.monotonic() - began:5.0f} s  {line}", end="", file=sys.stderr, flush=True)

    trial = Trial("three nodes", args.binary, 0, rng, server, keep=args.keep, log=log)
    database = trial.database
    database.url = f"postgres://meridian@{network.here}:5432/{database.called}"
    tally = {"killed": 0, "paused": 0, "cut_off": 0}
    try:
        await trial.pager(host=network.here)
        for number, name in enumerate(network.names):
            await trial.start(host=network.address(number), before=["ip", "netns", "exec", name])
        callers = trial.call(count=args.callers, patience=4)
        ends = began + 60 * args.minutes
        while time.monotonic() < ends - 2 * SILENT_S:
            for fault in (killed, paused, cut_off):
                if time.monotonic() < ends - 2 * SILENT_S:
                    left = ends - time.monotonic()
                    long = trial.runs % 6 in (4, 5) and left > SILENT_LONG_S + 2 * SILENT_S
                    tally[fault.__name__] += 1
                    trial.runs += 1
                    log(f"{fault.__name__.replace('_', ' ')}, {len(callers.books.acknowledged)} writes acknowledged")
                    await fault(trial, network, rng.randrange(3), SILENT_LONG_S if long else SILENT_S)
                    await asyncio.sleep(rng.uniform(2, 5))
        await asyncio.sleep(max(0, ends - time.monotonic()))
        result = await trial.finish(settle=150)
        tally["longest_without_any_answer_seconds"] = round(callers.books.longest_silence, 3)
        return result, tally
    finally:
        trial.end()
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)


async def killed(trial, network, number, silent):
    node = trial.nodes[number]
    node.kill()
    trial.lost_a_lease()
    await asyncio.sleep(trial.rng.uniform(0, 3))
    node.start()
    await node.ready()


async def paused(trial, network, number, silent):
    node = trial.nodes[number]
    node.signal(signal.SIGSTOP)
    trial.lost_a_lease(silent)
    await asyncio.sleep(silent)
    node.signal(signal.SIGCONT)
    await node.ready()


async def cut_off(trial, network, number, silent):
    network.link(number, "down")
    trial.lost_a_lease(silent)
    await asyncio.sleep(silent)
    network.link(number, "up")
    # It has connections of which only it does not know yet that they are dead.
    await trial.nodes[number].ready()


def text(result, tally):
    late, found, answers = result.found.lateness, result.found, result.answers
    rows = [
        ("faults", f"{tally['killed']} killed, {tally['paused']} paused, {tally['cut_off']} cut off, in {result.seconds:.0f} s"),
        ("acknowledged", f"{result.acknowledged:,} writes, on {found.tickets:,} tickets with {found.events:,} events"),
        ("lost", len(found.lost)),
        ("doubled", len(found.doubled)),
        ("broken", len(found.broken)),
        ("repeated notices", f"{found.repeated} of {found.notices:,}"),
        ("lateness of due work", f"p50 {percentile(late, 0.5):.3f} s, p99 {percentile(late, 0.99):.3f} s, "
                                 f"max {max(late, default=0):.3f} s ({len(late):,} offers that ran out)"),
        ("longest without an answer", f"{tally['longest_without_any_answer_seconds']:.2f} s, of all nodes"),
        ("answers", f"{answers[200] + answers[201]:,} 2xx, {answers[409]:,} 409, {answers[503]:,} 503, "
                    f"{answers['none']:,} without an answer"),
    ]
    lines = [f"{name:26} {value}" for name, value in rows]
    return "\n".join([*lines, *found.lines()])


if __name__ == "__main__":
    main()
