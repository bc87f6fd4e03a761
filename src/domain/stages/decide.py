"""Which stage may be locked, unlocked or skipped, and when."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from msgspec import Struct

from domain.refusal import Refused
from domain.stages.events import Fact, StageLocked, StageSkipped, StageUnlocked
from domain.stages.state import NAMES, PROJECT_STAGES, SCENE_STAGES, Stages


class LockStage(Struct, frozen=True):
    stage: int
    scene: str | None = None


class UnlockStage(Struct, frozen=True):
    stage: int
    scene: str | None = None


class SkipStage(Struct, frozen=True):
    stage: int
    scene: str | None = None


Command = LockStage | UnlockStage | SkipStage


def decide(command: Command, state: Stages) -> Sequence[Fact]:
    _check_place(command)
    match command:
        case LockStage(stage, scene):
            if state.locked(stage, scene):
                return []
            _check_order(state, stage, scene)
            return [StageLocked(stage, scene)]
        case UnlockStage(stage, scene):
            if not state.locked(stage, scene):
                return []
            return [StageUnlocked(stage, scene), *_later_locks(state, stage, scene)]
        case SkipStage(stage, scene):
            match state.status(stage, scene):
                case "skipped":
                    return []
                case "locked":
                    raise refuse_locked(stage, scene)
                case _:
                    return [StageSkipped(stage, scene)]
        case _:
            assert_never(command)


def refuse_locked(stage: int, scene: str | None = None) -> Refused:
    return Refused(
        "STAGE_LOCKED",
        f"Stage {stage} ({NAMES[stage]}) is locked. Unlock it, in place or into a new branch.",
        stage=stage,
        scene=scene,
        offers=["unlock", "unlock_into_branch"],
    )


def _check_place(command: Command) -> None:
    if command.stage not in NAMES:
        raise Refused("STAGE_UNKNOWN", "Stages are numbered 1 to 12.", stage=command.stage)
    if command.scene is not None and command.stage in PROJECT_STAGES:
        raise Refused(
            "STAGE_IS_PROJECT_WIDE",
            f"Stage {command.stage} belongs to the whole project, not to a scene.",
            stage=command.stage,
        )
    if command.scene is None and command.stage in SCENE_STAGES and not _is_skip(command):
        raise Refused(
            "STAGE_NEEDS_SCENE",
            f"Stage {command.stage} is locked scene by scene: name the scene.",
            stage=command.stage,
        )


def _is_skip(command: Command) -> bool:
    return isinstance(command, SkipStage)


def _check_order(state: Stages, stage: int, scene: str | None) -> None:
    """R025: a stage is locked only when the one before it is. A skipped one does not hold up; then
    the one before that counts."""
    before = stage - 1
    while before and state.status(before, scene) == "skipped":
        before -= 1
    if before and not state.locked(before, scene):
        raise Refused(
            "STAGE_ORDER",
            f"Cannot lock stage {stage}. Stage {before} must be locked first.",
            requiredStage=before,
            requiredStatus="locked",
            currentStatus=state.status(before, scene),
        )


def _later_locks(state: Stages, stage: int, scene: str | None) -> Iterator[StageUnlocked]:
    """What rested on the reopened stage is open again, so that locks have no hole."""
    if scene is None:
        for later, status in sorted(state.project.items()):
            if later > stage and status == "locked":
                yield StageUnlocked(later)
    for each, own in sorted(state.scenes.items()):
        if scene in (None, each):
            for later, status in sorted(own.items()):
                if later > stage and status == "locked":
                    yield StageUnlocked(later, each)
