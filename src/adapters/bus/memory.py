"""The bus in memory: the same contract."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from domain.record import Recorded
from handlers.bus import Hint


class MemoryBus:
    def __init__(self) -> None:
        self.published: list[Recorded] = []
        self._waiting: list[str] = []
        self._some = asyncio.Event()

    async def publish(self, records: Sequence[Recorded], epoch: int) -> None:
        known = {record.event_id for record in self.published}
        self.published.extend(r for r in records if r.event_id not in known)

    async def last_position(self) -> int:
        return self.published[-1].position if self.published else 0

    async def hint(self, jobs: Sequence[str]) -> None:
        self._waiting.extend(job for job in jobs if job not in self._waiting)
        self._some.set()

    async def hints(self, limit: int, timeout: float) -> Sequence[Hint]:
        if not self._waiting:
            self._some.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._some.wait(), timeout)
        taken, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return [Hint(job, _done) for job in taken]


async def _done() -> None:
    """Taken is done: memory forgets nothing."""
