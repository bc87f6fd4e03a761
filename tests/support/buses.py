"""A bus with a look behind it: what it holds, and what it loses."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import nats
from msgspec import Struct
from nats.js.errors import NotFoundError

from adapters.bus.memory import MemoryBus
from adapters.bus.nats import EVENTS, JOBS, NatsBus
from adapters.jobs.memory import MemoryJobs
from adapters.store.memory import MemoryLog
from domain.record import Recorded
from handlers.bus import Bus, BusUnavailable
from tests.support.logs import Pen
from workers.relay import Relay


class Line(Struct):
    """`admin` is the JetStream behind the bus; None where there is none."""

    bus: Bus
    admin: Any = None

    async def stored(self) -> list[int]:
        """The positions that the bus holds, in its order."""
        if isinstance(self.bus, MemoryBus):
            return [record.position for record in self.bus.published]
        messages = await self._messages()
        return [int(message.headers["Pos"]) for message in messages]

    async def _messages(self) -> list[Any]:
        state = (await self.admin.stream_info(EVENTS)).state
        found = []
        for sequence in range(state.first_seq, state.last_seq + 1):
            try:
                found.append(await self.admin.get_msg(EVENTS, sequence))
            except NotFoundError:
                continue
        return found

    async def lose(self, *positions: int) -> None:
        for message in await self._messages():
            if int(message.headers["Pos"]) in positions:
                await self.admin.delete_msg(EVENTS, message.seq)

    async def lose_all(self) -> None:
        await self.admin.purge_stream(EVENTS)


@asynccontextmanager
async def line_to(url: str | None) -> AsyncIterator[Line]:
    """To an empty NATS; in memory where none is named."""
    if url is None:
        yield Line(MemoryBus())
        return
    client = await nats.connect(url)
    admin = client.jetstream()
    bus = NatsBus(url)
    await bus.start()
    await admin.delete_stream(EVENTS)  # a purge would keep its memory of ids
    await admin.purge_stream(JOBS)
    await bus.stop()
    await bus.start()
    try:
        yield Line(bus, admin)
    finally:
        await bus.stop()
        await client.close()


async def history(count: int) -> tuple[MemoryLog, Sequence[Recorded]]:
    """A log of so many events."""
    log = MemoryLog()
    await Pen(log).open(count)
    return log, await log.feed(0, count)


def relay_of(log: MemoryLog, bus: Bus) -> Relay:
    return Relay(log, bus, MemoryJobs(lambda: 0.0, log.mark))


async def carry(relay: Relay, tries: int = 5) -> None:
    """As the worker's loop does: a bus that is away is tried again."""
    for _ in range(tries):
        try:
            while await relay.run_once():
                pass
        except BusUnavailable:
            continue
        return
    raise AssertionError("the relay does not get through")
