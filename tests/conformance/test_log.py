"""Appending to the log: places, versions, retries, conflicts."""

import asyncio

import pytest

from handlers.log import Appended, Conflict, KeyReused, Log, NewEvent, Write
from tests.support.logs import Pen, event, events, new, verified


async def test_positions_and_versions_have_no_hole(log: Log, pen: Pen) -> None:
    stream = await pen.open(2)
    done = await pen.send(pen.writing(stream, 2, 3))
    assert (done.first, done.last, done.replayed) == (3, 5, False)
    assert done.answer == b'{"answer":1}'
    found = await verified(log)
    assert [(each.position, each.version) for each in found] == [(n, n) for n in range(1, 6)]


async def test_an_event_is_kept_byte_for_byte(log: Log, pen: Pen) -> None:
    odd = NewEvent(new(), "test.odd", 7, b'{ "b" : 1,"a":"\xc3\xa9" }', b'{"x": "\\u00e9"}')
    stream = new()
    await pen.send(Write(stream, 0, (odd,), None, opens=True))
    (found,) = await log.read(stream)
    kept = (found.event_id, found.type, found.schema, found.payload, found.envelope)
    assert kept == (odd.event_id, odd.type, odd.schema, odd.payload, odd.envelope)
    assert (found.tenant, found.project, found.stream) == (pen.tenant, None, stream)


async def test_several_streams_are_written_in_one_command(log: Log, pen: Pen) -> None:
    one, two = await pen.open(1), await pen.open(4)
    done = await pen.send(pen.writing(one, 1, 2), pen.writing(two, 4, 1))
    assert (done.first, done.last) == (6, 8)
    assert (await log.version(one), await log.version(two)) == (3, 5)


async def test_of_several_streams_all_are_written_or_none(log: Log, pen: Pen) -> None:
    one, two = await pen.open(1), await pen.open(4)
    with pytest.raises(Conflict) as met:
        await pen.send(pen.writing(one, 1, 2), pen.writing(two, 3, 1))
    assert (met.value.stream, met.value.expected, met.value.actual) == (two, 3, 4)
    assert (await log.version(one), await log.version(two)) == (1, 4)
    assert (await log.head()).position == 5


async def test_a_command_names_a_stream_once(pen: Pen) -> None:
    with pytest.raises(ValueError, match="once"):
        pen.command(pen.writing("s", 1, 1), pen.writing("s", 2, 1))


@pytest.mark.req("R313")
async def test_the_second_of_two_writers_on_one_version_meets_a_conflict(pen: Pen) -> None:
    stream = await pen.open(1)
    both = [pen.send(pen.writing(stream, 1, 1)) for _ in range(2)]
    first, second = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(first, Appended)
    assert isinstance(second, Conflict)
    assert (second.stream, second.expected, second.actual) == (stream, 1, 2)


async def test_a_stream_that_is_not_there_conflicts(log: Log, pen: Pen) -> None:
    with pytest.raises(Conflict) as met:
        await pen.send(pen.writing(new(), 0, 1))
    assert met.value.actual == -1


async def test_a_stream_is_opened_once(log: Log, pen: Pen) -> None:
    stream = await pen.open(2)
    with pytest.raises(Conflict) as met:
        await pen.send(pen.opening(stream, 1))
    assert (met.value.actual, await log.version(stream)) == (2, 2)


async def test_a_command_that_comes_again_gets_its_first_answer(log: Log, pen: Pen) -> None:
    stream = await pen.open(1)
    command = pen.command(pen.writing(stream, 1, 2))
    first = await log.append(command)
    await pen.send(pen.writing(stream, 3, 1))
    again = await log.append(command)
    assert (again.first, again.last, again.answer) == (first.first, first.last, first.answer)
    assert (first.replayed, again.replayed) == (False, True)
    assert await log.version(stream) == 4


async def test_a_command_sent_many_times_at_once_is_written_once(log: Log, pen: Pen) -> None:
    stream = await pen.open(1)
    command = pen.command(pen.writing(stream, 1, 1))
    done = await asyncio.gather(*(log.append(command) for _ in range(10)))
    assert {each.first for each in done} == {2}
    assert sorted(each.replayed for each in done) == [False] + [True] * 9
    assert await log.version(stream) == 2


async def test_a_command_id_is_not_for_another_command(log: Log, pen: Pen) -> None:
    stream = await pen.open(1)
    await log.append(pen.command(pen.writing(stream, 1, 1), id="once", body="a"))
    with pytest.raises(KeyReused):
        await log.append(pen.command(pen.writing(stream, 2, 1), id="once", body="b"))
    assert await log.version(stream) == 2


async def test_a_command_id_belongs_to_its_workspace(log: Log, pen: Pen) -> None:
    await log.append(pen.command(pen.opening(new(), 1), id="once"))
    done = await log.append(Pen(log).command(pen.opening(new(), 1), id="once", body="b"))
    assert not done.replayed


async def test_what_a_command_answered_is_known(log: Log, pen: Pen) -> None:
    command = pen.command(pen.opening(new(), 2))
    assert await log.known(command.tenant, command.command_id, command.fingerprint) is None
    done = await log.append(command)
    known = await log.known(command.tenant, command.command_id, command.fingerprint)
    assert known == Appended(done.first, done.last, done.answer, True)
    with pytest.raises(KeyReused):
        await log.known(command.tenant, command.command_id, b"another")


async def test_a_command_without_events_is_remembered(log: Log, pen: Pen) -> None:
    stream = await pen.open(3)
    command = pen.command(pen.writing(stream, 3, 0))
    for replayed in (False, True):
        done = await log.append(command)
        assert (done.first, done.last, done.replayed) == (4, 3, replayed)
    with pytest.raises(Conflict):
        await pen.send(pen.writing(stream, 2, 0))


async def test_a_conflict_fails_its_own_command_alone(log: Log, pen: Pen) -> None:
    stale, streams = {7, 8, 23, 49}, [await pen.open(1) for _ in range(50)]
    commands = [
        pen.command(pen.writing(stream, 0 if number in stale else 1, 2))
        for number, stream in enumerate(streams)
    ]
    done = await asyncio.gather(*map(log.append, commands), return_exceptions=True)
    assert {n for n, each in enumerate(done) if isinstance(each, Conflict)} == stale
    assert len([each for each in done if isinstance(each, Appended)]) == 46
    found = await verified(log)
    assert len(found) == 50 + 2 * 46
    for each, stream in zip(done, streams, strict=True):
        if isinstance(each, Appended):
            written = found[each.first - 1 : each.last]
            assert [(e.stream, e.version) for e in written] == [(stream, 2), (stream, 3)]


async def test_a_batch_may_hold_all_sorts_of_commands(log: Log, pen: Pen) -> None:
    stream, other = await pen.open(3), new()
    known = pen.command(pen.writing(stream, 3, 1))
    before = await log.append(known)
    done = await asyncio.gather(
        pen.send(pen.writing(stream, 4, 1)),
        pen.send(pen.opening(other, 2)),
        log.append(known),
        pen.send(pen.writing(stream, 4, 1)),
        pen.send(pen.forking(new(), other, 2, 1)),
        pen.send(pen.writing(stream, 5, 0), pen.writing(other, 2, 3)),
        return_exceptions=True,
    )
    names = [type(each).__name__ for each in done]
    assert names == ["Appended"] * 3 + ["Conflict"] + ["Appended"] * 2
    assert isinstance(done[2], Appended)
    assert (done[2].first, done[2].replayed) == (before.first, True)
    assert (await log.version(stream), await log.version(other)) == (5, 5)
    await verified(log)


@pytest.mark.parametrize("also_opens", [False, True])
async def test_commands_chained_on_one_stream_go_through_together(
    log: Log, pen: Pen, also_opens: bool
) -> None:
    stream = await pen.open(1)
    commands = [pen.send(pen.writing(stream, 1 + 2 * n, 2)) for n in range(5)]
    if also_opens:  # then the batch is gone through command by command
        commands.append(pen.send(pen.opening(new(), 1)))
    done = await asyncio.gather(*commands)
    assert [each.first for each in done[:5]] == [2, 4, 6, 8, 10]
    assert await log.version(stream) == 11
    await verified(log)


async def test_the_head_is_the_last_event(log: Log, pen: Pen) -> None:
    empty = await log.head()
    assert empty.position == 0
    await pen.open(3)
    head = await log.head()
    last = (await log.feed(0, 10))[-1]
    assert (head.position, head.hash) == (last.position, last.hash)
    assert (head.log_id, head.epoch) == (empty.log_id, empty.epoch)


async def test_the_log_wakes_who_waits_for_it(log: Log, pen: Pen) -> None:
    mark = log.mark()

    async def woken() -> None:
        while log.mark() == mark:
            await log.wait(mark, 5)

    waiting = asyncio.create_task(woken())
    await pen.send(Write(new(), 0, (event(), *events(2)), None, opens=True))
    await asyncio.wait_for(waiting, 10)
    await log.wait(mark, 3600)  # has grown already
