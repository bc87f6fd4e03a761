"""A worker's hold on its job while it draws, and while servers are away."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.bus.memory import MemoryBus
from adapters.models.scripted import ScriptedModel
from domain.attempts.events import AttemptGenerated, Order
from handlers.blobs import BlobsUnavailable
from handlers.models import Drawn
from handlers.perform import LEASE, STAGING, Performer
from tests.support.darkroom import Crash, Fuse, Take, darkroom
from workers.images import Images

SHORT = 0.03
"""A lease in real seconds, where the heartbeat's own sleep is waited for."""


class Slow(ScriptedModel):
    """Draws until it is told that it is enough."""

    def __init__(self) -> None:
        super().__init__()
        self.enough = asyncio.Event()

    async def draw(self, order: Order, references: Sequence[bytes]) -> Drawn:
        await self.enough.wait()
        return await super().draw(order, references)


class Beaten:
    """Jobs whose heartbeat is counted, and fails for the first times."""

    def __init__(self, jobs: Any, failures: int, slow: Slow) -> None:
        self._jobs = jobs
        self._failures = failures
        self._slow = slow
        self.beats = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jobs, name)

    async def heartbeat(self, job: Any, lease: float) -> bool:
        self.beats += 1
        if self.beats <= self._failures:
            raise OSError("the line is down")
        if self.beats == self._failures + 3:
            self._slow.enough.set()
        kept: bool = await self._jobs.heartbeat(job, lease)
        return kept


@pytest.mark.parametrize("failures", [0, 2])
async def test_a_heart_beats_while_a_slow_model_draws(failures: int) -> None:
    made, slow = await darkroom(), Slow()
    job = await made.job()
    jobs: Any = Beaten(made.system.jobs, failures, slow)
    worker = replace(made.worker(model=slow), jobs=jobs, lease=SHORT)
    await asyncio.wait_for(worker.perform(job), 30)
    assert jobs.beats >= failures + 3
    assert await made.film.selected() == job


async def test_a_worker_that_lost_its_job_before_the_call_makes_none() -> None:
    made = await darkroom()
    job = await made.job()

    async def stall(name: str, take: Take) -> Any:
        if name == "begin_call":
            made.clock.advance(2 * LEASE)
            await made.worker().perform(job)
        return await take()

    assert await made.worker(stall).perform(job)
    assert len(made.model.orders) == 1
    assert len(await made.endings(job)) == 1


async def test_a_worker_that_comes_back_late_reports_for_itself() -> None:
    """It lost its job in the call; the other one told that the outcome is not known."""
    made = await darkroom()
    job = await made.job()

    async def stall(name: str, take: Take) -> Any:
        result = await take()
        if name == "draw":
            made.let_lease_run_out()
            await made.worker().perform(job)
        return result

    await made.worker(stall).perform(job)
    _, image = await made.endings(job)
    assert isinstance(image, AttemptGenerated)
    assert (await made.film.attempts(), await made.film.selected()) == ([job], None)
    assert (await made.calls(job), await made.staged()) == (["done"], [])


async def test_the_one_who_gave_up_a_call_that_was_done_meanwhile_changes_nothing() -> None:
    """It looked before the bytes were there, and tells what it saw after they were reported."""
    made = await darkroom()
    job = await made.job()

    drawn, go_on = asyncio.Event(), asyncio.Event()

    async def slow(name: str, take: Take) -> Any:
        result = await take()
        if name == "draw":
            drawn.set()
            await go_on.wait()
        return result

    async def overtaken(name: str, take: Take) -> Any:
        if name == "append":
            go_on.set()
            await first
        return await take()

    first = asyncio.create_task(made.worker(slow).perform(job))
    await drawn.wait()
    made.let_lease_run_out()
    await made.worker(overtaken).perform(job)
    (image,) = await made.endings(job)
    assert isinstance(image, AttemptGenerated)
    assert await made.calls(job) == ["done"]


class Away:
    """Blobs that are away for the first puts of staged bytes."""

    def __init__(self, blobs: Any, times: int) -> None:
        self._blobs = blobs
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)

    async def put(self, key: str, body: bytes, media_type: str) -> None:
        if key.startswith(STAGING) and self._times:
            self._times -= 1
            raise BlobsUnavailable("away")
        await self._blobs.put(key, body, media_type)


async def test_an_image_in_hand_is_held_until_the_store_is_back() -> None:
    made = await darkroom()
    job = await made.job()
    blobs: Any = Away(made.system.blobs, 5)
    await replace(made.worker(), blobs=blobs, lease=SHORT).perform(job)
    assert await made.film.selected() == job
    assert len(made.model.orders) == 1


@pytest.mark.req("R276")
async def test_one_failing_job_does_not_stop_the_others() -> None:
    made = await darkroom()
    broken, good = await made.job("kitchen"), await made.job("cellar")
    bus = MemoryBus()
    await bus.hint([broken, good])

    async def fails(name: str, take: Take) -> Any:
        raise Crash(name)

    class Half(Performer, frozen=True):
        async def perform(self, job_id: str) -> bool:
            performer = made.worker(fails) if job_id == broken else made.worker()
            return await performer.perform(job_id)

    with pytest.raises(Crash):
        await Images(bus, made.worker(sort=Half)).run_once()
    assert await made.film.selected("cellar") == good
    await made.settle()
    assert await made.film.selected("kitchen") == broken


@pytest.mark.req("R312")
async def test_a_job_whose_hint_was_lost_is_found_by_the_sweeper() -> None:
    made = await darkroom()
    job = await made.job()
    made.system.bus = MemoryBus()
    await made.sweep()
    (hint,) = await made.system.bus.hints(5, 1)
    assert hint.job == job


async def test_the_bytes_of_a_worker_at_work_are_left_to_it() -> None:
    made = await darkroom()
    job = await made.job()
    with pytest.raises(Crash):
        await made.worker(Fuse(4, after=True)).perform(job)
    await made.sweep()
    assert (len(await made.staged()), await made.endings(job)) == (1, [])
    made.let_lease_run_out()
    await made.sweep()
    assert (await made.staged(), len(await made.endings(job))) == ([], 1)
