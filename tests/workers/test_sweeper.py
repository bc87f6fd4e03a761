"""What falls through is found: without the bus, and without anyone else."""

import pytest

from handlers.bus import BusUnavailable
from tests.support.darkroom import darkroom
from workers.sweeper import OVERDUE, Sweeper


class Silent:
    async def hint(self, jobs: object) -> None:
        raise BusUnavailable("gone")


@pytest.mark.req("R312")
async def test_jobs_are_done_although_the_bus_is_away() -> None:
    world = await darkroom()
    job = await world.job()
    sweeper = Sweeper(Silent(), world.system.jobs, world.worker())  # type: ignore[arg-type]
    with pytest.raises(BusUnavailable):
        await sweeper.run_once()
    assert await world.endings(job) == []  # a moment's silence is nothing
    world.clock.advance(2 * OVERDUE)
    await sweeper.run_once()
    assert len(await world.endings(job)) == 1
