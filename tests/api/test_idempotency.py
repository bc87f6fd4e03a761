"""The same request twice has one effect and one answer; two writers do not overwrite each other
unseen."""

import asyncio
from typing import Any

import pytest
from msgspec import Struct

from handlers.actor import Actor
from handlers.execute import Asked
from handlers.workspaces import issue_key
from tests.support.hostile import furnish
from tests.support.http import Api


class Case(Struct, frozen=True):
    """A request; another body for the same key; and what somebody else does in between."""

    method: str
    path: str
    body: Any
    other: Any
    between: tuple[str, str, Any]


CASES: dict[str, Case] = {
    "create a project": Case(
        "POST",
        "/api/projects",
        {"title": "Twice"},
        {"title": "Thrice"},
        ("PATCH", "/api/projects/{id}", {"title": "Renamed"}),
    ),
    "rename a project": Case(
        "PATCH",
        "/api/projects/{project_id}",
        {"title": "Twice"},
        {"title": "Thrice"},
        ("PATCH", "/api/projects/{project_id}", {"title": "Renamed"}),
    ),
    "create an instance": Case(
        "POST",
        "scenes/{scene_id}/assets",
        {"projectAssetId": "{knife}", "statusTags": ["bloody"]},
        {"projectAssetId": "{knife}"},
        ("PUT", "scenes/{scene_id}/assets/{id}", {"descriptionOverride": "Clean."}),
    ),
    "change an instance": Case(
        "PUT",
        "scenes/{scene_id}/assets/{instance_id}",
        {"descriptionOverride": "Wet."},
        {"descriptionOverride": "Dry."},
        ("PUT", "scenes/{scene_id}/assets/{instance_id}", {"descriptionOverride": "Damp."}),
    ),
    "add a tag": Case(
        "POST",
        "scenes/{scene_id}/assets/{instance_id}/tags",
        {"tag": "torn"},
        {"tag": "mended"},
        ("DELETE", "scenes/{scene_id}/assets/{instance_id}/tags/torn", None),
    ),
    "generate an image": Case(
        "POST",
        "scenes/{scene_id}/assets/{instance_id}/generate-image",
        {"seed": 7},
        {"seed": 8},
        ("POST", "scenes/{scene_id}/assets/{instance_id}/generate-image", None),
    ),
    "generate several": Case(
        "POST",
        "scenes/{scene_id}/assets/generate-images",
        {"instanceIds": ["{instance_id}"]},
        {"instanceIds": ["{lantern}"]},
        ("POST", "scenes/{scene_id}/assets/{instance_id}/generate-image", None),
    ),
    "lock a stage": Case(
        "POST",
        "scenes/{scene_id}/stages/8/lock",
        {"reason": "done"},
        {"reason": "finished"},
        ("POST", "scenes/{scene_id}/stages/8/unlock", None),
    ),
    "unlock a stage": Case(
        "POST",
        "stages/4/unlock",
        {"reason": "a new draft"},
        {"reason": "another draft"},
        ("POST", "stages/4/lock", None),
    ),
    "fork a branch": Case(
        "POST",
        "branches",
        {"name": "twice", "activate": False},
        {"name": "thrice"},
        ("POST", "scenes/{scene_id}/stages/8/lock?ref=twice", None),
    ),
    "fork a branch and activate it": Case(
        "POST",
        "branches",
        {"name": "twice", "activate": True},
        {"name": "thrice", "activate": True},
        ("POST", "branches/main/activate", None),
    ),
    "activate a branch": Case(
        "POST",
        "branches/dev/activate",
        None,
        {},
        ("POST", "branches/main/activate", None),
    ),
    "unlock a stage into a branch and activate it": Case(
        "POST",
        "stages/5/unlock",
        {"branch": {"name": "storybook", "activate": True}},
        {"branch": {"name": "comic", "activate": True}},
        ("PUT", "style/tone?ref=storybook", {"preset": "2d_animation"}),
    ),
}


@pytest.fixture
async def filled(api: Api) -> tuple[Api, dict[str, str]]:
    ids = await furnish(api)
    ids["knife"] = await api.asset("Knife")
    ids["lantern"] = (await api.instance(ids["scene_id"], "Lantern"))["id"]
    return api, ids


def _fill(given: Any, ids: dict[str, str]) -> Any:
    if isinstance(given, str):
        return given.format_map(ids) if "{" in given else given
    if isinstance(given, dict):
        return {key: _fill(value, ids) for key, value in given.items()}
    return [_fill(each, ids) for each in given] if isinstance(given, list) else given


async def _head(api: Api) -> int:
    return (await api.system.log.head()).position


@pytest.mark.req("R267")
@pytest.mark.parametrize("name", CASES)
async def test_a_retry_has_the_first_answer_and_no_effect(
    filled: tuple[Api, dict[str, str]], name: str
) -> None:
    """Straight away, after the read models have followed, and after others have changed what it
    was about."""
    (api, ids), case = filled, CASES[name]
    path, body = _fill(case.path, ids), _fill(case.body, ids)
    before = await _head(api)
    first = await api.send(case.method, path, body, Idempotency_Key="once")
    assert first.is_success, first.text
    assert "idempotency-replayed" not in first.headers
    after = await _head(api)
    assert after > before
    method, between, change = case.between
    for disturb in (False, True):
        if disturb:
            made = {**ids, "id": str(first.json().get("id", ""))}
            changed = await api.send(method, _fill(between, made), _fill(change, made))
            assert changed.is_success, changed.text
            after = await _head(api)
        await api.turn()
        after = await _head(api)
        again = await api.send(case.method, path, body, Idempotency_Key="once")
        assert again.status_code == first.status_code, again.text
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers.get("etag") == first.headers.get("etag")
        assert await _head(api) == after


@pytest.mark.parametrize("name", CASES)
async def test_a_key_stands_for_one_request_alone(
    filled: tuple[Api, dict[str, str]], name: str
) -> None:
    (api, ids), case = filled, CASES[name]
    path = _fill(case.path, ids)
    await api.send(case.method, path, _fill(case.body, ids), Idempotency_Key="once")
    before = await _head(api)
    answer = await api.send(
        case.method, path, _fill(case.other, ids), expect=422, Idempotency_Key="once"
    )
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await _head(api) == before


async def test_an_asset_is_added_once(api: Api) -> None:
    await api.writing()
    lamp = {"name": "Lamp", "type": "prop"}
    first = await api.send("POST", "assets", lamp, expect=201, Idempotency_Key="lamp")
    await api.send("PATCH", f"assets/{first.json()['id']}", {"name": "Torch"}, expect=200)
    again = await api.send("POST", "assets", lamp, expect=201, Idempotency_Key="lamp")
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    events = (await api.get("events?types=asset.added"))["items"]
    assert [each["data"]["name"] for each in events] == ["Lamp"]
    answer = await api.send("POST", "assets", {**lamp, "name": "Oil"}, Idempotency_Key="lamp")
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.req("R267")
async def test_a_request_for_an_image_makes_one_job_however_often_it_is_sent(
    filled: tuple[Api, dict[str, str]],
) -> None:
    api, ids = filled
    path = f"scenes/{ids['scene_id']}/assets/{ids['instance_id']}/generate-image"
    before = {job["id"] for job in (await api.get("jobs"))["items"]}
    answers = await asyncio.gather(
        *(api.send("POST", path, {}, expect=202, Idempotency_Key="draw") for _ in range(5))
    )
    await api.turn()
    answers.append(await api.send("POST", path, {}, expect=202, Idempotency_Key="draw"))
    await api.turn()
    assert len({answer.content for answer in answers}) == 1
    after = {job["id"] for job in (await api.get("jobs"))["items"]}
    assert after - before == {answers[0].json()["jobId"]}
    assert await api.system.jobs.count_calls() == len(after)


async def test_without_a_key_the_same_request_is_another_one(
    filled: tuple[Api, dict[str, str]],
) -> None:
    api, ids = filled
    path = f"scenes/{ids['scene_id']}/assets/{ids['instance_id']}/generate-image"
    jobs = {(await api.post(path))["jobId"] for _ in range(2)}
    assert len(jobs) == 2


async def test_the_same_key_on_another_route_is_a_reuse(
    filled: tuple[Api, dict[str, str]],
) -> None:
    api, ids = filled
    path = f"scenes/{ids['scene_id']}/assets/{ids['instance_id']}"
    await api.send("POST", f"{path}/generate-image", expect=202, Idempotency_Key="k")
    answer = await api.send("DELETE", path, expect=422, Idempotency_Key="k")
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_refused_request_does_not_use_its_key_up(api: Api) -> None:
    await api.writing()
    lock = "stages/2/lock"
    await api.send("POST", lock, expect=409, Idempotency_Key="later")
    await api.post("stages/1/lock")
    await api.send("POST", lock, expect=200, Idempotency_Key="later")


async def test_two_people_may_hit_on_the_same_key(api: Api) -> None:
    await api.writing()
    tenant = (await api.system.log.feed(0, 1))[0].tenant
    asked = Asked(Actor(tenant, "console", "admin"), "a second key")
    issued = await issue_key(api.system.executor, "second", "editor", asked)
    await api.turn()
    second = Api(api.client, api.system, issued.token)
    second.project = api.project
    lamp, oil = {"name": "Lamp", "type": "prop"}, {"name": "Oil", "type": "prop"}
    mine = await api.send("POST", "assets", lamp, expect=201, Idempotency_Key="1")
    theirs = await second.send("POST", "assets", oil, expect=201, Idempotency_Key="1")
    assert (mine.json()["name"], theirs.json()["name"]) == ("Lamp", "Oil")
    assert "idempotency-replayed" not in theirs.headers


async def test_a_retry_finds_its_answer_on_the_branch_where_it_was_given(api: Api) -> None:
    """The request named no branch; the active one has changed since."""
    await api.writing()
    await api.post("branches", {"name": "dev", "activate": True})
    await api.post("assets", {"name": "Rope", "type": "prop"})
    lamp = {"name": "Lamp", "type": "prop"}
    first = await api.send("POST", "assets", lamp, expect=201, Idempotency_Key="lamp")
    for _ in range(2):
        await api.post("branches/main/activate")
        again = await api.send("POST", "assets", lamp, expect=201, Idempotency_Key="lamp")
        assert again.json() == first.json()
        for name in ("Oil", "Bell", "Drum"):
            await api.send("POST", "assets", {"name": name, "type": "prop"})
    await api.turn()
    assert "Lamp" not in {each["name"] for each in (await api.get("assets"))["items"]}


@pytest.mark.req("R313")
async def test_the_second_of_two_writers_hears_that_he_is_late(
    filled: tuple[Api, dict[str, str]],
) -> None:
    api, ids = filled
    path = f"scenes/{ids['scene_id']}/assets/{ids['instance_id']}"
    seen = (await api.send("GET", f"scenes/{ids['scene_id']}/assets")).headers["etag"]
    first, second = {"descriptionOverride": "Wet."}, {"descriptionOverride": "Dry."}
    await api.send("PUT", path, first, expect=200, If_Match=seen)
    before = await _head(api)
    answer = await api.send("PUT", path, second, expect=412, If_Match=seen)
    body = answer.json()
    expected = int(seen.strip('"'))
    assert body["code"] == "VERSION_MISMATCH"
    assert body["details"] == {"expected": expected, "actual": expected + 1}
    assert await _head(api) == before
    mara = await api.instance(ids["scene_id"], "Mara")
    assert mara["descriptionOverride"] == "Wet."


@pytest.mark.req("R313")
async def test_of_writers_at_the_same_moment_with_one_version_one_wins(
    filled: tuple[Api, dict[str, str]],
) -> None:
    api, ids = filled
    path = f"scenes/{ids['scene_id']}/assets/{ids['instance_id']}"
    seen = (await api.send("GET", f"scenes/{ids['scene_id']}/assets")).headers["etag"]
    answers = await asyncio.gather(
        *(
            api.send("PUT", path, {"descriptionOverride": f"Take {n}."}, If_Match=seen)
            for n in range(8)
        )
    )
    assert sorted(each.status_code for each in answers) == [200, *[412] * 7]


async def test_writers_of_different_fields_do_not_disturb_each_other(
    filled: tuple[Api, dict[str, str]],
) -> None:
    api, ids = filled
    path = f"scenes/{ids['scene_id']}/assets/{ids['instance_id']}"
    await asyncio.gather(
        api.send("PUT", path, {"descriptionOverride": "Wet."}, expect=200),
        api.send("PUT", path, {"carryForward": False}, expect=200),
        api.send("POST", f"{path}/tags", {"tag": "torn"}, expect=201),
        api.send("POST", f"{path}/tags", {"tag": "cold"}, expect=201),
    )
    await api.turn()
    mara = await api.instance(ids["scene_id"], "Mara")
    assert mara["descriptionOverride"] == "Wet."
    assert mara["carryForward"] is False
    assert {"torn", "cold", "wet"} <= set(mara["statusTags"])


async def test_a_retry_with_the_version_that_it_knew_is_a_retry(
    filled: tuple[Api, dict[str, str]],
) -> None:
    """The command itself has moved the version on: that is no conflict with oneself."""
    api, ids = filled
    path = f"scenes/{ids['scene_id']}/assets/{ids['instance_id']}"
    seen = (await api.send("GET", f"scenes/{ids['scene_id']}/assets")).headers["etag"]
    wet = {"descriptionOverride": "Wet."}
    headers = {"If_Match": seen, "Idempotency_Key": "wet"}
    first = await api.send("PUT", path, wet, expect=200, **headers)
    again = await api.send("PUT", path, wet, expect=200, **headers)
    assert again.json() == first.json()


async def test_activating_a_branch_heeds_the_version_that_was_seen(
    filled: tuple[Api, dict[str, str]],
) -> None:
    api, _ = filled
    seen = (await api.send("GET", f"/api/projects/{api.project}")).headers["etag"]
    await api.send("POST", "branches/dev/activate", expect=200, If_Match=seen)
    await api.send("POST", "branches/main/activate", expect=412, If_Match=seen)


async def test_what_is_known_already_is_not_sent_again(api: Api) -> None:
    await api.writing()
    first = await api.send("GET", "assets", expect=200)
    answer = await api.send("GET", "assets", expect=304, If_None_Match=first.headers["etag"])
    assert answer.content == b""
