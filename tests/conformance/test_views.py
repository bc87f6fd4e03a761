"""Stored read models: documents and checkpoints move together, rebuilds swap in whole."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.views.memory import MemoryViews
from adapters.views.postgres import PostgresViews
from handlers.views import Batch, Checkpoint, Key, Superseded, Views, Want
from tests.support.logs import new

SCOPE, OTHER = new(), new()


@pytest.fixture
async def views(where: str | None) -> AsyncIterator[Views]:
    if where is None:
        yield MemoryViews()
        return
    async with asyncpg.create_pool(where, min_size=1, max_size=4) as pool:
        yield PostgresViews(pool)


def batch(
    position: int,
    upto: int,
    changed: dict[Key, bytes],
    *removed: Key,
    models: tuple[str, ...] = ("scenes",),
    shadow: bool = False,
) -> Batch:
    versions = {(model, scope): upto for model, scope, _ in changed}
    return Batch(models, position, upto, changed, removed, versions, shadow)


def key(name: str, model: str = "scenes", scope: str = SCOPE) -> Key:
    return (model, scope, name)


@pytest.mark.req("R012")
async def test_documents_are_found_as_they_were_written(views: Views) -> None:
    await views.open(["scenes"])
    await views.write(batch(0, 3, {key("a"): b"1", key("b"): b"2", key("a", scope=OTHER): b"3"}))
    found = await views.find([Want("scenes", SCOPE)])
    assert found.documents == {key("a"): b"1", key("b"): b"2"}
    assert found.versions == {("scenes", SCOPE): 3}


async def test_named_documents_alone_are_found(views: Views) -> None:
    await views.open(["scenes", "assets"])
    models = ("scenes", "assets")
    documents = {key("a"): b"1", key("b"): b"2", key("c", "assets"): b"3", key("d", "assets"): b"4"}
    await views.write(batch(0, 3, documents, models=models))
    wants = [Want("scenes", SCOPE, ("b", "none")), Want("assets", SCOPE), Want("scenes", OTHER)]
    found = await views.find(wants)
    assert found.documents == {k: v for k, v in documents.items() if k != key("a")}
    assert found.versions == {("scenes", SCOPE): 3, ("assets", SCOPE): 3}
    nothing = await views.find([Want("scenes", SCOPE, ())])
    assert (nothing.documents, nothing.versions) == ({}, {("scenes", SCOPE): 3})


async def test_nothing_is_found_where_nothing_was_seen(views: Views) -> None:
    found = await views.find([Want("scenes", SCOPE)])
    assert (found.documents, found.versions) == ({}, {})
    found = await views.find([])
    assert (found.documents, found.versions) == ({}, {})


async def test_a_document_changes_and_goes(views: Views) -> None:
    await views.open(["scenes"])
    await views.write(batch(0, 3, {key("a"): b"1", key("b"): b"2"}))
    await views.write(batch(3, 5, {key("a"): b"new"}, key("b"), key("never there")))
    found = await views.find([Want("scenes", SCOPE)])
    assert found.documents == {key("a"): b"new"}
    assert found.versions == {("scenes", SCOPE): 5}
    assert (await views.checkpoints())["scenes"] == Checkpoint("scenes", 5)


async def test_a_read_model_begins_once_at_the_start_of_the_log(views: Views) -> None:
    assert await views.checkpoints() == {}
    await views.open(["scenes", "assets"])
    await views.write(batch(0, 4, {key("a"): b"1"}))
    await views.open(["scenes", "assets"])
    assert await views.checkpoints() == {
        "scenes": Checkpoint("scenes", 4),
        "assets": Checkpoint("assets", 0),
    }


@pytest.mark.parametrize("position", [0, 2, 4])
async def test_a_projector_that_comes_too_late_writes_nothing(views: Views, position: int) -> None:
    await views.open(["scenes"])
    await views.write(batch(0, 3, {key("a"): b"1"}))
    with pytest.raises(Superseded):
        await views.write(batch(position, 6, {key("a"): b"late"}))
    assert (await views.find([Want("scenes", SCOPE)])).documents == {key("a"): b"1"}
    assert (await views.checkpoints())["scenes"].position == 3


async def test_a_group_of_models_moves_together_or_not_at_all(views: Views) -> None:
    await views.open(["scenes", "assets"])
    await views.write(batch(0, 3, {}))
    both = batch(0, 3, {key("c", "assets"): b"1"}, models=("assets", "scenes"))
    with pytest.raises(Superseded):
        await views.write(both)
    with pytest.raises(Superseded):
        await views.write(batch(0, 3, {}, models=("assets", "never opened")))
    assert (await views.checkpoints())["assets"].position == 0
    assert (await views.find([Want("assets", SCOPE)])).documents == {}


async def test_of_two_projectors_at_once_one_is_superseded(views: Views) -> None:
    await views.open(["scenes"])
    both = [views.write(batch(0, 3, {key("a"): b"%d" % n})) for n in range(2)]
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "Superseded"]


async def test_a_parked_model_says_why_and_keeps_its_place(views: Views) -> None:
    await views.open(["scenes"])
    await views.write(batch(0, 3, {key("a"): b"1"}))
    await views.park("scenes", "it broke")
    assert (await views.checkpoints())["scenes"] == Checkpoint("scenes", 3, "it broke")
    await views.write(batch(3, 4, {key("a"): b"2"}))
    assert (await views.checkpoints())["scenes"] == Checkpoint("scenes", 4, "it broke")
    await views.park("scenes", None)
    assert (await views.checkpoints())["scenes"] == Checkpoint("scenes", 4)


async def test_a_rebuild_is_not_seen_until_it_is_swapped_in(views: Views) -> None:
    await views.open(["scenes", "assets"])
    await views.write(batch(0, 9, {key("old"): b"1", key("both"): b"1"}))
    await views.write(batch(0, 9, {key("c", "assets"): b"1"}, models=("assets",)))
    await views.begin_shadow("scenes")
    await views.write(batch(0, 7, {key("both"): b"2", key("new"): b"2"}, shadow=True))
    live, shadow = [Want("scenes", SCOPE)], [Want("scenes", SCOPE), Want("assets", SCOPE)]
    assert set((await views.find(live)).documents) == {key("old"), key("both")}
    assert set((await views.find(shadow, shadow=True)).documents) == {key("both"), key("new")}
    assert await views.checkpoints(shadow=True) == {"scenes": Checkpoint("scenes", 7)}
    await views.swap("scenes")
    found = await views.find([*live, Want("assets", SCOPE)])
    assert found.documents == {key("both"): b"2", key("new"): b"2", key("c", "assets"): b"1"}
    assert found.versions == {("scenes", SCOPE): 7, ("assets", SCOPE): 9}
    assert (await views.checkpoints())["scenes"] == Checkpoint("scenes", 7)
    assert await views.checkpoints(shadow=True) == {}


async def test_a_rebuild_starts_without_what_an_earlier_one_left(views: Views) -> None:
    await views.open(["scenes"])
    await views.begin_shadow("scenes")
    await views.write(batch(0, 7, {key("left"): b"1"}, shadow=True))
    await views.begin_shadow("scenes")
    assert (await views.checkpoints(shadow=True))["scenes"].position == 0
    await views.write(batch(0, 2, {key("new"): b"2"}, shadow=True))
    await views.swap("scenes")
    assert (await views.find([Want("scenes", SCOPE)])).documents == {key("new"): b"2"}
