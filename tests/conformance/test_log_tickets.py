"""A command that was decided upon another comes to be only if that one does: the version alone
does not tell, when another process filled the gap."""

import asyncio

from msgspec.structs import replace

from handlers.log import Append, Appended, Conflict, Log
from tests.support.logs import Pen, verified


def chained(pen: Pen, stream: str) -> tuple[Append, Append, Append]:
    """Three on one stream, each decided upon the one before: versions 2, 3 and 4."""
    first = replace(pen.command(pen.writing(stream, 1, 1)), ticket=9_000_001)
    second = replace(pen.command(pen.writing(stream, 2, 1)), ticket=9_000_002, after=9_000_001)
    third = replace(pen.command(pen.writing(stream, 3, 1)), ticket=9_000_003, after=9_000_002)
    return first, second, third


async def test_what_was_decided_upon_a_loser_loses_in_the_same_batch(log: Log, pen: Pen) -> None:
    stream = await pen.open(1)
    await pen.send(pen.writing(stream, 1, 1))
    done = await asyncio.gather(*map(log.append, chained(pen, stream)), return_exceptions=True)
    assert [type(each) for each in done] == [Conflict] * 3
    assert await log.version(stream) == 2
    await verified(log)


async def test_what_was_decided_upon_a_loser_loses_later_too(log: Log, pen: Pen) -> None:
    stream = await pen.open(1)
    await pen.send(pen.writing(stream, 1, 1))
    for command in chained(pen, stream):
        done = await asyncio.gather(log.append(command), return_exceptions=True)
        assert isinstance(done[0], Conflict)
    assert await log.version(stream) == 2


async def test_what_was_decided_upon_a_known_command_loses_as_well(log: Log, pen: Pen) -> None:
    """Its events were not written now: what was decided as if they had been does not hold."""
    stream = await pen.open(1)
    first, second, _ = chained(pen, stream)
    await log.append(replace(first, ticket=8_999_999))
    again, later = await asyncio.gather(
        log.append(first), log.append(second), return_exceptions=True
    )
    assert isinstance(again, Appended)
    assert again.replayed
    assert isinstance(later, Conflict)


async def test_a_chain_that_holds_goes_through_together(log: Log, pen: Pen) -> None:
    stream = await pen.open(1)
    done = await asyncio.gather(*map(log.append, chained(pen, stream)))
    assert [each.first for each in done] == [2, 3, 4]
    assert await log.version(stream) == 4
