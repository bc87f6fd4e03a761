"""The scenes of a branch in story order, with their dependencies."""

from bisect import bisect_left
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.scenes.events import (
    Fact,
    SceneAdded,
    SceneAssetLinked,
    SceneAssetUnlinked,
    SceneMoved,
    SceneRemoved,
)


class Scene(Struct, frozen=True):
    rank: int
    slug: str
    assets: tuple[str, ...] = ()


class Scenes(Struct, frozen=True):
    """`order` holds (rank, scene), ascending."""

    scenes: dict[str, Scene] = {}
    order: tuple[tuple[int, str], ...] = ()

    def number(self, scene: str) -> int:
        """1 for the first scene of the story; it moves with the order."""
        return bisect_left(self.order, (self.scenes[scene].rank, scene)) + 1

    def before(self, scene: str) -> tuple[str, ...]:
        """The scenes that come earlier in the story, the nearest first."""
        at = self.number(scene) - 1
        return tuple(each for _, each in reversed(self.order[:at]))

    def prior(self, scene: str) -> str | None:
        """The scene just before this one (R173), None for the first."""
        return next(iter(self.before(scene)), None)


def evolve(state: Scenes, fact: Fact) -> Scenes:
    match fact:
        case SceneAdded(scene, rank, heading):
            added = Scene(rank, heading.text)
            return Scenes(
                {**state.scenes, scene: added}, tuple(sorted((*state.order, (rank, scene))))
            )
        case SceneMoved(scene, rank):
            moved = replace(state.scenes[scene], rank=rank)
            rest = _without(state, scene)
            return Scenes({**state.scenes, scene: moved}, tuple(sorted((*rest, (rank, scene)))))
        case SceneRemoved(scene):
            left = {id: each for id, each in state.scenes.items() if id != scene}
            return Scenes(left, _without(state, scene))
        case SceneAssetLinked(scene, asset):
            return _relink(state, scene, (*state.scenes[scene].assets, asset))
        case SceneAssetUnlinked(scene, asset):
            kept = tuple(each for each in state.scenes[scene].assets if each != asset)
            return _relink(state, scene, kept)
        case _:
            assert_never(fact)


def _without(state: Scenes, scene: str) -> tuple[tuple[int, str], ...]:
    return tuple(each for each in state.order if each[1] != scene)


def _relink(state: Scenes, scene: str, assets: tuple[str, ...]) -> Scenes:
    relinked = replace(state.scenes[scene], assets=assets)
    return Scenes({**state.scenes, scene: relinked}, state.order)
