"""The bus: events once and in order, and hints that are there until they are done with."""

from collections.abc import AsyncIterator

import pytest

from handlers.cloud import cloud_event
from tests.support.buses import Line, carry, history, line_to, relay_of
from tests.support.logs import new


@pytest.fixture(params=["memory", "real"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    stack: dict[str, str] = request.getfixturevalue("stack")
    return stack["AIUTEUR_NATS_URL"]


@pytest.fixture
async def line(url: str | None) -> AsyncIterator[Line]:
    async with line_to(url) as made:
        yield made


async def test_a_bus_without_events_has_no_position(line: Line) -> None:
    assert await line.bus.last_position() == 0


async def test_events_are_stored_in_order(line: Line) -> None:
    _, records = await history(600)
    await line.bus.publish(records[:1], 1)
    await line.bus.publish(records[1:], 1)
    assert await line.stored() == list(range(1, 601))
    assert await line.bus.last_position() == 600


async def test_an_event_that_is_published_again_is_stored_once(line: Line) -> None:
    _, records = await history(10)
    await line.bus.publish(records[:6], 1)
    await line.bus.publish(records[3:], 1)
    await line.bus.publish(records, 1)
    assert await line.stored() == list(range(1, 11))
    assert await line.bus.last_position() == 10


async def test_nothing_to_publish_is_no_trouble(line: Line) -> None:
    await line.bus.publish([], 1)
    assert await line.bus.last_position() == 0


async def test_the_relay_carries_the_log_to_the_bus(line: Line) -> None:
    log, _ = await history(300)
    relay = relay_of(log, line.bus)
    await carry(relay)
    await carry(relay)
    assert await line.stored() == list(range(1, 301))


async def test_a_second_relay_adds_nothing(line: Line) -> None:
    log, _ = await history(20)
    await carry(relay_of(log, line.bus))
    await carry(relay_of(log, line.bus))
    assert await line.stored() == list(range(1, 21))


async def test_a_hint_comes_to_a_worker(line: Line) -> None:
    jobs = [new(), new(), new()]
    await line.bus.hint(jobs)
    first = await line.bus.hints(2, 2)
    assert [hint.job for hint in first] == jobs[:2]
    for hint in first:
        await hint.done()
    (last,) = await line.bus.hints(2, 2)
    assert last.job == jobs[2]
    await last.done()


async def test_where_there_is_no_hint_the_worker_goes_on(line: Line) -> None:
    assert await line.bus.hints(2, 0.05) == []
    await line.bus.hint([])
    assert await line.bus.hints(2, 0.05) == []


async def test_a_job_may_be_hinted_at_again_and_hints_do_not_pile_up(line: Line) -> None:
    job = new()
    seen = []
    for _ in range(2):
        await line.bus.hint([job])
        await line.bus.hint([job])
        for hint in await line.bus.hints(5, 2):
            seen.append(hint.job)
            await hint.done()
    assert seen == [job, job]


async def test_the_bus_speaks_in_cloud_events(line: Line) -> None:
    _, (record,) = await history(1)
    event = cloud_event(record)
    assert (event.specversion, event.position, event.version) == ("1.0", 1, 1)
    assert event.id == record.event_id
