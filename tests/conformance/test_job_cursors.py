"""How consumers of the log keep their place, and make jobs with it in one transaction."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.jobs.memory import MemoryJobs
from adapters.jobs.postgres import PostgresJobs
from handlers.jobs import CursorBeyond, Jobs
from handlers.log import Log
from tests.support.logs import Pen
from tests.support.shops import made


@pytest.fixture
async def jobs(where: str | None, log: Log, pen: Pen) -> AsyncIterator[Jobs]:
    """On a log of ten events."""
    await pen.open(10)
    if where is None:
        yield MemoryJobs(lambda: 1000.0, log.mark)
        return
    async with asyncpg.create_pool(where, min_size=1, max_size=4) as pool:
        yield PostgresJobs(pool)


async def test_a_consumer_starts_at_the_beginning(jobs: Jobs) -> None:
    assert await jobs.cursor("reactor", 1) == 0
    assert await jobs.cursor("relay", 1) == 0


async def test_a_cursor_moves_with_the_jobs_that_it_makes(jobs: Jobs) -> None:
    await jobs.cursor("reactor", 1)
    one, two = made(), made()
    assert await jobs.add("reactor", 0, 4, [one])
    assert await jobs.add("reactor", 4, 7, [])
    assert await jobs.add("reactor", 7, 9, [two])
    assert await jobs.cursor("reactor", 1) == 9
    assert set(await jobs.ready(10)) == {one.id, two.id}


async def test_a_second_reactor_makes_nothing(jobs: Jobs) -> None:
    await jobs.cursor("reactor", 1)
    assert await jobs.add("reactor", 0, 4, [made()])
    assert not await jobs.add("reactor", 0, 5, [made()])
    assert not await jobs.add("never heard of", 0, 5, [made()])
    assert await jobs.cursor("reactor", 1) == 4
    assert len(await jobs.ready(10)) == 1


@pytest.mark.req("R267")
async def test_a_job_that_is_there_stays_as_it_is(jobs: Jobs) -> None:
    """A reactor that goes over the log again makes no job twice."""
    await jobs.cursor("reactor", 1)
    job = made()
    assert await jobs.add("reactor", 0, 4, [job])
    await jobs.claim(job.id, 60)
    await jobs.finish(job.id)
    assert await jobs.add("reactor", 4, 5, [made(job.id)])
    assert await jobs.ready(10) == []


async def test_a_cursor_may_be_moved_back(jobs: Jobs) -> None:
    await jobs.cursor("relay", 1)
    await jobs.move("relay", 8)
    assert await jobs.cursor("relay", 1) == 8
    await jobs.move("relay", 3)
    assert await jobs.cursor("relay", 1) == 3


async def test_a_consumer_that_has_seen_more_than_there_is_stops(jobs: Jobs) -> None:
    await jobs.cursor("relay", 1)
    await jobs.move("relay", 10)
    assert await jobs.cursor("relay", 1) == 10
    await jobs.move("relay", 11)
    with pytest.raises(CursorBeyond):
        await jobs.cursor("relay", 1)


async def test_a_consumer_of_another_epoch_stops(jobs: Jobs) -> None:
    await jobs.cursor("relay", 1)
    await jobs.move("relay", 5)
    with pytest.raises(CursorBeyond):
        await jobs.cursor("relay", 2)
    assert await jobs.cursor("relay", 1) == 5
