"""Results that come twice, or when their place is gone: recorded, paid for, and never in the way
(see domain/attempts/decide.py)."""

from typing import Any

import pytest

from adapters.bus.memory import MemoryBus
from domain.attempts.events import (
    AttemptGenerated,
    AttemptLateResultAdopted,
    AttemptOutcomeUnknown,
)
from domain.branch import Fact
from domain.instances.events import InstanceRemoved
from domain.scenes.events import SceneRemoved
from domain.stages.events import StageLocked
from handlers.perform import STAGING
from tests.support.darkroom import Crash, Darkroom, Fuse, Take, darkroom
from tests.support.films import ASSET, KITCHEN
from workers.images import Images


async def stage_late(made: Darkroom, job: str) -> str:
    """A worker that stalls in its call while another gives the job up, and dies after it staged
    what came. The call is named."""

    async def stall(name: str, take: Take) -> Any:
        result = await take()
        if name == "draw":
            made.let_lease_run_out()
            await made.worker().perform(job)
        if name == "put":
            raise Crash(name)
        return result

    with pytest.raises(Crash):
        await made.worker(stall).perform(job)
    (key,) = await made.staged()
    return key.removeprefix(STAGING)


@pytest.mark.req("R310")
async def test_a_late_image_is_adopted_by_the_sweeper_and_not_selected() -> None:
    made = await darkroom()
    job = await made.job()
    call = await stage_late(made, job)
    assert [type(fact) for fact in await made.endings(job)] == [AttemptOutcomeUnknown]
    await made.sweep()
    _, image = await made.endings(job)
    assert isinstance(image, AttemptGenerated)
    assert image.call == call
    assert (await made.film.attempts(), await made.film.selected()) == ([job], None)
    assert (await made.calls(job), await made.staged()) == (["done"], [])
    assert len(made.model.orders) == 1


async def test_a_second_image_of_a_repeatable_model_is_kept_outside_the_carousel() -> None:
    made = await darkroom(repeatable=True)
    job = await made.job()
    await stage_late(made, job)
    await made.sweep()
    first, second = await made.endings(job)
    assert isinstance(first, AttemptGenerated)
    assert isinstance(second, AttemptLateResultAdopted)
    assert (await made.film.attempts(), await made.film.selected()) == ([job], job)


@pytest.mark.parametrize("steps_after", [0, 1, 2, 3, 4, 5, 6])
async def test_a_late_image_is_adopted_once_wherever_the_sweeper_dies(steps_after: int) -> None:
    made = await darkroom()
    job = await made.job()
    await stage_late(made, job)
    fuse = Fuse(steps_after, after=True)
    try:
        await made.sweep(made.worker(fuse))
    except Crash:
        assert steps_after
    await made.sweep()
    await made.sweep()
    assert len(await made.endings(job)) == 2
    assert await made.staged() == []


@pytest.mark.req("R309")
async def test_a_job_that_is_hinted_at_twice_makes_one_attempt() -> None:
    made = await darkroom()
    job = await made.job()
    bus = MemoryBus()
    await bus.hint([job, job, job])
    workers = [Images(bus, made.worker()) for _ in range(2)]
    for worker in workers:
        await worker.run_once()
    assert (await made.film.attempts(), len(made.model.orders)) == ([job], 1)


@pytest.mark.req("R309")
async def test_a_completion_that_comes_twice_makes_one_attempt() -> None:
    """The worker stalls before it reports; the sweeper reports for it."""
    made = await darkroom()
    job = await made.job()

    async def stall(name: str, take: Take) -> Any:
        if name == "append":
            made.let_lease_run_out()
            await made.sweep()
        return await take()

    await made.worker(stall).perform(job)
    await made.settle()
    assert len(await made.endings(job)) == 1
    assert await made.film.attempts() == [job]
    assert (await made.calls(job), await made.staged()) == (["done"], [])


GONE = (InstanceRemoved(KITCHEN, ASSET), SceneRemoved(KITCHEN))


@pytest.mark.req("R310")
@pytest.mark.parametrize("gone", GONE, ids=lambda fact: type(fact).__name__)
async def test_a_result_whose_place_is_gone_is_kept_and_brings_nothing_back(gone: Fact) -> None:
    made = await darkroom()
    job = await made.job()
    await made.film.given(gone)
    before = await made.film.state()
    await made.worker().perform(job)
    (fact,) = await made.endings(job)
    assert isinstance(fact, AttemptLateResultAdopted)
    assert (await made.film.attempts(), await made.film.selected()) == ([], None)
    after = await made.film.state()
    assert (after.scenes, after.instances) == (before.scenes, before.instances)


@pytest.mark.req("R310")
async def test_a_result_for_a_locked_scene_is_recorded_and_not_selected() -> None:
    made = await darkroom()
    first, second = await made.job(), await made.job()
    await made.worker().perform(first)
    await made.film.given(StageLocked(8, KITCHEN))
    await made.worker().perform(second)
    assert (await made.film.attempts(), await made.film.selected()) == ([first, second], first)


@pytest.mark.req("R310")
async def test_an_image_that_is_late_for_a_full_carousel_evicts_nothing() -> None:
    made = await darkroom()
    job = await made.job()
    call = await stage_late(made, job)
    full = [await made.job() for _ in range(8)]
    for each in full:
        await made.worker().perform(each)
    await made.sweep()
    assert (await made.film.attempts(), await made.film.selected()) == (full, full[-1])
    _, late = await made.endings(job)
    assert isinstance(late, AttemptLateResultAdopted)
    assert late.call == call
