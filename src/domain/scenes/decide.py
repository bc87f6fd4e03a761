"""Rules of the story order and of scene dependencies."""

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct

from domain.refusal import Refused, not_found
from domain.scenes.events import (
    Fact,
    Heading,
    SceneAdded,
    SceneAssetLinked,
    SceneAssetUnlinked,
    SceneMoved,
    SceneRemoved,
)
from domain.scenes.state import Scene, Scenes

GAP = 1 << 20
"""Free ranks between neighbours: twenty scenes may be put between two before any is renumbered."""


class AddScene(Struct, frozen=True):
    """`after` names the scene that it follows; None puts it last."""

    scene: str
    heading: Heading
    excerpt: str
    first_line: int = 0
    after: str | None = None


class MoveScene(Struct, frozen=True):
    """`after` names the scene that it follows; None puts it first."""

    scene: str
    after: str | None


class RemoveScene(Struct, frozen=True):
    scene: str


class LinkAsset(Struct, frozen=True):
    scene: str
    asset: str


class UnlinkAsset(Struct, frozen=True):
    scene: str
    asset: str


Command = AddScene | MoveScene | RemoveScene | LinkAsset | UnlinkAsset


def decide(command: Command, state: Scenes) -> Sequence[Fact]:
    match command:
        case AddScene(scene, heading, excerpt, first_line, after):
            if scene in state.scenes:
                return []
            if after is not None:
                find(state, after)
            last = state.order[-1][1] if state.order else None
            rank, shifts = _rank_after(state.order, after or last)
            return [*shifts, SceneAdded(scene, rank, heading, excerpt, first_line)]
        case MoveScene(scene, after):
            return _move(state, scene, after)
        case RemoveScene(scene):
            find(state, scene)
            return [SceneRemoved(scene)]
        case LinkAsset(scene, asset):
            linked = asset in find(state, scene).assets
            return [] if linked else [SceneAssetLinked(scene, asset)]
        case UnlinkAsset(scene, asset):
            linked = asset in find(state, scene).assets
            return [SceneAssetUnlinked(scene, asset)] if linked else []
        case _:
            assert_never(command)


def find(state: Scenes, scene: str) -> Scene:
    found = state.scenes.get(scene)
    if found is None:
        raise not_found("scene", scene)
    return found


def _move(state: Scenes, scene: str, after: str | None) -> Sequence[Fact]:
    find(state, scene)
    if after is not None:
        find(state, after)
    if after == scene:
        raise Refused("SCENE_AFTER_ITSELF", "A scene cannot follow itself.", scene=scene)
    if state.prior(scene) == after:
        return []
    rest = tuple(each for each in state.order if each[1] != scene)
    rank, shifts = _rank_after(rest, after)
    return [*shifts, SceneMoved(scene, rank)]


def _rank_after(
    order: tuple[tuple[int, str], ...], after: str | None
) -> tuple[int, list[SceneMoved]]:
    """A free rank behind `after`; where none is left, everything behind it is moved on."""
    at = next((i + 1 for i, (_, scene) in enumerate(order) if scene == after), 0)
    low = order[at - 1][0] if at else 0
    if at == len(order):
        return low + GAP, []
    high = order[at][0]
    if high - low > 1:
        return (low + high) // 2, []
    shifts = [SceneMoved(scene, rank + GAP) for rank, scene in reversed(order[at:])]
    return low + GAP // 2, shifts
