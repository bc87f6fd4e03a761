"""Finds what fell through: jobs whose hint was lost or whose worker died, and images that were
staged by a worker that could not report them any more (S11, S14)."""

from msgspec import Struct

from handlers.bus import Bus
from handlers.jobs import Jobs
from handlers.perform import STAGING, Performer

LIMIT = 500


class Sweeper(Struct):
    bus: Bus
    jobs: Jobs
    performer: Performer

    async def run_once(self) -> bool:
        waiting = await self.jobs.ready(LIMIT)
        if waiting:
            await self.bus.hint(waiting)
        for key in await self.performer.blobs.keys(STAGING):
            await self.performer.adopt(key.removeprefix(STAGING))
        return False
