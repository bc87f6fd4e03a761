"""A campaign of hostile requests: no failure of ours, one shape of error, and nothing that was
refused leaves a trace in the log."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from handlers.actor import Actor
from handlers.execute import Asked
from handlers.workspaces import issue_key
from tests.support.hostile import (
    EXAMPLES,
    HOSTILE_SEGMENTS,
    MEMBERS,
    PROBLEM,
    SERVER_OWNED,
    UNFITTING,
    UNKNOWN,
    UNREADABLE,
    Campaign,
    furnish,
    operations,
)
from tests.support.http import Api

FIVE_MEGABYTES = b'{"title": "' + b"a" * 5_000_000 + b'"}'


async def test_no_body_that_cannot_be_read_is_more_than_a_refusal(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    for each in operations(api):
        if each.body is None:
            continue
        for what, body in UNREADABLE.items():
            await campaign.throw(what, each.method, each.url(ids), body, expect=[400])
        for what, body in UNFITTING.items():
            await campaign.throw(what, each.method, each.url(ids), body, expect=[400, 422])
        for nothing in (b"", b"null"):
            expected = [] if each.optional else [422]
            await campaign.throw("none", each.method, each.url(ids), nothing, expect=expected)
        await campaign.throw("5 MB", each.method, each.url(ids), FIVE_MEGABYTES, expect=[413])
    campaign.ends(300)


async def test_every_field_of_every_body_is_checked(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    wrong: tuple[Any, ...] = ({"nested": {}}, [[]], "a\0b", 10**300, -1.5)
    for each in operations(api):
        if each.body is None:
            continue
        example = EXAMPLES[each.body]
        for field in example:
            for value in wrong:
                body = msgspec.json.encode({**example, field: value})
                await campaign.throw(field, each.method, each.url(ids), body, expect=[400, 422])
        for field in SERVER_OWNED:
            body = msgspec.json.encode({**example, field: UNKNOWN})
            await campaign.throw(field, each.method, each.url(ids), body, expect=[422])
    campaign.ends(300)


async def test_an_example_of_every_body_is_understood(api: Api) -> None:
    """Else the tests above would show nothing. A rule may say no; the shape is right."""
    ids, campaign = await furnish(api), Campaign(api)
    for each in operations(api):
        if each.body is not None:
            answer = await campaign.throw("example", each.method, each.url(ids), each.example())
            if answer.status_code >= 400:
                assert answer.json()["code"] not in {"INVALID", "MALFORMED"}, answer.text
    campaign.ends(20)


async def test_of_two_fields_of_one_name_the_last_counts_for_key_and_effect(api: Api) -> None:
    body = b'{"title": "first", "title": "second"}'
    answer = await Campaign(api).throw("twice", "POST", "/api/projects", body)
    assert answer.json()["title"] == "second"


async def test_only_json_is_taken_so_that_no_page_can_send_unasked(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    kinds = (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "",
    )
    for each in operations(api):
        if each.method in {"POST", "PUT", "PATCH"}:
            for kind in kinds:
                given = {"Content-Type": kind}
                body = each.example() or b"{}"
                await campaign.throw(
                    kind, each.method, each.url(ids), body, headers=given, expect=[415]
                )
    campaign.ends(100)


async def test_no_path_reaches_what_it_should_not(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    for each in operations(api):
        for parameter in each.parameters:
            for segment in HOSTILE_SEGMENTS:
                if parameter == "tag" or (each.method == "DELETE" and "dependencies" in each.path):
                    continue  # taking away what is not there is done already
                url = each.url(ids, **{parameter: segment})
                refused = [404, 405, 409, 422, 423]
                expected = [] if segment == ".." else refused
                await campaign.throw(parameter, each.method, url, each.example(), expect=expected)
    campaign.ends(300)


POINTS: Mapping[str, int] = {
    "ref=garbage": 404,
    "ref=main@999999": 404,
    "ref=main@-1": 404,
    "ref=main@": 404,
    "ref=main@1@1": 404,
    "ref=%00": 404,
    "ref=%ff": 404,
    f"ref={UNKNOWN}": 404,
    "ref=main@" + "9" * 200: 404,
    "ref=" + "x" * 400: 422,
    "min_version=-1": 422,
    "min_version=abc": 422,
    "min_version=1e3": 422,
    "min_version=999999": 422,
    "min_version=9007199254740992": 422,
    "min_version=" + "9" * 400: 422,
}


async def test_no_point_of_history_that_is_not_there_can_be_read(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    outside = ("/jobs", "/batches", "/branches", "/refs", "/events", "/images")
    for each in operations(api):
        of_branch = each.path.startswith("/api/projects/{project_id}/")
        if each.method != "GET" or not of_branch or any(part in each.path for part in outside):
            continue
        for query, expected in POINTS.items():
            url = f"{each.url(ids)}?{query}"
            await campaign.throw("point", "GET", url, expect=[expected])
    campaign.ends(200)


QUERIES: Mapping[str, Mapping[str, int]] = {
    "events": {
        "limit=-1": 200,
        "limit=1000000000000": 200,
        "limit=abc": 422,
        "limit=" + "9" * 5000: 422,
        "after=garbage": 422,
        "after=-1": 422,
        "after=999999": 409,
        "after=" + "9" * 18: 409,
        "after=" + "9" * 30: 422,
        "after=00000000:1:1": 409,
        "after=1%0A": 422,
        "after=%D9%A1": 422,
        "after=%00": 422,
        "types=%00": 200,
        "subject=%27%20or%201=1": 200,
    },
    "events/stream": {"after=garbage": 422, "after=999999": 409, "after=00000000:1:1": 409},
    "timeline": {
        "limit=-1": 200,
        "limit=1000000000000": 200,
        "limit=abc": 422,
        "after=-1": 422,
        "after=abc": 422,
        "after=999999": 200,
        "after=" + "9" * 30: 422,
    },
    "jobs": {
        "limit=-1": 200,
        "limit=1000000000000": 200,
        "limit=abc": 422,
        "status=nonsense": 422,
        "cursor=garbage": 422,
        "cursor=%00": 422,
        "cursor=9": 422,
    },
    "assets": {"sidelined=maybe": 422, "unheard=1": 200, "ref=a&ref=b": 404},
    "images/{digest}": {"size=huge": 422, "size=": 422},
    "refs/main/diff/dev": {"stat=maybe": 422},
}


async def test_no_query_is_taken_for_what_it_is_not(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    for path, queries in QUERIES.items():
        for query, expected in queries.items():
            url = f"/api/projects/{api.project}/{path.format_map(ids)}?{query}"
            await campaign.throw(path, "GET", url, expect=[expected])
    campaign.ends(35)


async def test_the_cursor_of_another_epoch_is_stale_and_says_where_to_go_on(api: Api) -> None:
    await api.writing()
    cursor = (await api.get("events"))["cursor"]
    log, epoch, position = cursor.split(":")
    url = f"/api/projects/{api.project}/events?after={log}:{int(epoch) + 1}:{position}"
    answer = await Campaign(api).throw("epoch", "GET", url, expect=[409])
    assert answer.json()["code"] == "CURSOR_STALE"
    assert answer.json()["details"]["head"] == cursor


BAD_HEADERS: tuple[tuple[dict[str, str | bytes], int], ...] = (
    ({"If-Match": "garbage"}, 400),
    ({"If-Match": '"1", "2"'}, 400),
    ({"If-Match": "-1"}, 400),
    ({"If-Match": "9" * 400}, 400),
    ({"If-Match": "ü".encode()}, 400),
    ({"If-Match": '"0"'}, 412),
    ({"If-Match": '"999999"'}, 412),
    ({"If-Match": 'W/"999999"'}, 412),
    ({"Idempotency-Key": "two words"}, 400),
    ({"Idempotency-Key": "ünï".encode()}, 400),
    ({"Idempotency-Key": "k" * 10_000}, 400),
    ({"Idempotency-Key": "tab\tbed"}, 400),
)


async def test_headers_that_say_nothing_are_refused(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    place = f"/api/projects/{api.project}"
    instance = f"{place}/scenes/{ids['scene_id']}/assets/{ids['instance_id']}"
    calls = (
        ("PUT", instance, b'{"descriptionOverride": "dry"}'),
        ("POST", f"{instance}/tags", b'{"tag": "cold"}'),
        ("POST", f"{instance}/generate-image", None),
        ("PATCH", place, b'{"title": "Other"}'),
        ("DELETE", instance, None),
    )
    for method, url, body in calls:
        for headers, expected in BAD_HEADERS:
            what = f"{next(iter(headers))}"
            await campaign.throw(what, method, url, body, headers=headers, expect=[expected])
    campaign.ends(50)


async def test_a_stream_starts_from_no_event_id_that_is_not_of_this_log(api: Api) -> None:
    await api.writing()
    campaign = Campaign(api)
    url = f"/api/projects/{api.project}/events/stream"
    ids = {"garbage": 422, "-1": 422, "999999": 409, "00000000:1:1": 409, "x" * 10_000: 422}
    for id, expected in ids.items():
        headers = {"Last-Event-ID": id}
        await campaign.throw("Last-Event-ID", "GET", url, headers=headers, expect=[expected])
    campaign.ends(5)


async def test_no_key_but_a_right_one_opens_anything(api: Api) -> None:
    await api.writing()
    campaign = Campaign(api)
    right = api.headers["Authorization"]
    other = Actor(UNKNOWN, "x", "admin")
    wrong: tuple[str | bytes, ...] = (
        "",
        "Basic dXNlcjpwYXNz",
        "Bearer",
        "Bearer  ",
        "Bearer null",
        f"{right}x",
        f"{right} {right}",
        right.rpartition("_")[0],
        right.rpartition("_")[0] + "_",
        f"Bearer aiu_{UNKNOWN}_secret",
        f"Bearer aiu_{other.id}_{'s' * 43}",
        "Bearer " + "a" * 100_000,
        b"Bearer aiu_\xff\xfe",
        "Bearer ünï".encode(),
        right.replace("Bearer", "Basic"),
        right.replace("aiu_", "aiu_aiu_"),
        right.replace("aiu_", "AIU_"),
    )
    for each in operations(api):
        if "{" not in each.path:
            for value in wrong:
                answer = await campaign.throw(
                    str(value)[:40],
                    each.method,
                    each.path,
                    each.example(),
                    headers={"Authorization": value},
                    expect=[401],
                )
                assert answer.headers["www-authenticate"] == "Bearer"
    campaign.ends(30)


async def test_a_script_without_a_scene_is_refused_with_a_reason(api: Api) -> None:
    await api.writing()
    campaign = Campaign(api)
    url = f"/api/projects/{api.project}/script"
    for text in ("Hamlet.\n\nACT I\n\nWho's there?\n", " ", "\n", "= x", "{", "/*", "[[", ">" * 9):
        body = msgspec.json.encode({"text": text})
        answer = await campaign.throw(repr(text), "POST", url, body, expect=[422])
        if answer.status_code == 422:
            assert answer.json()["code"] == "SCRIPT_EMPTY"
    campaign.ends(8)


async def test_what_is_out_of_sight_can_still_be_changed_without_a_failure(api: Api) -> None:
    """An instance whose asset was sidelined meanwhile: the command is carried out, so the answer
    is no error."""
    ids, campaign = await furnish(api), Campaign(api)
    await api.post("stages/5/unlock")
    await api.post(f"assets/{ids['asset_id']}/sideline")
    instance = f"/api/projects/{api.project}/scenes/{ids['scene_id']}/assets/{ids['instance_id']}"
    for _ in range(2):
        body = b'{"descriptionOverride": "hidden"}'
        answer = await campaign.throw("sidelined", "PUT", instance, body)
        assert answer.status_code in {200, 409}
        await campaign.throw("sidelined", "POST", f"{instance}/tags", b'{"tag": "cold"}')
        await campaign.throw("sidelined", "DELETE", f"{instance}/tags/cold")
        await campaign.throw("sidelined", "GET", f"{instance}/attempts")
        await api.turn()
    campaign.ends(8)


async def test_a_name_is_more_than_white_space(api: Api) -> None:
    await api.writing()
    campaign = Campaign(api)
    place = f"/api/projects/{api.project}"
    for blank in (" ", "\t\n", "\N{NO-BREAK SPACE}"):
        title, name = msgspec.json.encode({"title": blank}), msgspec.json.encode({"name": blank})
        asset = msgspec.json.encode({"name": blank, "type": "prop"})
        await campaign.throw("title", "POST", "/api/projects", title, expect=[422])
        await campaign.throw("title", "PATCH", place, title, expect=[422])
        await campaign.throw("asset", "POST", f"{place}/assets", asset, expect=[422])
        await campaign.throw("branch", "POST", f"{place}/branches", name, expect=[422])
    campaign.ends(12)


@pytest.mark.req("R303")
async def test_each_refusal_has_the_status_that_says_what_to_do(api: Api) -> None:
    ids, campaign = await furnish(api), Campaign(api)
    place = f"/api/projects/{api.project}"
    viewer = await _viewer(api)
    cases: tuple[tuple[int, str, str, str, bytes | None, Mapping[str, str | bytes]], ...] = (
        (400, "MALFORMED", "POST", "/api/projects", b"{", {}),
        (400, "HEADER_INVALID", "PUT", f"{place}/style/tone", b'{"preset":"noir"}', _if("x")),
        (401, "UNAUTHENTICATED", "GET", place, None, {"Authorization": "Bearer x"}),
        (403, "FORBIDDEN", "POST", f"{place}/stages/8/lock", None, {"Authorization": viewer}),
        (404, "PROJECT_NOT_FOUND", "GET", f"/api/projects/{UNKNOWN}", None, {}),
        (404, "NOT_FOUND", "GET", "/api/nothing", None, {}),
        (405, "METHOD_NOT_ALLOWED", "PUT", place, b"{}", {}),
        (409, "BRANCH_EXISTS", "POST", f"{place}/branches", b'{"name":"main"}', {}),
        (412, "VERSION_MISMATCH", "PUT", f"{place}/style/tone", b'{"preset":"noir"}', _if("1")),
        (413, "TOO_LARGE", "POST", f"{place}/script", FIVE_MEGABYTES, {}),
        (415, "WRONG_MEDIA_TYPE", "POST", f"{place}/assets", b"{}", {"Content-Type": "text/html"}),
        (422, "INVALID", "POST", f"{place}/assets", b"{}", {}),
        (422, "STAGE_UNKNOWN", "POST", f"{place}/stages/13/lock", None, {}),
        (423, "STAGE_LOCKED", "PUT", f"{place}/style/tone", b'{"preset":"2d_animation"}', {}),
        (423, "STAGE_LOCKED", "POST", f"{place}/assets/{ids['asset_id']}/sideline", None, {}),
    )
    for status, code, method, url, body, headers in cases:
        answer = await campaign.throw(code, method, url, body, headers=headers, expect=[status])
        assert answer.json()["code"] == code, answer.text
    campaign.ends(len(cases))


def _if(version: str) -> dict[str, str | bytes]:
    return {"If-Match": version}


async def _viewer(api: Api) -> str:
    tenant = (await api.system.log.feed(0, 1))[0].tenant
    asked = Asked(Actor(tenant, "console", "admin"), "a viewer's key")
    issued = await issue_key(api.system.executor, "viewer", "viewer", asked)
    await api.turn()
    return f"Bearer {issued.token}"


async def test_the_documentation_asks_no_other_machine(api: Api) -> None:
    page = (await api.client.get("/docs")).text
    assert "https://" not in page.split("spec:")[0]
    assert "http://" not in page.split("spec:")[0]
    document = (await api.client.get("/docs/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    for each in operations(api):
        described = document["paths"][each.path][each.method.lower()]
        assert described["summary"], each.name
        assert described["tags"], each.name
        assert list(described["responses"]["4XX"]["content"]) == [PROBLEM], each.name
        named = {parameter["name"] for parameter in described["parameters"]}
        assert each.method == "GET" or {"Idempotency-Key", "If-Match"} <= named, each.name
    assert set(document["components"]["schemas"]["Problem"]["properties"]) == MEMBERS
    assert document["paths"]["/healthz"]["get"]["security"] == []
