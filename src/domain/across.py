"""Rules that several slices answer together: a script with its scenes, a confirmed extraction,
a scene that inherits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from domain.assets.events import AssetExtracted, AssetSidelined
from domain.extraction import decide as extraction_rules
from domain.instances import decide as instance_rules
from domain.references import image_of
from domain.refusal import Refused
from domain.scenes import decide as scene_rules
from domain.scenes import state as scene_state
from domain.scenes.events import SceneAssetLinked
from domain.writing import decide as writing_rules

if TYPE_CHECKING:
    from domain.branch import Branch, Fact


class ImportScenes(Struct, frozen=True):
    """A script and the scenes that it holds, in story order."""

    script: writing_rules.ImportScript
    scenes: tuple[scene_rules.AddScene, ...]


class InheritScene(Struct, frozen=True):
    """Gives the scene an instance of every active asset that it depends on."""

    scene: str


def import_scenes(command: ImportScenes, branch: "Branch") -> Sequence["Fact"]:
    imported = writing_rules.decide(command.script, branch.writing)
    if not imported:
        return []
    facts: list[Fact] = [*imported]
    scenes = branch.scenes
    for each in command.scenes:
        for fact in scene_rules.decide(each, scenes):
            scenes = scene_state.evolve(scenes, fact)
            facts.append(fact)
    return facts


def confirm_extraction(
    command: extraction_rules.ConfirmExtraction, branch: "Branch"
) -> Sequence["Fact"]:
    """Every candidate becomes an asset; those not selected are sidelined at once (C7)."""
    confirmed = extraction_rules.decide(command, branch.extraction)
    if not confirmed:
        return []
    facts: list[Fact] = [*confirmed]
    selected = set(command.selected)
    for found in extraction_rules.pending(branch.extraction, command.extraction).candidates:
        if found.asset not in branch.assets.assets:
            facts.append(AssetExtracted(found.asset, found.kind, found.name, found.description))
            if found.asset not in selected:
                facts.append(AssetSidelined(found.asset, "deselected at extraction"))
        for scene in found.scenes:
            known = branch.scenes.scenes.get(scene)
            if known is not None and found.asset not in known.assets:
                facts.append(SceneAssetLinked(scene, found.asset))
    return facts


def inherit(scene: str, branch: "Branch") -> Sequence["Fact"]:
    needed = scene_rules.find(branch.scenes, scene).assets
    if not branch.stages.locked(5):
        raise Refused(
            "STAGE_NOT_LOCKED",
            "Lock Stage 5 (Assets) first: scenes start from its locked assets.",
            requiredStage=5,
            requiredStatus="locked",
            currentStatus=branch.stages.status(5),
        )
    present = branch.instances.scenes.get(scene, {})
    if present:
        raise Refused(
            "SCENE_HAS_INSTANCES",
            "The scene has asset instances already.",
            message="The scene has asset instances already.",
            count=len(present),
        )
    facts: list[Fact] = []
    for asset in needed:
        if branch.assets.active(asset):
            source = last_appearance(branch, scene, asset)
            image = image_of(branch, source, asset) if source else None
            facts.append(instance_rules.inherit(scene, asset, source, branch.instances, image))
    return facts


def last_appearance(branch: "Branch", scene: str, asset: str) -> str | None:
    """The nearest earlier scene of the story that has the asset (R176, C4)."""
    for earlier in branch.scenes.before(scene):
        if branch.instances.get(earlier, asset) is not None:
            return earlier
    return None
