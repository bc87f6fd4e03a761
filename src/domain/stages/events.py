"""Facts about the twelve stages. `scene` is None for the project-wide stages 1 to 5."""

from msgspec import Struct


class StageLocked(Struct, frozen=True, tag="stage.locked"):
    stage: int
    scene: str | None = None


class StageUnlocked(Struct, frozen=True, tag="stage.unlocked"):
    stage: int
    scene: str | None = None


class StageSkipped(Struct, frozen=True, tag="stage.skipped"):
    """The stage is not needed here. Without a scene, stages 6 to 12 are skipped in all scenes."""

    stage: int
    scene: str | None = None


Fact = StageLocked | StageUnlocked | StageSkipped
