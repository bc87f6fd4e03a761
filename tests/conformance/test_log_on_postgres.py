"""What only the real log has to show: many processes at once, a store that refuses changes, and
what the chain says of one that was changed all the same."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from domain.record import Recorded
from handlers.chain import Broken, Verifier
from handlers.log import Appended, Conflict, Log, NewEvent, Write
from tests.support.logs import Pen, event, new, opened, verified

WRITERS = 16
COMMANDS = 25


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with opened(database) as made:
        yield made


@pytest.fixture
async def admin(database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Someone with every right on the database."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def write_much(pen: Pen, shared: str) -> list[Appended]:
    """Own streams, and a shared one on which others are sometimes faster."""
    done: list[Appended] = []
    stream = await pen.open(1)
    for number in range(COMMANDS):
        done.append(await pen.send(pen.writing(stream, 1 + 2 * number, 2)))
        version = await pen.log.version(shared)
        assert version is not None
        try:
            done.append(await pen.send(pen.writing(shared, version, 1)))
        except Conflict:
            continue
    return done


async def tail(log: Log, upto: asyncio.Event) -> list[Recorded]:
    """Reads on as a consumer does: from where it stands, never back."""
    seen: list[Recorded] = []
    while True:
        over, mark = upto.is_set(), log.mark()
        found = await log.feed(seen[-1].position if seen else 0, 100)
        seen.extend(found)
        if over and not found:
            return seen
        if not found:
            await log.wait(mark, 0.05)


@pytest.mark.req("R012")
async def test_a_reader_misses_nothing_of_many_writers_through_two_appenders(
    log: Log, database: str
) -> None:
    async with opened(database) as other, opened(database) as reading:
        written = asyncio.Event()
        reader = asyncio.create_task(tail(reading, written))
        shared = await Pen(log).open(1)
        pens = [Pen(log if number % 2 else other) for number in range(WRITERS)]
        done = await asyncio.gather(*(write_much(pen, shared) for pen in pens))
        written.set()
        seen = await reader
    assert [each.position for each in seen] == list(range(1, len(seen) + 1))
    acknowledged = {p for own in done for each in own for p in range(each.first, each.last + 1)}
    assert len(seen) == len(acknowledged) + WRITERS + 1
    assert acknowledged < {each.position for each in seen}
    assert await verified(log) == seen


async def test_a_command_that_the_store_cannot_take_fails_alone(log: Log, pen: Pen) -> None:
    streams = [await pen.open(1) for _ in range(4)]
    good = [pen.command(pen.writing(stream, 1, 1)) for stream in streams]
    nul = NewEvent(new(), "test.\x00", 1, b"{}", b"{}")
    unsendable = NewEvent("no id", "test.said", 1, b"{}", b"{}")
    bad = [
        pen.command(Write(new(), 0, (nul,), None, opens=True)),
        pen.command(Write(new(), 0, (unsendable,), None, opens=True)),
    ]
    done = await asyncio.gather(
        *map(log.append, [*good[:2], *bad, *good[2:]]), return_exceptions=True
    )
    names = [type(each).__name__ for each in done]
    assert names[:2] + names[4:] == ["Appended"] * 4
    assert all(isinstance(each, Exception) for each in done[2:4])
    assert len(await verified(log)) == 8


@pytest.mark.req("R307")
@pytest.mark.parametrize(
    "change",
    [
        "update event set payload = '{}' where position = 1",
        "delete from event where position = 1",
        "truncate event",
    ],
)
async def test_the_log_refuses_to_be_changed(
    pen: Pen, admin: "asyncpg.Connection[asyncpg.Record]", change: str
) -> None:
    await pen.open(2)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await admin.execute(change)
    assert len(await verified(pen.log)) == 2


@pytest.mark.parametrize(
    ("tampering", "position"),
    [
        ('update event set payload = \'{"word":"other"}\' where position = 4', 4),
        ("update event set envelope = '{}' where position = 6", 6),
        ("update event set type = 'test.done' where position = 2", 2),
        ("update event set tenant = gen_random_uuid() where position = 1", 1),
        ("delete from event where position = 5", 5),
        ("delete from event where position = 1", 1),
        (
            """update event set position = -position where position in (3, 6);
               update event set position = 9 + position where position < 0""",
            3,
        ),
        (
            """update event e set payload = o.payload from event o
                where (e.position, o.position) in ((3, 5), (5, 3))""",
            3,
        ),
        ("update event set hash = sha256('') where position = 7", 7),
    ],
)
async def test_the_chain_names_the_first_place_that_was_tampered_with(
    pen: Pen, admin: "asyncpg.Connection[asyncpg.Record]", tampering: str, position: int
) -> None:
    await pen.open(4, "a")
    await pen.open(4, "b")
    await tamper(admin, tampering)
    with pytest.raises(Broken) as found:
        await verified(pen.log)
    assert found.value.position == position


async def test_a_cut_tail_shows_against_a_head_that_was_noted(
    log: Log, pen: Pen, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The chain alone cannot know that there was more."""
    await pen.open(4)
    noted = await log.head()
    await tamper(admin, "delete from event where position = 4")
    verifier = Verifier()
    verifier.check(await log.feed(0, 10))
    with pytest.raises(Broken) as found:
        verifier.finish(noted.position, noted.hash)
    assert found.value.position == 4


async def test_a_log_without_its_listener_is_still_followed(
    pen: Pen, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Wake-ups are a courtesy: the poll behind them finds what was appended."""
    await admin.execute(
        """select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and query like 'LISTEN%'"""
    )
    written = asyncio.Event()
    reader = asyncio.create_task(tail(pen.log, written))
    await pen.send(Write(new(), 0, (event(),), None, opens=True))
    written.set()
    assert [each.position for each in await reader] == [1]


async def tamper(admin: "asyncpg.Connection[asyncpg.Record]", change: str) -> None:
    await admin.execute("alter table event disable trigger event_is_append_only")
    await admin.execute(change)
    await admin.execute("alter table event enable trigger event_is_append_only")
