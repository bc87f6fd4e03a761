"""The root decider of a branch: the one place that sees all slices.

A slice decides over its own state; what it must know of another is handed to it from here.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain import across
from domain.across import ImportScenes, InheritScene
from domain.assets import decide as asset_rules
from domain.assets import events as asset_facts
from domain.assets import state as asset_state
from domain.attempts import decide as attempt_rules
from domain.attempts import events as attempt_facts
from domain.attempts import state as attempt_state
from domain.extraction import decide as extraction_rules
from domain.extraction import events as extraction_facts
from domain.extraction import state as extraction_state
from domain.instances import decide as instance_rules
from domain.instances import events as instance_facts
from domain.instances import state as instance_state
from domain.refusal import Refused
from domain.scenes import decide as scene_rules
from domain.scenes import events as scene_facts
from domain.scenes import state as scene_state
from domain.stages import decide as stage_rules
from domain.stages import events as stage_facts
from domain.stages import state as stage_state
from domain.styles import decide as style_rules
from domain.styles import events as style_facts
from domain.styles import state as style_state
from domain.writing import events as writing_facts
from domain.writing import state as writing_state


class Branch(Struct, frozen=True):
    stages: stage_state.Stages = stage_state.Stages()
    writing: writing_state.Writing = writing_state.Writing()
    scenes: scene_state.Scenes = scene_state.Scenes()
    extraction: extraction_state.Extraction = extraction_state.Extraction()
    assets: asset_state.Assets = asset_state.Assets()
    style: style_state.Style = style_state.Style()
    instances: instance_state.Instances = instance_state.Instances()
    attempts: attempt_state.Attempts = attempt_state.Attempts()


Fact = (
    attempt_facts.Fact
    | instance_facts.Fact
    | scene_facts.Fact
    | asset_facts.Fact
    | stage_facts.Fact
    | style_facts.Fact
    | extraction_facts.Fact
    | writing_facts.Fact
)


def evolve(state: Branch, fact: Fact) -> Branch:
    if isinstance(fact, attempt_facts.Fact):
        return replace(state, attempts=attempt_state.evolve(state.attempts, fact))
    if isinstance(fact, instance_facts.Fact):
        evolved = replace(state, instances=instance_state.evolve(state.instances, fact))
        if isinstance(fact, instance_facts.InstanceRemoved):
            kept = state.attempts.without(fact.scene, fact.asset)
            return replace(evolved, attempts=kept)
        return evolved
    if isinstance(fact, scene_facts.Fact):
        return replace(state, scenes=scene_state.evolve(state.scenes, fact))
    if isinstance(fact, asset_facts.Fact):
        return replace(state, assets=asset_state.evolve(state.assets, fact))
    if isinstance(fact, stage_facts.Fact):
        return replace(state, stages=stage_state.evolve(state.stages, fact))
    if isinstance(fact, style_facts.Fact):
        return replace(state, style=style_state.evolve(state.style, fact))
    if isinstance(fact, extraction_facts.Fact):
        return replace(state, extraction=extraction_state.evolve(state.extraction, fact))
    if isinstance(fact, writing_facts.Fact):
        return replace(state, writing=writing_state.evolve(state.writing, fact))
    assert_never(fact)


def fold(facts: Iterable[Fact], state: Branch | None = None) -> Branch:
    return reduce(evolve, facts, state or Branch())


Command = (
    stage_rules.Command
    | ImportScenes
    | InheritScene
    | scene_rules.Command
    | extraction_rules.Command
    | asset_rules.Command
    | style_rules.Command
    | instance_rules.Command
    | attempt_rules.Command
)
"""A bare ImportScript is no command of a branch: a script comes in with its scenes."""


def decide(command: Command, branch: Branch) -> Sequence[Fact]:
    """The facts that follow, or `Refused`; an empty list where nothing changes."""
    if isinstance(command, attempt_rules.Command):
        return _decide_attempt(command, branch)
    if isinstance(command, instance_rules.Command):
        return _decide_instance(command, branch)
    if isinstance(command, stage_rules.Command):
        if command.scene is not None:
            scene_rules.find(branch.scenes, command.scene)
        return stage_rules.decide(command, branch.stages)
    if isinstance(command, scene_rules.Command):
        return _decide_scene(command, branch)
    if isinstance(command, asset_rules.Command):
        if not isinstance(command, asset_rules.AddAsset):
            _check_open(branch, 5)
        return asset_rules.decide(command, branch.assets)
    if isinstance(command, style_rules.Command):
        _check_open(branch, 5)
        return style_rules.decide(command, branch.style)
    if isinstance(command, extraction_rules.Command):
        _check_open(branch, 5)
        if isinstance(command, extraction_rules.ConfirmExtraction):
            return across.confirm_extraction(command, branch)
        return extraction_rules.decide(command, branch.extraction)
    if isinstance(command, ImportScenes):
        _check_open(branch, 4)
        return across.import_scenes(command, branch)
    if isinstance(command, InheritScene):
        _check_open(branch, 8, command.scene)
        return across.inherit(command.scene, branch)
    assert_never(command)


def _check_open(branch: Branch, stage: int, scene: str | None = None) -> None:
    if branch.stages.locked(stage, scene):
        raise stage_rules.refuse_locked(stage, scene)


def _decide_scene(command: scene_rules.Command, branch: Branch) -> Sequence[Fact]:
    match command:
        case scene_rules.AddScene() | scene_rules.MoveScene():
            return scene_rules.decide(command, branch.scenes)
        case scene_rules.RemoveScene(scene):
            scene_rules.find(branch.scenes, scene)
            _check_open(branch, 8, scene)
            removed = branch.instances.scenes.get(scene, {})
            return [
                *(instance_facts.InstanceRemoved(scene, asset) for asset in sorted(removed)),
                *scene_rules.decide(command, branch.scenes),
            ]
        case scene_rules.LinkAsset(_, asset):
            asset_rules.find(branch.assets, asset)
            return scene_rules.decide(command, branch.scenes)
        case scene_rules.UnlinkAsset():
            return scene_rules.decide(command, branch.scenes)
        case _:
            assert_never(command)


def _decide_instance(command: instance_rules.Command, branch: Branch) -> Sequence[Fact]:
    scene, asset = command.scene, command.asset
    needed = scene_rules.find(branch.scenes, scene).assets
    asset_rules.find(branch.assets, asset)
    _check_open(branch, 8, scene)
    facts = instance_rules.decide(command, branch.instances)
    linked: list[Fact] = []
    if isinstance(command, instance_rules.CreateInstance) and asset not in needed:
        linked.append(scene_facts.SceneAssetLinked(scene, asset))
    if isinstance(command, instance_rules.RemoveInstance) and asset in needed:
        linked.append(scene_facts.SceneAssetUnlinked(scene, asset))  # R131
    return [*facts, *linked]


def _decide_attempt(command: attempt_rules.Command, branch: Branch) -> Sequence[Fact]:
    scene, asset = command.scene, command.asset
    if isinstance(command, attempt_rules.Completion):
        return attempt_rules.decide(command, branch.attempts, _subject(branch, scene, asset))
    asset_rules.find(branch.assets, asset)
    if scene is None:
        _check_open(branch, 5)
    else:
        scene_rules.find(branch.scenes, scene)
        instance_rules.find(branch.instances, scene, asset)
        _check_open(branch, 8, scene)
    if isinstance(command, attempt_rules.RequestAttempt) and scene is not None:
        _check_style_locked(branch)
    return attempt_rules.decide(command, branch.attempts, "open")


def _subject(branch: Branch, scene: str | None, asset: str) -> attempt_rules.Subject:
    """How the owner of a carousel stands when a result comes in."""
    if scene is None:
        there, locked = branch.assets.active(asset), branch.stages.locked(5)
    else:
        there = scene in branch.scenes.scenes and bool(branch.instances.get(scene, asset))
        locked = branch.stages.locked(8, scene)
    if not there:
        return "gone"
    return "locked" if locked else "open"


def _check_style_locked(branch: Branch) -> None:
    """R265: Stage 8 draws in the style that Stage 5 locked."""
    if branch.style.tone is None or not branch.stages.locked(5):
        raise Refused(
            "STYLE_NOT_LOCKED",
            "Stage 5 has no locked visual style yet. Set a style and lock Stage 5 first.",
            requiredStage=5,
            currentStatus=branch.stages.status(5),
            styleSet=branch.style.tone is not None,
        )
