"""The receivers of webhooks: one that writes down every delivery, one that never answers, one that answers half."""
import asyncio, collections, json, time


class Pager:
    """Takes notices and remembers, by id, when each came and whom it is for."""

    def __init__(self):
        self.came = collections.defaultdict(list)
        self.what = {}
        self.delay = 0.0
        self.server = None
        self.url = None

    async def open(self, host="127.0.0.1"):
        self.server = await asyncio.start_server(self.serve, host, 0, backlog=1024)
        self.url = f"http://{host}:{self.server.sockets[0].getsockname()[1]}/"
        return self

    async def serve(self, reader, writer):
        try:
            while await self.request(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def request(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        notice = headers["webhook-id"]
        data = json.loads(body)["data"]
        # One message may stand for several notices.
        for one in [each["notice"] for each in data.get("together", [])] or [notice]:
            self.came[one].append(time.time())
            self.what[one] = data
        return await self.answer(writer)

    async def answer(self, writer):
        if self.delay:
            await asyncio.sleep(self.delay)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        return True

    def repeats(self):
        """Deliveries beyond the first of each notice."""
        return sum(len(times) - 1 for times in self.came.values())

    def close(self):
        if self.server:
            self.server.close()


class Silent(Pager):
    """Accepts, reads, and never answers."""

    async def answer(self, writer):
        await asyncio.sleep(3600)


class Half(Pager):
    """Begins an answer and never ends it."""

    async def answer(self, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-le")
        await writer.drain()
        await asyncio.sleep(3600)
