"""Finds what fell through: jobs whose hint was lost or whose worker died, and images that were
staged by a worker that could not report them any more (S11, S14)."""

from msgspec import Struct

from handlers.bus import Bus
from handlers.jobs import Jobs
from handlers.perform import STAGING, Performer
from workers.loop import AWAY

LIMIT = 500
OVERDUE = 10.0
"""Seconds after which a job that nobody took is done here: the bus seems to be away."""
AT_ONCE = 4


class Sweeper(Struct):
    bus: Bus
    jobs: Jobs
    performer: Performer

    async def run_once(self) -> bool:
        """Each of the three is tried although what another one needs is away."""
        trouble: Exception | None = None
        for step in (self._adopt, self._perform_overdue, self._hint):
            try:
                await step()
            except AWAY as error:
                trouble = error
        if trouble is not None:
            raise trouble
        return False

    async def _adopt(self) -> None:
        for key in await self.performer.blobs.keys(STAGING):
            await self.performer.adopt(key.removeprefix(STAGING))

    async def _perform_overdue(self) -> None:
        for job in await self.jobs.ready(AT_ONCE, OVERDUE):
            await self.performer.perform(job)

    async def _hint(self) -> None:
        waiting = await self.jobs.ready(LIMIT)
        if waiting:
            await self.bus.hint(waiting)
