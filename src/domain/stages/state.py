"""The status of every stage, project-wide and per scene."""

from typing import Literal, assert_never

from msgspec import Struct

from domain.stages.events import Fact, StageLocked, StageSkipped, StageUnlocked

Status = Literal["draft", "locked", "skipped"]

PROJECT_STAGES = range(1, 6)
SCENE_STAGES = range(6, 13)
NAMES = {
    1: "Project input",
    2: "Treatment",
    3: "Beat sheet",
    4: "Master script",
    5: "Assets",
    6: "Script hub",
    7: "Shot list",
    8: "Visual definition",
    9: "Prompts",
    10: "Frames",
    11: "Video",
    12: "Assembly",
}


class Stages(Struct, frozen=True):
    project: dict[int, Status] = {}
    scenes: dict[str, dict[int, Status]] = {}

    def status(self, stage: int, scene: str | None = None) -> Status:
        """A scene's own status of the stage, else what holds for the whole project."""
        if scene is not None:
            own = self.scenes.get(scene, {}).get(stage)
            if own is not None:
                return own
        return self.project.get(stage, "draft")

    def locked(self, stage: int, scene: str | None = None) -> bool:
        return self.status(stage, scene) == "locked"


def evolve(state: Stages, fact: Fact) -> Stages:
    match fact:
        case StageLocked(stage, scene):
            return _put(state, stage, scene, "locked")
        case StageUnlocked(stage, scene):
            return _put(state, stage, scene, "draft")
        case StageSkipped(stage, scene):
            return _put(state, stage, scene, "skipped")
        case _:
            assert_never(fact)


def _put(state: Stages, stage: int, scene: str | None, status: Status) -> Stages:
    if scene is None:
        return Stages({**state.project, stage: status}, state.scenes)
    own = {**state.scenes.get(scene, {}), stage: status}
    return Stages(state.project, {**state.scenes, scene: own})
