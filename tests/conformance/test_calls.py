"""Paid calls: known before they are made, and what became of each."""

from typing import get_args

import pytest

from handlers.jobs import Call, CallState
from tests.support.logs import new
from tests.support.shops import REQUEST, Shop

LATE: tuple[CallState, ...] = ("failed", "unknown")


async def test_a_call_is_known_before_it_is_made(shop: Shop) -> None:
    job = await shop.claimed(await shop.new())
    one = await shop.begin(job)
    assert await shop.jobs.calls(job.id) == [Call(one, job.id, "started")]
    await shop.jobs.end_call(one, "failed")
    two = await shop.begin(job)
    assert list(await shop.jobs.calls(job.id)) == [
        Call(one, job.id, "failed"),
        Call(two, job.id, "started"),
    ]
    assert await shop.jobs.count_calls() == 2


async def test_each_call_is_a_try_unless_it_is_taken_back(shop: Shop) -> None:
    job = await shop.claimed(await shop.new())
    await shop.begin(job)
    await shop.jobs.again(job, 0, tried=True)
    await shop.passes(1)
    job = await shop.claimed(job.id)
    assert job.tries == 1
    await shop.begin(job)
    await shop.jobs.again(job, 0, tried=False)
    await shop.passes(1)
    assert (await shop.claimed(job.id)).tries == 1


async def test_who_lost_the_lease_may_not_call(shop: Shop) -> None:
    first = await shop.claimed(await shop.new())
    await shop.passes(61)
    second = await shop.claimed(first.id)
    assert not await shop.jobs.begin_call(first, new(), "scripted", "s-1", "1.0000")
    await shop.begin(second)
    await shop.jobs.finish(first.id)
    assert not await shop.jobs.begin_call(second, new(), "scripted", "s-1", "1.0000")
    assert await shop.jobs.count_calls() == 1


@pytest.mark.parametrize("first", ["failed", "unknown"])
async def test_how_a_call_ended_is_told_once(shop: Shop, first: CallState) -> None:
    """Of two who tell it, one a worker that lost its lease, the second learns that it was told."""
    job = await shop.claimed(await shop.new())
    call = await shop.begin(job)
    assert await shop.jobs.end_call(call, first)
    for late in LATE:
        assert not await shop.jobs.end_call(call, late)
    assert await shop.jobs.calls(job.id) == [Call(call, job.id, first)]
    assert not await shop.jobs.end_call(new(), "failed")


@pytest.mark.parametrize("before", ["failed", "unknown"])
async def test_an_image_may_come_of_a_call_that_was_given_up(shop: Shop, before: CallState) -> None:
    job = await shop.claimed(await shop.new())
    call = await shop.begin(job)
    await shop.jobs.end_call(call, before)
    assert await shop.jobs.end_call(call, "done")
    for late in get_args(CallState):
        assert not await shop.jobs.end_call(call, late)
    assert await shop.jobs.calls(job.id) == [Call(call, job.id, "done")]


async def test_a_call_is_orphaned_when_nobody_works_on_its_job(shop: Shop) -> None:
    job = await shop.claimed(await shop.new())
    assert await shop.jobs.orphaned(new()) is None
    call = await shop.begin(job)
    assert await shop.jobs.orphaned(call) is None
    await shop.passes(61)
    orphan = await shop.jobs.orphaned(call)
    assert orphan is not None
    assert (orphan.id, orphan.request) == (job.id, REQUEST)
    await shop.claimed(job.id)
    assert await shop.jobs.orphaned(call) is None
    await shop.jobs.finish(job.id)
    assert await shop.jobs.orphaned(call) is not None
