"""Who sees what: every route of the OpenAPI document with no key, with another workspace's, a
viewer's and an editor's; what a list tells and what one thing tells is the same."""

import asyncio
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from api import auth, stream
from domain import workspace
from domain.workspace import Role
from handlers.actor import Actor
from handlers.blobs import blob_key, keep
from handlers.execute import Asked
from handlers.warm import WORKSPACE
from handlers.workspaces import Issued, issue_key, open_workspace
from tests.support.hostile import UNKNOWN, Campaign, Operation, furnish, operations
from tests.support.http import SCRIPT, Api

READING_POST = "/generation/estimate"


class Neighbours(Struct):
    """Two workspaces on one system, a film in each. `ids` fill the paths of the first."""

    mine: Api
    ids: dict[str, str]
    theirs: Api
    their_ids: dict[str, str]


@pytest.fixture
async def neighbours(api: Api) -> Neighbours:
    _, issued = await open_workspace(api.system.executor, "next door")
    await api.turn()
    theirs = Api(api.client, api.system, issued.token)
    made = Neighbours(api, await furnish(api), theirs, await furnish(theirs))
    for each, ids in ((api, made.ids), (theirs, made.their_ids)):
        image = b"\x89PNG of " + each.project.encode()
        ids["digest"] = await keep(api.system.blobs, await _tenant(each), image, "image/png")
    return made


async def _tenant(api: Api) -> str:
    log = api.system.log
    head = (await log.head()).position
    records = await log.feed(0, head)
    return next(each.tenant for each in records if each.project == api.project)


async def _issue(api: Api, role: Role) -> Issued:
    asked = Asked(Actor(await _tenant(api), "console", "admin"), f"a key for a {role}")
    issued = await issue_key(api.system.executor, role, role, asked)
    await api.turn()
    return issued


async def _as(api: Api, role: Role) -> Api:
    made = Api(api.client, api.system, (await _issue(api, role)).token)
    made.project = api.project
    return made


def _body(operation: Operation, ids: dict[str, str]) -> bytes | None:
    """An example that names what is there, so that nothing but the role can be the reason."""
    example = operation.example()
    if example is None:
        return None
    own = ids["asset_id"] if "asset" in (operation.body or "").lower() else ids["instance_id"]
    own = ids["asset_id"] if operation.body == "BulkMastersBody" else own
    return example.replace(UNKNOWN.encode(), own.encode())


async def test_without_a_key_no_route_says_anything(neighbours: Neighbours) -> None:
    campaign = Campaign(neighbours.mine)
    for each in operations(neighbours.mine):
        for ids in (neighbours.ids, dict.fromkeys(neighbours.ids, UNKNOWN) | {"stage": "1"}):
            answer = await campaign.throw(
                "no key",
                each.method,
                each.url(ids),
                each.example(),
                headers={"Authorization": ""},
                expect=[401],
            )
            assert answer.json()["code"] == "UNAUTHENTICATED"
    campaign.ends(100)


async def test_what_is_of_another_workspace_is_as_unknown_as_what_is_not_there(
    neighbours: Neighbours,
) -> None:
    mine, theirs = neighbours.mine, neighbours.theirs
    campaign = Campaign(theirs)
    nowhere = {**neighbours.ids, "project_id": UNKNOWN, "job_id": f"{UNKNOWN[:-1]}1"}
    for each in operations(mine):
        if not each.parameters:
            continue
        body = _body(each, neighbours.ids)
        foreign = await campaign.throw(
            "foreign", each.method, each.url(neighbours.ids), body, expect=[404]
        )
        unknown = await campaign.throw(
            "unknown", each.method, each.url(nowhere), body, expect=[404]
        )
        assert _anonymous(foreign, neighbours.ids) == _anonymous(unknown, nowhere), each.name
        assert foreign.json()["code"] == unknown.json()["code"]
    campaign.ends(100)


def _anonymous(answer: Any, ids: dict[str, str]) -> str:
    text = str(answer.text)
    for name in ("project_id", "job_id"):
        text = text.replace(ids[name], name)
    return text


async def test_an_id_of_another_workspace_under_an_own_project_is_unknown_too(
    neighbours: Neighbours,
) -> None:
    """Every id of a path in turn, the rest of the path being the caller's own."""
    campaign = Campaign(neighbours.mine)
    nested = {"scene_id", "asset_id", "instance_id", "attempt_id", "job_id", "batch_id", "digest"}
    assert neighbours.ids["digest"] != neighbours.their_ids["digest"]
    for each in operations(neighbours.mine):
        for name in nested & set(each.parameters):
            body = _body(each, neighbours.ids)
            nothing = UNKNOWN if name != "digest" else "0" * 64
            theirs = neighbours.their_ids[name]
            foreign = await campaign.throw(
                name, each.method, each.url(neighbours.ids, **{name: theirs}), body
            )
            unknown = await campaign.throw(
                name, each.method, each.url(neighbours.ids, **{name: nothing}), body
            )
            assert foreign.status_code == unknown.status_code, each.name
            assert foreign.text.replace(theirs, "") == unknown.text.replace(nothing, ""), each.name
    campaign.ends(100)


async def test_ids_of_another_workspace_in_a_body_are_unknown_too(neighbours: Neighbours) -> None:
    mine, their_ids = neighbours.mine, neighbours.their_ids
    campaign = Campaign(mine)
    place, scene = f"/api/projects/{mine.project}", neighbours.ids["scene_id"]
    scenes = f"{place}/scenes/{scene}"
    bodies: dict[str, dict[str, Any]] = {
        f"{scenes}/assets": {"projectAssetId": their_ids["asset_id"]},
        f"{scenes}/move": {"after": their_ids["scene_id"]},
        f"{scenes}/assets/generate-images": {"instanceIds": [their_ids["instance_id"]]},
        f"{place}/branches": {"name": "stolen", "source": await _main_of(neighbours.theirs)},
    }
    for url, body in bodies.items():
        content = msgspec.json.encode(body)
        await campaign.throw("in a body", "POST", url, content, expect=[404])
    for point in (await _main_of(neighbours.theirs), f"{await _main_of(neighbours.theirs)}@1"):
        for path in (
            "assets",
            "timeline",
            "stages",
            f"branches/{point}",
            f"refs/main/diff/{point}",
        ):
            url = f"{place}/{path}?ref={point}"
            await campaign.throw("as a ref", "GET", url, expect=[404])
    campaign.ends(14)


async def _main_of(api: Api) -> str:
    return str((await api.get(f"/api/projects/{api.project}"))["activeBranch"])


async def test_lists_hold_what_is_ones_own_and_nothing_else(neighbours: Neighbours) -> None:
    mine, theirs = neighbours.mine, neighbours.theirs
    for api, other in ((mine, theirs), (theirs, mine)):
        projects = (await api.get("/api/projects"))["items"]
        assert [each["id"] for each in projects] == [api.project]
        everything = ""
        for path in ("assets", "scenes", "jobs", "branches", "timeline", "events?limit=1000"):
            everything += (await api.send("GET", path, expect=200)).text
        assert other.project not in everything
        assert await _tenant(other) not in everything
    mine_events = (await mine.get("events?limit=1000"))["items"]
    their_events = (await theirs.get("events?limit=1000"))["items"]
    assert not {e["id"] for e in mine_events} & {e["id"] for e in their_events}
    assert len(mine_events) > 50


async def test_a_viewer_reads_what_an_editor_reads_and_writes_nothing(
    neighbours: Neighbours,
) -> None:
    mine, ids = neighbours.mine, neighbours.ids
    viewer, editor = await _as(mine, "viewer"), await _as(mine, "editor")
    seeing, campaign = Campaign(editor), Campaign(viewer)
    for each in operations(mine):
        if each.streams:
            continue
        body = _body(each, ids)
        if each.method == "GET" or each.path.endswith(READING_POST):
            read = await campaign.throw("viewer", each.method, each.url(ids), body, expect=[200])
            same = await seeing.throw("editor", each.method, each.url(ids), body, expect=[200])
            assert read.content == same.content, each.name
            continue
        answer = await campaign.throw("viewer", each.method, each.url(ids), body, expect=[403])
        assert answer.json()["code"] == "FORBIDDEN", each.name
    seeing.ends(25)
    campaign.ends(50)


async def test_a_viewer_leaves_no_file_behind(neighbours: Neighbours) -> None:
    viewer = await _as(neighbours.mine, "viewer")
    prefix = blob_key(await _tenant(viewer), "")
    before = await viewer.system.blobs.keys(prefix)
    await viewer.send("POST", "script", {"text": SCRIPT + "\nINT. ATTIC - DAY\n"}, expect=403)
    assert await viewer.system.blobs.keys(prefix) == before


async def test_an_editor_may_write(neighbours: Neighbours) -> None:
    editor = await _as(neighbours.mine, "editor")
    await editor.send("POST", "branches", {"name": "editors"}, expect=201)
    await editor.send("PATCH", f"/api/projects/{editor.project}", {"title": "New"}, expect=200)


async def test_looking_at_a_carousel_changes_nothing_for_a_viewer(neighbours: Neighbours) -> None:
    """An inherited image becomes an attempt when an editor looks first (R180); a viewer's look
    leaves the log as it is."""
    mine = neighbours.mine
    viewer = await _as(mine, "viewer")
    third = (await mine.scenes())[2]
    await mine.post(f"scenes/{third}/assets/inherit")
    await mine.turn()
    mara = await mine.instance(third, "Mara")
    carousel = f"scenes/{third}/assets/{mara['id']}/attempts"
    before = (await mine.system.log.head()).position
    assert (await viewer.get(carousel))["items"] == []
    assert (await mine.system.log.head()).position == before
    assert mara["sourceBadge"] == "prior_scene"


async def test_a_list_and_one_of_it_say_the_same(neighbours: Neighbours) -> None:
    mine = neighbours.mine
    for path in ("assets", "scenes", "jobs", "branches"):
        items = (await mine.get(path))["items"]
        assert items, path
        for each in items:
            assert await mine.get(f"{path}/{each['id']}") == each
    for job in (await mine.get("jobs"))["items"]:
        assert await mine.get(f"/api/images/jobs/{job['id']}") == job
    for scene in await mine.scenes():
        listed = (await mine.get(f"scenes/{scene}/assets"))["items"]
        board = (await mine.get(f"scenes/{scene}/board"))["groups"]
        grouped = [each for group in board.values() for each in group]
        assert sorted(listed, key=_id) == sorted(grouped, key=_id)
    project = await mine.get(f"/api/projects/{mine.project}")
    card = (await mine.get("/api/projects"))["items"][0]
    assert {**project, **card} == {**project, "createdAt": card["createdAt"]}


def _id(each: Any) -> str:
    return str(each["id"])


async def test_an_image_is_private_and_never_taken_for_a_page(neighbours: Neighbours) -> None:
    digest = neighbours.ids["digest"]
    answer = await neighbours.mine.send("GET", f"images/{digest}", expect=200)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "image/png"
    await neighbours.theirs.send("GET", f"images/{digest}", expect=404)


async def test_a_script_is_no_image(neighbours: Neighbours) -> None:
    """It lies in the same store under its digest; the image route does not hand it out."""
    sha256 = (await neighbours.mine.get("script"))["sha256"]
    await neighbours.mine.send("GET", f"images/{sha256}", expect=404)


async def _revoke(api: Api, key: str) -> None:
    tenant = await _tenant(api)
    asked = Asked(Actor(tenant, "console", "admin"), "revoked")
    command = workspace.RevokeKey(key)
    await api.system.executor.execute(
        WORKSPACE, tenant, tenant, lambda state: workspace.decide(command, state), asked
    )
    await api.turn()


async def test_a_revoked_key_opens_nothing_once_it_is_forgotten(
    film: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REMEMBER", 0.0)
    issued = await _issue(film, "editor")
    editor = Api(film.client, film.system, issued.token)
    editor.project = film.project
    await editor.send("GET", "assets", expect=200)
    await _revoke(film, issued.key)
    answer = await editor.send("GET", "assets", expect=401)
    assert answer.json()["code"] == "UNAUTHENTICATED"
    await film.send("GET", "assets", expect=200)


def test_a_revoked_key_is_out_within_five_seconds_its_streams_included() -> None:
    """S15: what is remembered of a key, and how often a stream asks again."""
    assert auth.REMEMBER + stream.RECHECK <= 5.0


async def test_a_stream_tells_its_own_project_alone_and_ends_with_its_key(
    neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REMEMBER", 0.0)
    monkeypatch.setattr(stream, "RECHECK", 0.01)
    mine, theirs = neighbours.mine, neighbours.theirs
    issued = await _issue(mine, "viewer")
    viewer = Api(mine.client, mine.system, issued.token)
    viewer.project = mine.project
    following = asyncio.create_task(viewer.send("GET", "events/stream", expect=200))
    await asyncio.sleep(0)
    await theirs.post("assets", {"name": "Secret", "type": "prop"})
    await mine.post("branches", {"name": "told"})
    listed = [each["id"] for each in (await mine.get("events?limit=1000"))["items"]]
    await asyncio.sleep(0.05)
    await _revoke(mine, issued.key)
    told = (await following).text
    assert theirs.project not in told
    assert "Secret" not in told
    events = [line for line in told.split("\r\n") if line.startswith("data: {")]
    assert [msgspec.json.decode(each[6:])["id"] for each in events] == listed
