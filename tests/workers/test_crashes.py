"""A worker dies at every step that it takes, before it or after: what is durable is enough to go
on from, no image is lost, and no call is repeated that may have been paid for (S12, S14)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.attempts.events import AttemptFailed, AttemptGenerated, AttemptOutcomeUnknown
from handlers.models import ModelBusy, ModelFailed, OutcomeLost
from handlers.perform import TRIES
from tests.support.darkroom import Crash, Darkroom, Fuse, Take, darkroom

STEPS = (
    "claim",
    "begin_call",
    "draw",
    "put",  # the staged bytes
    "put",  # the image
    "put",  # its thumbnail
    "append",
    "end_call",
    "finish",
    "delete",
)
BEGUN, DRAWN, STAGED = 2, 3, 4
"""So many steps are taken when the call is begun, made, and its bytes are safe."""


async def test_a_job_is_done_in_these_steps() -> None:
    taken: list[str] = []

    async def noted(name: str, take: Take) -> Any:
        taken.append(name)
        return await take()

    made = await darkroom()
    await made.worker(noted).perform(await made.job())
    assert tuple(taken) == STEPS


@pytest.mark.req("R312")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, len(STEPS) + 1))
async def test_a_death_at_any_step_loses_no_image_and_pays_once(at: int, after: bool) -> None:
    made = await darkroom()
    job = await made.job()
    with pytest.raises(Crash):
        await made.worker(Fuse(at, after)).perform(job)
    taken = at if after else at - 1
    await made.settle()
    (fact,) = await made.endings(job)
    lost = BEGUN <= taken < STAGED
    assert isinstance(fact, AttemptOutcomeUnknown if lost else AttemptGenerated)
    assert len(made.model.orders) == (0 if BEGUN <= taken < DRAWN else 1)
    assert await made.calls(job) == ["unknown" if lost else "done"]
    assert await made.staged() == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, len(STEPS) + 1))
async def test_a_repeatable_call_is_made_again(at: int, after: bool) -> None:
    made = await darkroom(repeatable=True)
    job = await made.job()
    with pytest.raises(Crash):
        await made.worker(Fuse(at, after)).perform(job)
    await made.settle()
    (fact,) = await made.endings(job)
    assert isinstance(fact, AttemptGenerated)
    assert set(await made.calls(job)) <= {"done", "failed"}
    assert await made.staged() == []


async def deaths(
    *script: Exception, repeatable: bool = False
) -> AsyncIterator[tuple[Darkroom, str]]:
    """A job after a worker died on it, for every step at which it can, and time went by."""
    for after in (False, True):
        for at in range(1, 30):
            made = await darkroom(*script, repeatable=repeatable)
            job = await made.job()
            fuse = Fuse(at, after)
            try:
                await made.worker(fuse).perform(job)
            except Crash:
                await made.settle()
                yield made, job
            if fuse.steps < at:
                break


@pytest.mark.req("R312")
async def test_a_refused_order_is_not_sent_again_wherever_the_worker_dies() -> None:
    async for made, job in deaths(ModelFailed("blocked", "yes")):
        (fact,) = await made.endings(job)
        assert isinstance(fact, AttemptFailed | AttemptOutcomeUnknown | AttemptGenerated)
        assert len(made.model.orders) <= 1
        told = isinstance(fact, AttemptOutcomeUnknown)
        assert await made.calls(job) == ["unknown" if told else "failed"]


@pytest.mark.req("R312")
async def test_a_lost_answer_is_not_asked_for_again_wherever_the_worker_dies() -> None:
    async for made, job in deaths(OutcomeLost()):
        (fact,) = await made.endings(job)
        assert isinstance(fact, AttemptOutcomeUnknown)
        assert len(made.model.orders) <= 1
        assert await made.calls(job) == ["unknown"]


async def test_a_busy_model_is_paid_once_wherever_the_worker_dies() -> None:
    async for made, job in deaths(ModelBusy(1)):
        (fact,) = await made.endings(job)
        assert isinstance(fact, AttemptGenerated | AttemptOutcomeUnknown)
        assert len(made.model.orders) <= 2
        assert set(await made.calls(job)) <= {"failed", "done", "unknown"}


async def test_a_job_whose_workers_all_die_is_given_up() -> None:
    """Only a call that costs nothing is made again and again, and that too has an end."""
    made = await darkroom(repeatable=True)
    job = await made.job()
    for _ in range(TRIES):
        with pytest.raises(Crash):
            await made.worker(Fuse(3 if await made.calls(job) == [] else 4)).perform(job)
        made.let_lease_run_out()
    await made.settle()
    (fact,) = await made.endings(job)
    assert isinstance(fact, AttemptFailed)
    assert fact.charge == "no"
    assert await made.calls(job) == ["failed"] * TRIES
