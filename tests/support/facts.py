"""Facts by short words, for specifications that read as sentences."""

from domain.assets.events import AssetExtracted
from domain.attempts.events import (
    AttemptGenerated,
    AttemptRequested,
    AttemptSelected,
    Order,
)
from domain.instances.events import InstanceCreated
from domain.scenes.events import Heading, SceneAdded, SceneAssetLinked
from domain.stages.events import StageLocked, StageSkipped
from domain.styles.events import StyleToneSet
from domain.values import Image, Kind, Tone

MARA, LAMP, HALL = "mara", "lamp", "hall"
ONE, TWO, THREE, FOUR = "scene-1", "scene-2", "scene-3", "scene-4"
NOIR = Tone("noir")


def scene(id: str, rank: int) -> SceneAdded:
    text = f"INT. {id.upper()} - DAY"
    return SceneAdded(id, rank, Heading(text, "INT", id, "DAY"), text, rank)


def asset(id: str, kind: Kind = "character") -> AssetExtracted:
    return AssetExtracted(id, kind, id.capitalize(), f"{id} as the script has it")


def linked(scene: str, asset: str) -> SceneAssetLinked:
    return SceneAssetLinked(scene, asset)


def image(name: str) -> Image:
    return Image(name, "image/png", 16, 9, 100)


def order(name: str = "Mara") -> Order:
    return Order("character", name, "", (), NOIR, (), "16:9", 1, "a prompt")


def asked(scene: str | None, asset: str, attempt: str) -> AttemptRequested:
    return AttemptRequested(scene, asset, attempt, order())


def made(scene: str | None, asset: str, attempt: str) -> AttemptGenerated:
    return AttemptGenerated(
        scene, asset, attempt, image(f"image of {attempt}"), "1.0000", f"call {attempt}"
    )


def chosen(scene: str | None, asset: str, attempt: str) -> AttemptSelected:
    return AttemptSelected(scene, asset, attempt)


def created(scene: str, asset: str) -> InstanceCreated:
    return InstanceCreated(scene, asset)


PHASE_A = (
    StyleToneSet(NOIR),
    StageSkipped(1),
    StageSkipped(2),
    StageSkipped(3),
    StageLocked(4),
    StageLocked(5),
    StageSkipped(6),
    StageSkipped(7),
)
"""A noir tone, and everything before the scenes locked or skipped."""

STORY = (scene(ONE, 10), scene(TWO, 20), scene(THREE, 30), scene(FOUR, 40), asset(MARA))
"""Four scenes and Mara, who is in none of them yet."""
