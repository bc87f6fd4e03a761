"""Commands to a log, made short: `Pen` writes events of one workspace, `opened` makes the adapters
that a conformance suite runs on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from uuid import uuid4

import asyncpg

from adapters.store.memory import MemoryLog
from adapters.store.postgres import PostgresLog
from domain.record import Recorded
from handlers.chain import Verifier
from handlers.log import Append, Appended, Log, NewEvent, Write


def new() -> str:
    return str(uuid4())


def event(word: str = "said", type: str = "test.said") -> NewEvent:
    payload = f'{{"word":"{word}"}}'.encode()
    return NewEvent(new(), type, 1, payload, b'{"time":"","actor":"","command":""}')


def events(count: int, word: str = "said") -> tuple[NewEvent, ...]:
    return tuple(event(f"{word}{number}") for number in range(1, count + 1))


class Pen:
    """Writes as one workspace, in one project."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.tenant = new()
        self.project = new()

    def command(self, *writes: Write, id: str | None = None, body: str = "") -> Append:
        id = id or new()
        fingerprint = sha256(body.encode()).digest()
        return Append(self.tenant, id, fingerprint, b'{"answer":1}', writes)

    def opening(self, stream: str, count: int, word: str = "said") -> Write:
        return Write(stream, 0, events(count, word), self.project, opens=True)

    def forking(self, child: str, parent: str, at: int, count: int, word: str = "said") -> Write:
        return Write(child, at, events(count, word), self.project, True, parent)

    def writing(self, stream: str, expected: int, count: int, word: str = "said") -> Write:
        return Write(stream, expected, events(count, word), self.project)

    async def send(self, *writes: Write) -> Appended:
        return await self.log.append(self.command(*writes))

    async def open(self, count: int, word: str = "said") -> str:
        """A new stream with so many events."""
        stream = new()
        await self.send(self.opening(stream, count, word))
        return stream

    async def fork(self, parent: str, at: int, count: int, word: str = "said") -> str:
        child = new()
        await self.send(self.forking(child, parent, at, count, word))
        return child


def words(records: list[Recorded]) -> list[str]:
    return [record.payload.decode().split('"')[3] for record in records]


async def verified(log: Log) -> list[Recorded]:
    """The whole log, checked against its chain and its head."""
    found = list(await log.feed(0, 100_000))
    verifier = Verifier()
    verifier.check(found)
    head = await log.head()
    verifier.finish(head.position, head.hash)
    return found


@asynccontextmanager
async def opened(database: str | None) -> AsyncIterator[Log]:
    """A log on the database; in memory where none is named."""
    if database is None:
        yield MemoryLog()
        return
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        log = PostgresLog(pool, database)
        await log.start()
        try:
            yield log
        finally:
            await log.stop()
