"""The disk full under load: a small file system of our own as the place of the database, or where none can be mounted
a limit on the size of files. Writes answer 503, reads go on; there is room again, and so do the writes."""
import asyncio, os, pathlib, resource, shutil, subprocess, tempfile, time

from database import Server, Sqlite

ABOUT = "the disk of the database is full for a while; there is room again"
DATABASES = ["sqlite", "postgres"]
RUNS, QUICK = {"sqlite": 5, "postgres": 3}, {"sqlite": 1}
MEGABYTES = {"sqlite": 96, "postgres": 160}


class Disk:
    """A file system in memory, filled by a file of ours."""

    def __init__(self, megabytes):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="meridian-disk."))
        self.folder.chmod(0o755)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "meridian", self.folder],
                              capture_output=True)
        self.mounted = done.returncode == 0
        self.ballast = self.folder / "ballast"
        self.ballast.touch()

    def fill(self, node):
        if not self.mounted:
            size = max(file.stat().st_size for file in self.folder.glob("**/meridian.db*"))
            return resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        # Unbuffered: nothing is left that closing would still have to write.
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass

    def empty(self, node):
        if not self.mounted:
            return resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        os.truncate(self.ballast, 0)

    def close(self):
        if self.mounted:
            subprocess.run(["umount", self.folder], check=True)
        shutil.rmtree(self.folder)


async def run(trial):
    disk = Disk(MEGABYTES[trial.database.name])
    server = None
    try:
        if trial.database.shared:
            if not disk.mounted:
                raise SystemExit("full on postgres: no file system can be mounted here (it takes root); leave it out")
            trial.database.close()
            server = await asyncio.to_thread(Server, disk.folder)
            trial.database = server.database()
            await trial.start()
        else:
            trial.database = Sqlite(trial.folder, disk.folder / "state")
            # What is written beyond the limit fails, and kills nobody.
            await trial.start(state=disk.folder / "state", before=["env", "--ignore-signal=XFSZ"])
        result = await rounds(trial, disk, server)
        if not (result.held or trial.database.shared):
            shutil.copytree(disk.folder / "state", trial.folder / "disk")
        return result
    finally:
        trial.end()
        if server:
            server.close()
        disk.close()


async def rounds(trial, disk, server):
    callers = trial.call(count=16)
    node = trial.nodes[0]
    for number in range(trial.runs):
        await callers.acknowledged(200)
        trial.log(f"full {number + 1} of {trial.runs}, {len(callers.books.acknowledged)} writes acknowledged")
        refused = callers.books.answers[503]
        trial.lost_a_lease()
        disk.fill(node)
        began = time.monotonic()
        while callers.books.answers[503] < refused + 20:
            if time.monotonic() - began > 30:
                trial.broken("writes were not answered 503 on a full disk")
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(trial.rng.uniform(0.5, 1.5))
        status, said = await node.get("/v1/tickets/1", trial.token)
        if not trial.database.shared and status != 200:
            trial.broken(f"a ticket could not be read on a full disk: {status} {said}")
        status, said = await node.get("/readyz")
        if status != 503:
            trial.broken(f"/readyz says {status} on a full disk: {said}")
        disk.empty(node)
        if server:
            # It may have given up by itself.
            await asyncio.to_thread(server.order, "stop immediate")
            await asyncio.to_thread(server.order, "start")
        began = time.monotonic()
        await callers.acknowledged(1)
        trial.late(time.monotonic() - began, "until writes were taken again")
    trial.more = {"disk": "a small file system" if disk.mounted else "a limit on the size of files"}
    return await trial.finish(settle=140)
