"""NATS loses what it had acknowledged, and gets it back from the log (S8, S9)."""

from collections.abc import AsyncIterator

import pytest

from adapters.bus.nats import EVENTS, JOBS
from handlers.bus import BusUnavailable, Hint
from tests.support.buses import Line, carry, history, line_to, relay_of
from tests.support.logs import Pen, new


@pytest.fixture
async def line(stack: dict[str, str]) -> AsyncIterator[Line]:
    async with line_to(stack["AIUTEUR_NATS_URL"]) as made:
        yield made


async def test_a_republished_event_is_called_a_duplicate_and_not_stored(line: Line) -> None:
    """The trap itself: the id outlives the message."""
    _, records = await history(1)
    await line.bus.publish(records, 1)
    await line.lose(1)
    ack = await line.admin.publish(
        "aiuteur.events.x", b"{}", headers={"Nats-Msg-Id": records[0].event_id}
    )
    assert ack.duplicate
    assert await line.stored() == []


async def test_events_that_vanished_within_the_window_are_stored_again(line: Line) -> None:
    _, records = await history(30)
    await line.bus.publish(records, 1)
    await line.lose_all()
    await line.bus.publish(records, 1)
    assert await line.stored() == list(range(1, 31))


async def test_events_may_vanish_twice_within_the_window(line: Line) -> None:
    _, records = await history(5)
    for _ in range(3):
        await line.bus.publish(records, 1)
        await line.lose_all()
    await line.bus.publish(records, 1)
    assert await line.stored() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("lost", [(20,), (18, 19, 20), tuple(range(1, 21))])
async def test_a_lost_tail_is_sent_again(line: Line, lost: tuple[int, ...]) -> None:
    log, _ = await history(20)
    relay = relay_of(log, line.bus)
    await carry(relay)
    await line.lose(*lost)
    relay.checked = False  # as after each trouble, and at each start
    await carry(relay)
    assert await line.stored() == list(range(1, 21))


async def test_a_lost_stream_is_made_anew_and_filled(line: Line) -> None:
    log, _ = await history(20)
    relay = relay_of(log, line.bus)
    await carry(relay)
    await line.admin.delete_stream(EVENTS)
    await Pen(log).open(3)
    await carry(relay)
    assert await line.stored() == list(range(1, 24))


async def test_a_lost_stream_is_noticed_by_a_relay_that_starts(line: Line) -> None:
    log, _ = await history(20)
    before = relay_of(log, line.bus)
    await carry(before)
    await line.admin.delete_stream(EVENTS)
    before.checked = False
    await carry(before)
    assert await line.stored() == list(range(1, 21))


async def test_lost_hints_are_given_again(line: Line) -> None:
    """The stream of hints is made anew by whoever needs it first."""
    await line.admin.delete_stream(JOBS)
    job = new()
    await persistently(line, job)
    hint = await fetched(line)
    assert hint.job == job
    await hint.done()


async def test_hints_come_again_after_their_stream_was_lost(line: Line) -> None:
    assert await line.bus.hints(1, 0.05) == []
    await line.admin.delete_stream(JOBS)
    job = new()
    await persistently(line, job)
    hint = await fetched(line)
    assert hint.job == job
    await hint.done()


async def persistently(line: Line, job: str) -> None:
    """As the sweeper does: again and again."""
    for _ in range(5):
        try:
            await line.bus.hint([job])
        except BusUnavailable:
            continue
        return
    raise AssertionError("the hint does not get through")


async def fetched(line: Line) -> Hint:
    """As a worker does."""
    for _ in range(5):
        try:
            for hint in await line.bus.hints(1, 1):
                return hint
        except BusUnavailable:
            continue
    raise AssertionError("no hint comes")
