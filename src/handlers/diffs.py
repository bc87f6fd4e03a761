"""What differs between two points of history: the read models of both, field by field."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from domain.ids import instance_id
from domain.project import Project
from handlers.actor import Actor
from handlers.branches import Ref
from handlers.reads import Page, Reads, Wish
from projections.assets import ASSETS
from projections.engine import Projection
from projections.scene_boards import SCENE_BOARDS
from projections.scene_dependencies import SCENE_DEPENDENCIES
from projections.scenes import SCENES, numbers
from projections.stage_boards import STAGE_BOARDS
from projections.writing import WRITING

Change = Literal["added", "removed", "changed"]

COMPARED: Mapping[str, Projection] = {
    "scene": SCENES,
    "dependencies": SCENE_DEPENDENCIES,
    "asset": ASSETS,
    "instance": SCENE_BOARDS,
    "stages": STAGE_BOARDS,
    "writing": WRITING,
}
_UNTOLD = {"created_at", "updated_at", "at", "by", "modification_count", "rank"}


class Side(Struct, rename="camel"):
    branch: str
    name: str
    version: int


class FieldChange(Struct):
    field: str
    left: Any
    right: Any


class Entry(Struct):
    """One thing that differs, with a name for people."""

    noun: str
    id: str
    label: str
    change: Change
    fields: list[FieldChange] = []


class Diff(Struct, rename="camel"):
    """`base` is the point up to which both share their history; `summary` counts by noun."""

    left: Side
    right: Side
    base: Side
    summary: dict[str, dict[str, int]]
    entries: list[Entry]


async def diff(reads: Reads, project: Project, left: Ref, right: Ref, actor: Actor) -> Diff:
    wishes = [Wish(projection) for projection in COMPARED.values()]
    pages = [await reads.page(ref, actor, *wishes) for ref in (left, right)]
    things = [dict(_things(page)) for page in pages]
    entries = []
    for place in sorted({*things[0], *things[1]}):
        entry = _compare(place, things[0].get(place), things[1].get(place), pages)
        if entry is not None:
            entries.append(entry)
    summary: dict[str, dict[str, int]] = {}
    for entry in entries:
        counts = summary.setdefault(entry.noun, {"added": 0, "removed": 0, "changed": 0})
        counts[entry.change] += 1
    sides = [
        Side(ref.branch, project.branches[ref.branch].name, page.version)
        for ref, page in zip((left, right), pages, strict=True)
    ]
    return Diff(sides[0], sides[1], merge_base(project, *sides), summary, entries)


def merge_base(project: Project, left: Side, right: Side) -> Side:
    """The last point that both have in their history."""
    paths = [dict(_path(project, side.branch, side.version)) for side in (left, right)]
    shared = [
        (min(paths[0][branch], paths[1][branch]), branch)
        for branch in paths[0]
        if branch in paths[1]
    ]
    version, branch = max(shared)
    return Side(branch, project.branches[branch].name, version)


def _path(project: Project, branch: str, version: int) -> Iterator[tuple[str, int]]:
    at: str | None = branch
    while at is not None:
        yield at, version
        line = project.branches[at]
        at, version = line.parent, min(version, line.forked_at)


def _things(page: Page) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for noun, projection in COMPARED.items():
        for key, document in page.all(projection).items():
            if noun == "instance":
                for asset, instance in document.instances.items():
                    yield (noun, f"{key}:{asset}"), msgspec.to_builtins(instance)
            else:
                yield (noun, key), msgspec.to_builtins(document, str_keys=True)


def _compare(
    place: tuple[str, str],
    left: dict[str, Any] | None,
    right: dict[str, Any] | None,
    pages: list[Page],
) -> Entry | None:
    noun, key = place
    label = _label(noun, key, pages)
    id = instance_id(*key.split(":")) if noun == "instance" else key
    if left is None or right is None:
        return Entry(noun, id, label, "added" if left is None else "removed")
    fields = list(_fields(left, right))
    return Entry(noun, id, label, "changed", fields) if fields else None


def _fields(left: Any, right: Any, at: str = "") -> Iterator[FieldChange]:
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted({*left, *right} - _UNTOLD):
            path = f"{at}.{name}" if at else name
            yield from _fields(left.get(name), right.get(name), path)
    elif left != right:
        yield FieldChange(at, left, right)


def _label(noun: str, key: str, pages: list[Page]) -> str:
    for page in reversed(pages):
        number = numbers(page.all(SCENES))
        assets = page.all(ASSETS)
        if noun == "asset" and key in assets:
            return str(assets[key].name)
        if noun == "instance":
            scene, asset = key.split(":")
            if scene in number and asset in assets:
                return f"{assets[asset].name} in Scene {number[scene]}"
        elif key in number:
            return f"Scene {number[key]}"
    return {"stages": "Project stages", "writing": "Script and style"}.get(noun, key)
