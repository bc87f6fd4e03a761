"""Carries the log to the bus, in order (S9). The bus is a copy: what it lost is sent again."""

from msgspec import Struct

from handlers.bus import Bus
from handlers.jobs import Jobs
from handlers.log import Log

BATCH = 256
CONSUMER = "relay"


class Relay(Struct):
    """`checked` is False until the bus was compared with the cursor; so it is after each
    trouble."""

    log: Log
    bus: Bus
    jobs: Jobs
    checked: bool = False

    async def run_once(self) -> bool:
        head = await self.log.head()
        cursor = await self.jobs.cursor(CONSUMER, head.epoch)
        if not self.checked:
            cursor = await self.reconcile(cursor)
        records = await self.log.feed(cursor, BATCH)
        if not records:
            return False
        try:
            await self.bus.publish(records, head.epoch)
        except Exception:
            self.checked = False
            raise
        await self.jobs.move(CONSUMER, records[-1].position)
        return len(records) == BATCH

    async def reconcile(self, cursor: int) -> int:
        """Goes back to the last event that the bus really has."""
        last = await self.bus.last_position()
        if last < cursor:
            await self.jobs.move(CONSUMER, last)
            cursor = last
        self.checked = True
        return cursor
