"""Jobs: who holds one, for how long, and when its time has come."""

from tests.support.logs import new
from tests.support.shops import REQUEST, TENANT, Shop


async def test_a_job_is_claimed_by_one_worker(shop: Shop) -> None:
    id = await shop.new()
    job = await shop.claimed(id)
    assert (job.id, job.tenant, job.request) == (id, TENANT, REQUEST)
    assert (job.fence, job.tries) == (1, 0)
    assert await shop.jobs.claim(id, 60) is None
    assert await shop.jobs.claim(new(), 60) is None


async def test_a_lease_that_ran_out_gives_the_job_to_another(shop: Shop) -> None:
    first = await shop.claimed(await shop.new(), 60)
    await shop.passes(61)
    second = await shop.claimed(first.id, 60)
    assert second.fence == first.fence + 1
    assert not await shop.jobs.heartbeat(first, 60)
    assert await shop.jobs.heartbeat(second, 60)


async def test_a_heartbeat_keeps_the_lease(shop: Shop) -> None:
    job = await shop.claimed(await shop.new(), 60)
    await shop.passes(50)
    assert await shop.jobs.heartbeat(job, 60)
    await shop.passes(50)
    assert await shop.jobs.claim(job.id, 60) is None


async def test_a_late_heartbeat_is_good_while_nobody_else_has_the_job(shop: Shop) -> None:
    job = await shop.claimed(await shop.new(), 60)
    await shop.passes(100)
    assert await shop.jobs.heartbeat(job, 60)
    assert await shop.jobs.claim(job.id, 60) is None


async def test_a_finished_job_is_done_for_good(shop: Shop) -> None:
    job = await shop.claimed(await shop.new())
    await shop.jobs.finish(job.id)
    await shop.passes(1000)
    assert await shop.jobs.claim(job.id, 60) is None
    assert not await shop.jobs.heartbeat(job, 60)
    assert await shop.jobs.ready(10) == []
    await shop.jobs.again(job, 0, tried=True)
    assert await shop.jobs.ready(10) == []


async def test_a_job_given_back_waits_for_its_time(shop: Shop) -> None:
    job = await shop.claimed(await shop.new())
    await shop.jobs.again(job, 30, tried=True)
    assert await shop.jobs.claim(job.id, 60) is None
    assert await shop.jobs.ready(10) == []
    await shop.passes(31)
    assert await shop.jobs.ready(10) == [job.id]
    assert (await shop.claimed(job.id)).fence == job.fence + 1


async def test_who_lost_the_lease_cannot_give_the_job_back(shop: Shop) -> None:
    first = await shop.claimed(await shop.new())
    await shop.passes(61)
    second = await shop.claimed(first.id)
    await shop.jobs.again(first, 0, tried=False)
    assert await shop.jobs.claim(first.id, 60) is None
    assert await shop.jobs.heartbeat(second, 60)


async def test_jobs_that_nobody_holds_are_ready_the_oldest_first(shop: Shop) -> None:
    ids = []
    for _ in range(4):
        ids.append(await shop.new())
        await shop.passes(10)
    await shop.claimed(ids[1], 60)
    assert list(await shop.jobs.ready(10)) == [ids[0], ids[2], ids[3]]
    assert list(await shop.jobs.ready(2)) == [ids[0], ids[2]]
    await shop.passes(61)
    assert list(await shop.jobs.ready(10)) == ids


async def test_jobs_under_a_lease_are_in_progress(shop: Shop) -> None:
    held, waiting, ended = [await shop.new() for _ in range(3)]
    await shop.claimed(held)
    await shop.claimed(ended)
    await shop.jobs.finish(ended)
    asked = [held, waiting, ended, new()]
    assert await shop.jobs.states(asked) == {held: "in_progress"}
    await shop.passes(61)
    assert await shop.jobs.states(asked) == {}


async def test_a_job_is_known_to_its_workspace_alone(shop: Shop) -> None:
    job = await shop.claimed(await shop.new())
    assert await shop.jobs.project_of(job.id, TENANT) == job.project
    assert await shop.jobs.project_of(job.id, new()) is None
    assert await shop.jobs.project_of(new(), TENANT) is None
