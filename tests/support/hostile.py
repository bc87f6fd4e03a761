"""Requests that no honest client sends, and a judge of what comes back: every route of the
OpenAPI document, a film that has one of everything in it, and a campaign that counts."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from tests.support.http import Api

UNKNOWN = "00000000-0000-4000-8000-000000000000"
MEMBERS = {"type", "title", "status", "detail", "code", "error", "details"}
PROBLEM = "application/problem+json"
JSON = "application/json"
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_LEAK = re.compile(
    r"Traceback|File \\?\"|\.py\b|site-packages|asyncpg|msgspec|litestar|0x[0-9a-f]{6}"
    r"|\bSELECT\b|\bINSERT\b|select .* from |postgres|/(?:src|home|usr|root|tmp)/",
)

UNREADABLE: Mapping[str, bytes] = {
    "truncated": b'{"title": "a',
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "nested 100,000 deep": b"[" * 100_000,
    "nested 100,000 deep in objects": b'{"a":' * 100_000,
    "NaN": b"NaN",
    "NaN in a field": b'{"title": NaN}',
    "too large a number": b"1e400",
    "a lone surrogate": b'{"title": "\\ud800", "name": "\\udc00"}',
    "something behind it": b"{} {}",
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
}
"""These are no JSON: 400, whatever the route."""

UNFITTING: Mapping[str, bytes] = {
    "a list": b"[]",
    "a number": b"7",
    "a string": b'"x"',
    "a huge number": b"9" * 400,
    "true": b"true",
}
"""These are JSON, and no object: 422."""

SERVER_OWNED = ("tenant", "actor", "id", "version", "cost", "createdAt", "__class__")

HOSTILE_SEGMENTS = (
    "not-a-uuid",
    UNKNOWN,
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "x" * 5000,
    quote("\N{RIGHT-TO-LEFT OVERRIDE}\N{PILE OF POO}"),
    "%00",
    "%ff%fe",
    "' or 1=1 --",
    "*",
    "9" * 30,
)

EXAMPLES: Mapping[str, dict[str, Any]] = {
    "CreateProjectBody": {"title": "Another", "aspectRatio": "16:9"},
    "ChangeProjectBody": {"title": "Another", "aspectRatio": "9:16"},
    "CreateBranchBody": {"name": "side", "source": "main", "activate": False},
    "ReasonBody": {"reason": "because"},
    "UnlockBody": {"reason": "because"},
    "ScriptBody": {"text": "INT. HALL - DAY\n\nA cup stands there.\n", "title": "Hall"},
    "ConfirmBody": {"extractionId": UNKNOWN, "selectedAssetIds": [UNKNOWN]},
    "ToneBody": {"preset": "noir", "description": "rain"},
    "AddAssetBody": {"name": "Lamp", "type": "prop", "description": "It is green."},
    "ChangeAssetBody": {"name": "Lamp", "description": "It is red.", "reason": "because"},
    "SidelineBody": {"reason": "because"},
    "MoveBody": {"after": None},
    "CreateInstanceBody": {
        "projectAssetId": UNKNOWN,
        "descriptionOverride": "wet",
        "statusTags": ["wet"],
        "carryForward": True,
    },
    "UpdateInstanceBody": {
        "descriptionOverride": "wet",
        "statusTags": ["wet"],
        "carryForward": True,
        "modificationReason": "rain",
    },
    "TagBody": {"tag": "wet", "modificationReason": "rain"},
    "SelectReferenceBody": {"source": "stage5_master", "instanceId": UNKNOWN},
    "GenerateBody": {"seed": 7},
    "BulkBody": {"instanceIds": [UNKNOWN]},
    "BulkMastersBody": {"assetIds": [UNKNOWN]},
    "EstimateBody": {"instanceIds": [UNKNOWN], "assetIds": [UNKNOWN], "images": 2},
}
"""A body of each sort that can be read; a new sort must be added here."""


class Operation(Struct, frozen=True):
    """A route and method of the OpenAPI document. `body` names the sort of its body."""

    method: str
    path: str
    parameters: tuple[str, ...]
    body: str | None
    optional: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def streams(self) -> bool:
        return self.path.endswith("/events/stream")

    def url(self, ids: Mapping[str, str], **instead: str) -> str:
        return self.path.format_map({**ids, **instead})

    def example(self) -> bytes | None:
        return msgspec.json.encode(EXAMPLES[self.body]) if self.body else None


def operations(api: Api) -> list[Operation]:
    """All that ask for a key, in the order of the document."""
    document = api.client.app.openapi_schema.to_schema()
    return [
        _operation(method.upper(), path, described)
        for path, item in document["paths"].items()
        for method, described in item.items()
        if path.startswith("/api/")
    ]


def _operation(method: str, path: str, described: Mapping[str, Any]) -> Operation:
    request = described.get("requestBody")
    names = re.findall(r"\w+Body\b", str(request["content"])) if request else []
    schema = str(request["content"]) if request else ""
    return Operation(
        method,
        path,
        tuple(re.findall(r"{(\w+)}", path)),
        names[0] if names else None,
        "null" in schema,
    )


async def furnish(api: Api) -> dict[str, str]:
    """A film with one of everything; the ids that fill the paths."""
    await api.film()
    first, second, *_ = await api.scenes()
    for scene in (first, second):
        await api.post(f"scenes/{scene}/assets/inherit")
    await api.turn()
    mara = await api.instance(first, "Mara")
    place = f"scenes/{first}/assets"
    await api.post(f"{place}/{mara['id']}/tags", {"tag": "wet"})
    job = await api.post(f"{place}/{mara['id']}/generate-image")
    lantern = await api.instance(first, "Lantern")
    batch = await api.post(f"{place}/generate-images", {"instanceIds": [lantern["id"]]})
    await api.post("branches", {"name": "dev"})
    await api.turn()
    carousel = (await api.get(f"{place}/{mara['id']}/attempts"))["items"]
    return {
        "project_id": api.project,
        "scene_id": first,
        "asset_id": mara["projectAssetId"],
        "instance_id": mara["id"],
        "attempt_id": carousel[0]["id"],
        "job_id": job["jobId"],
        "batch_id": batch["batchId"],
        "digest": carousel[0]["imageUrl"].rpartition("/")[2],
        "branch": "dev",
        "left": "main",
        "right": "dev",
        "stage": "1",
        "tag": "wet",
    }


class Campaign:
    """Sends, judges, counts. What is wrong is gathered: one look shows all of it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.sent = 0
        self.wrong: list[str] = []

    async def throw(
        self,
        what: str,
        method: str,
        url: str,
        content: bytes | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        expect: Collection[int] = (),
    ) -> Any:
        """`expect` is empty where any refusal or answer will do that is no failure of ours."""
        log = self.api.system.log
        given = {"Content-Type": JSON} if content is not None else {}
        sent: dict[str, Any] = {**self.api.headers, **given, **(headers or {})}
        before = (await log.head()).position
        answer = await self.api.client.request(
            method, url, content=content, headers={k: v for k, v in sent.items() if v != ""}
        )
        self.sent += 1
        found = list(judge(answer))
        if expect and answer.status_code not in expect:
            found.append(f"expected {expect}")
        if answer.status_code >= 400 and (await log.head()).position != before:
            found.append("the log has grown")
        self.wrong += [
            f"{what}: {method} {url[:120]}: {each}: {answer.status_code} {answer.text[:200]}"
            for each in found
        ]
        return answer

    def ends(self, at_least: int) -> None:
        assert not self.wrong, "\n" + "\n".join(self.wrong[:30])
        assert self.sent >= at_least


def judge(answer: Any) -> Iterator[str]:
    """What must hold of every answer, whatever was asked."""
    if answer.status_code >= 500:
        yield "our failure"
    if answer.status_code < 400:
        return
    if answer.headers.get("content-type") != PROBLEM:
        yield "no problem+json"
        return
    body = msgspec.json.decode(answer.content)
    if set(body) != MEMBERS:
        yield f"members {sorted(set(body) ^ MEMBERS)}"
    elif not _CODE.fullmatch(body["code"]) or not body["error"] or not body["title"]:
        yield "a code, title or sentence is missing"
    elif body["status"] != answer.status_code or body["detail"] != body["error"]:
        yield "status or detail do not fit"
    elif _LEAK.search(answer.text):
        yield "it tells of its inside"
