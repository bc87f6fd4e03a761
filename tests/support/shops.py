"""A job store with a hand on its clock."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import msgspec
from msgspec import Struct

from adapters.jobs.memory import MemoryJobs
from adapters.jobs.postgres import PostgresJobs
from domain.attempts.events import Order
from domain.values import Tone
from handlers.jobs import Job, JobRequest, Jobs, NewJob
from tests.support.logs import new

ORDER = Order("prop", "lantern", "", (), Tone("noir"), (), "16:9", 7, "a lantern")
REQUEST = JobRequest(None, "lantern", ORDER)
TENANT = new()


def made(id: str | None = None) -> NewJob:
    return NewJob(id or new(), TENANT, new(), new(), None, msgspec.json.encode(REQUEST))


class Shop(Struct):
    """`passes` lets so many seconds go by."""

    jobs: Jobs
    passes: Callable[[float], Awaitable[None]]

    async def new(self) -> str:
        """A job that waits."""
        job = made()
        at = await self.jobs.cursor("reactor", 1)
        assert await self.jobs.add("reactor", at, at, [job])
        return job.id

    async def claimed(self, job: str, lease: float = 60) -> Job:
        found = await self.jobs.claim(job, lease)
        assert found is not None
        return found

    async def begin(self, job: Job) -> str:
        """A call of the job's, begun."""
        call = new()
        assert await self.jobs.begin_call(job, call, "scripted", "s-1", "1.0000")
        return call


@asynccontextmanager
async def shop_on(database: str | None) -> AsyncIterator[Shop]:
    """On the database; in memory where none is named."""
    if database is None:
        clock = [1000.0]

        async def later(seconds: float) -> None:
            clock[0] += seconds

        yield Shop(MemoryJobs(lambda: clock[0], lambda: 0), later)
        return
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:

        async def pretend(seconds: float) -> None:
            """The server's clock cannot be moved, so everything is moved back instead."""
            await pool.execute(
                """update job set run_after = run_after - make_interval(secs => $1),
                                  lease_until = lease_until - make_interval(secs => $1)""",
                seconds,
            )

        yield Shop(PostgresJobs(pool), pretend)
