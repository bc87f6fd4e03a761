"""Reading the log: histories across branches, feeds, snapshots."""

import pytest

from handlers.log import Appended, Conflict, Log, Snapshot
from tests.support.logs import Pen, new, verified, words


async def test_a_stream_reads_back_what_was_written(log: Log, pen: Pen) -> None:
    stream = await pen.open(3, "a")
    await pen.open(2, "other")
    await pen.send(pen.writing(stream, 3, 2, "b"))
    found = list(await log.read(stream))
    assert words(found) == ["a1", "a2", "a3", "b1", "b2"]
    assert [each.version for each in found] == [1, 2, 3, 4, 5]


async def test_an_unknown_stream_is_empty(log: Log) -> None:
    assert list(await log.read(new())) == []
    assert await log.version(new()) is None
    assert await log.position_of(new(), 1) is None


async def test_a_history_is_read_in_parts(log: Log, pen: Pen) -> None:
    root = await pen.open(5, "r")
    child = await pen.fork(root, 3, 3, "c")
    assert words(list(await log.read(child, 1, 5))) == ["r2", "r3", "c1", "c2"]
    assert words(list(await log.read(child, 4))) == ["c2", "c3"]
    assert words(list(await log.read(child, 0, 2))) == ["r1", "r2"]
    assert words(list(await log.read(child, 1, None, 3))) == ["r2", "r3", "c1"]
    assert list(await log.read(child, 6)) == []


async def test_a_branch_goes_on_from_its_fork(log: Log, pen: Pen) -> None:
    root = await pen.open(5, "r")
    child = await pen.fork(root, 2, 2, "c")
    await pen.send(pen.writing(root, 5, 1, "later"))
    await pen.send(pen.writing(child, 4, 1, "more"))
    assert words(list(await log.read(child))) == ["r1", "r2", "c1", "c2", "more1"]
    assert words(list(await log.read(root))) == ["r1", "r2", "r3", "r4", "r5", "later1"]
    assert (await log.version(root), await log.version(child)) == (6, 5)


async def test_a_branch_may_begin_without_an_event_of_its_own(log: Log, pen: Pen) -> None:
    root = await pen.open(4, "r")
    child = await pen.fork(root, 3, 0)
    assert await log.version(child) == 3
    assert words(list(await log.read(child))) == ["r1", "r2", "r3"]
    await pen.send(pen.writing(child, 3, 1, "c"))
    assert words(list(await log.read(child))) == ["r1", "r2", "r3", "c1"]


async def test_a_history_is_cut_at_the_smallest_fork_on_its_path(log: Log, pen: Pen) -> None:
    """Each branch forks inside what its parent inherited, so the middle ones give nothing."""
    root = await pen.open(9, "r")
    child = await pen.fork(root, 6, 4, "c")
    grandchild = await pen.fork(child, 8, 2, "g")
    early = await pen.fork(grandchild, 3, 2, "e")
    late = await pen.fork(grandchild, 9, 1, "l")
    below = await pen.fork(early, 4, 1, "b")
    c = ["r1", "r2", "r3", "r4", "r5", "r6", "c1", "c2"]
    assert words(list(await log.read(grandchild))) == [*c, "g1", "g2"]
    assert words(list(await log.read(late))) == [*c, "g1", "l1"]
    assert words(list(await log.read(early))) == ["r1", "r2", "r3", "e1", "e2"]
    assert words(list(await log.read(below))) == ["r1", "r2", "r3", "e1", "b1"]
    assert [each.version for each in await log.read(below)] == [1, 2, 3, 4, 5]


async def test_a_fork_lies_within_its_parents_history(log: Log, pen: Pen) -> None:
    root = await pen.open(2)
    with pytest.raises(Conflict):
        await pen.fork(root, 3, 1)
    with pytest.raises(Conflict):
        await pen.fork(new(), 0, 1)
    with pytest.raises(Conflict):
        await pen.fork(root, 2, 1) and await pen.send(pen.forking(root, root, 2, 1))
    assert (await log.head()).position == 3


async def test_a_version_has_a_position_in_every_history_that_holds_it(log: Log, pen: Pen) -> None:
    root = await pen.open(4)
    child = await pen.fork(root, 2, 2)
    await pen.send(pen.writing(root, 4, 1))
    assert [await log.position_of(root, v) for v in (1, 4, 5)] == [1, 4, 7]
    assert [await log.position_of(child, v) for v in (2, 3, 4)] == [2, 5, 6]
    assert await log.position_of(child, 5) is None


async def test_the_feed_is_everything_in_order(log: Log, pen: Pen) -> None:
    other = Pen(log)
    await pen.open(2, "a")
    await other.open(2, "b")
    await pen.open(1, "c")
    assert words(list(await log.feed(0, 10))) == ["a1", "a2", "b1", "b2", "c1"]
    assert words(list(await log.feed(1, 2))) == ["a2", "b1"]
    assert list(await log.feed(5, 10)) == []


async def test_the_feed_of_a_project_is_its_workspaces_alone(log: Log, pen: Pen) -> None:
    other = Pen(log)
    await pen.open(2, "a")
    await other.open(2, "b")
    await pen.open(1, "c")
    own = await log.feed(0, 10, pen.project, pen.tenant)
    assert [each.position for each in own] == [1, 2, 5]
    assert words(list(await log.feed(1, 1, pen.project, pen.tenant))) == ["a2"]
    assert list(await log.feed(0, 10, pen.project, other.tenant)) == []


async def test_the_newest_snapshot_is_kept(log: Log, pen: Pen) -> None:
    stream = await pen.open(9)
    assert await log.snapshot(stream, 100) is None
    await log.save_snapshot(Snapshot(stream, 5, "one", b"five"))
    await log.save_snapshot(Snapshot(stream, 3, "one", b"three"))
    assert await log.snapshot(stream, 4) is None
    assert await log.snapshot(stream, 9) == Snapshot(stream, 5, "one", b"five")
    await log.save_snapshot(Snapshot(stream, 8, "one", b"eight"))
    assert await log.snapshot(stream, 8) == Snapshot(stream, 8, "one", b"eight")


async def test_a_snapshot_of_another_format_replaces_the_one_there_is(log: Log, pen: Pen) -> None:
    stream = await pen.open(9)
    await log.save_snapshot(Snapshot(stream, 5, "new", b"new"))
    await log.save_snapshot(Snapshot(stream, 4, "old", b"old"))
    assert await log.snapshot(stream, 9) == Snapshot(stream, 4, "old", b"old")


async def test_a_zero_event_opening_has_a_stream_and_no_history(log: Log, pen: Pen) -> None:
    stream = new()
    done = await pen.send(pen.opening(stream, 0))
    assert isinstance(done, Appended)
    assert await log.version(stream) == 0
    assert list(await log.read(stream)) == []
    assert await verified(log) == []
