"""Turns facts into jobs, by the table of reactions."""

from msgspec import Struct

from domain.catalogue import tag_of
from domain.record import tell
from handlers.bus import Bus
from handlers.jobs import REACTIONS, Jobs
from handlers.log import Log

BATCH = 500
CONSUMER = "reactor"
TAGS = {tag_of(fact): react for fact, react in REACTIONS.items()}


class Reactor(Struct):
    log: Log
    bus: Bus
    jobs: Jobs

    async def run_once(self) -> bool:
        head = await self.log.head()
        cursor = await self.jobs.cursor(CONSUMER, head.epoch)
        records = await self.log.feed(cursor, BATCH)
        if not records:
            return False
        jobs = [TAGS[record.type](tell(record)) for record in records if record.type in TAGS]
        added = await self.jobs.add(CONSUMER, cursor, records[-1].position, jobs)
        if added and jobs:
            await self.bus.hint([job.id for job in jobs])
        return True
