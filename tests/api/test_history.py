"""The event feed, the stream, timelines, branches and their comparison, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from api import stream as stream_routes
from api.stream import follow
from handlers.cursors import Cursor
from handlers.perform import thumbnail_key
from tests.support.http import Api
from tests.support.work import drawn, staged, tenant_of


@pytest.mark.req("R007", "R320")
async def test_a_reader_goes_on_from_its_cursor_and_misses_nothing(film: Api) -> None:
    first = await film.get("events?limit=5")
    assert len(first["items"]) == 5
    assert not first["caughtUp"]
    rest = await film.get(f"events?after={first['cursor']}&limit=1000")
    assert rest["caughtUp"]
    positions = [each["position"] for each in (*first["items"], *rest["items"])]
    assert positions == list(range(positions[0], positions[-1] + 1))
    await film.post("assets", {"name": "Umbrella", "type": "prop"})
    new = await film.get(f"events?after={rest['cursor']}")
    assert [each["type"] for each in new["items"]] == ["asset.added"]
    event = new["items"][0]
    assert (event["specversion"], event["data"]["name"]) == ("1.0", "Umbrella")
    assert event["actor"]
    assert event["commandId"]


async def test_events_are_found_by_type_subject_and_actor(film: Api) -> None:
    found = await film.get("events?types=stage.locked,stage.skipped&limit=100")
    assert {each["type"] for each in found["items"]} == {"stage.locked", "stage.skipped"}
    mara = await film.asset("Mara")
    about = await film.get(f"events?subject={mara}")
    assert {each["subject"] for each in about["items"]} == {mara}
    assert (await film.get("events?actor=nobody"))["items"] == []


@pytest.mark.parametrize("cursor", ["ffffffff:1:3", "999999"])
async def test_a_cursor_of_another_log_is_told_to_start_again(film: Api, cursor: str) -> None:
    answer = await film.send("GET", f"events?after={cursor}", expect=409)
    assert answer.json()["code"] == "CURSOR_STALE"
    assert (await film.send("GET", "events?after=nonsense", expect=422)).json()["code"]


@pytest.mark.req("R007", "R277")
async def test_the_stream_says_what_was_then_that_it_caught_up_then_what_comes(film: Api) -> None:
    call = await call_of(film)
    cursor = Cursor(await film.system.log.head())
    stream = follow(call, cursor, 0)
    seen = [await anext(stream)]
    while seen[-1].event != "caught-up":
        seen.append(await anext(stream))
    positions = [json.loads(str(each.data))["position"] for each in seen[:-1]]
    assert positions == sorted(set(positions))
    waiting = asyncio.ensure_future(_next(stream))
    await film.post("assets", {"name": "Umbrella", "type": "prop"})
    message = await asyncio.wait_for(waiting, 5)
    assert message.event == "asset.added"
    assert str(message.id) == cursor.token(positions[-1] + 1)


async def _next(stream: AsyncIterator[Any]) -> Any:
    return await anext(stream)


async def call_of(film: Api) -> Any:
    """As much of a request as the stream needs."""
    actor = SimpleNamespace(tenant=await tenant_of(film))
    return SimpleNamespace(
        executor=film.system.executor, project=film.project, actor=actor, request=None
    )


async def test_a_heartbeat_comes_when_nothing_else_does(
    film: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_routes, "HEARTBEAT", 0.01)
    cursor = Cursor(await film.system.log.head())
    stream = follow(await call_of(film), cursor, cursor.head.position)
    assert (await anext(stream)).event == "caught-up"
    assert (await asyncio.wait_for(_next(stream), 5)).comment == "alive"


@pytest.mark.req("R008")
async def test_a_timeline_reads_as_sentences(film: Api) -> None:
    mara, one, _ = await staged(film)
    await drawn(film, one, mara)
    moments = (await film.get("timeline?limit=1000"))["items"]
    words = [each["sentence"] for each in moments]
    assert "The script 'Two Rooms' was imported." in words
    assert "Mara came into Scene 1 from the master assets." in words
    assert "An image of Mara in Scene 1 was generated." in words
    own = (await film.get(f"assets/{mara}/timeline?limit=1000"))["items"]
    assert 0 < len(own) < len(moments)
    assert all("Mara" in each["sentence"] for each in own)
    page = await film.get("timeline?limit=3")
    rest = await film.get(f"timeline?limit=1000&after={page['cursor']}")
    assert [*page["items"], *rest["items"]] == moments


@pytest.mark.req("R009", "R315", "R316")
async def test_a_branch_forked_in_the_past_does_not_know_what_came_later(film: Api) -> None:
    before = (await film.send("GET", "assets")).headers["etag"].strip('"')
    await film.post("assets", {"name": "Umbrella", "type": "prop"})
    forked = await film.post("branches", {"name": "dry", "source": f"main@{before}"}, 201)
    assert forked["forkedAt"] == int(before)
    await film.turn()
    names = [each["name"] for each in (await film.get("assets?ref=dry"))["items"]]
    assert "Umbrella" not in names
    await film.post("assets?ref=dry", {"name": "Parasol", "type": "prop"})
    await film.turn()
    here = {each["name"] for each in (await film.get("assets"))["items"]}
    there = {each["name"] for each in (await film.get("assets?ref=dry"))["items"]}
    assert (here - there, there - here) == ({"Umbrella"}, {"Parasol"})
    ids = {e["name"]: e["id"] for e in (await film.get("assets?ref=dry"))["items"]}
    assert ids["Mara"] == await film.asset("Mara")
    diff = await film.get("refs/main/diff/dry")
    assert diff["base"]["version"] == int(before)
    assert diff["summary"]["asset"] == {"added": 1, "removed": 1, "changed": 0}
    same = await film.get("refs/dry/diff/dry")
    assert same["entries"] == []
    await film.post("branches/dry/activate")
    assert {each["name"] for each in (await film.get("assets"))["items"]} == there


@pytest.mark.req("R319")
async def test_a_writer_reads_what_he_wrote(film: Api) -> None:
    answer = await film.send("POST", "assets", {"name": "Umbrella", "type": "prop"}, expect=201)
    version = answer.headers["etag"].strip('"')
    assert int(answer.headers["aiuteur-position"]) > 0
    names = [e["name"] for e in (await film.get(f"assets?min_version={version}"))["items"]]
    assert "Umbrella" in names


@pytest.mark.req("R314")
async def test_deleting_an_attempt_on_one_branch_leaves_the_others_image(film: Api) -> None:
    mara, one, _ = await staged(film)
    first = await drawn(film, one, mara)
    await film.post("branches", {"name": "other"})
    path = f"scenes/{one}/assets/{(await film.instance(one, 'Mara'))['id']}/attempts"
    kept = (await film.get(f"{path}?ref=other"))["items"][0]
    await drawn(film, one, mara)
    await film.send("DELETE", f"{path}/{first}", expect=204)
    await film.turn()
    assert [each["id"] for each in (await film.get(f"{path}?ref=other"))["items"]] == [first]
    digest = kept["imageUrl"].rpartition("/")[2]
    tenant = await tenant_of(film)
    assert await film.system.blobs.get(f"{tenant}/{digest}")
    assert await film.system.blobs.get(thumbnail_key(tenant, digest))
