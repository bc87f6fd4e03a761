"""Scenes in story order."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from domain.record import Told
from domain.scenes.events import Heading, SceneAdded, SceneMoved, SceneRemoved
from projections.engine import Projection


class SceneDocument(Struct):
    id: str
    rank: int
    heading: Heading
    excerpt: str
    first_line: int


def keys(fact: SceneAdded | SceneMoved | SceneRemoved) -> Iterable[str]:
    return (fact.scene,)


def apply(document: SceneDocument | None, told: Told) -> SceneDocument | None:
    fact = told.fact
    match fact:
        case SceneAdded(scene, rank, heading, excerpt, first_line):
            return SceneDocument(scene, rank, heading, excerpt, first_line)
        case SceneMoved(_, rank):
            assert document is not None
            document.rank = rank
            return document
        case _:
            return None


SCENES = Projection(
    name="scenes",
    document=SceneDocument,
    keys=keys,
    apply=apply,
    facts=(SceneAdded, SceneMoved, SceneRemoved),
)


def in_story_order(documents: Mapping[str, SceneDocument]) -> Sequence[SceneDocument]:
    return sorted(documents.values(), key=lambda scene: (scene.rank, scene.id))


def numbers(documents: Mapping[str, SceneDocument]) -> dict[str, int]:
    """Scene numbers: 1 for the first scene of the story."""
    return {scene.id: number for number, scene in enumerate(in_story_order(documents), 1)}
