"""Stage boards: the status of each stage, of the project and of every scene."""

from collections.abc import Iterable

from msgspec import Struct

from domain.record import Told
from domain.stages.events import Fact, StageLocked, StageSkipped, StageUnlocked
from domain.stages.state import NAMES, PROJECT_STAGES, SCENE_STAGES, Status
from projections.engine import Projection

PROJECT = "project"


class StageEntry(Struct):
    status: Status
    at: str
    by: str
    reason: str | None = None


class StageBoard(Struct):
    """`stages` by number, as text; one that is not there is a draft."""

    stages: dict[str, StageEntry] = {}


def keys(fact: Fact) -> Iterable[str]:
    return (fact.scene or PROJECT,)


def apply(document: StageBoard | None, told: Told) -> StageBoard:
    board = document or StageBoard()
    statuses: dict[type, Status] = {
        StageLocked: "locked",
        StageUnlocked: "draft",
        StageSkipped: "skipped",
    }
    status, meta = statuses[type(told.fact)], told.meta
    board.stages[str(told.fact.stage)] = StageEntry(status, meta.time, meta.actor, meta.reason)
    return board


STAGE_BOARDS = Projection(
    name="stage_boards",
    document=StageBoard,
    keys=keys,
    apply=apply,
    facts=(StageLocked, StageUnlocked, StageSkipped),
)


def status(project: StageBoard | None, own: StageBoard | None, stage: int) -> StageEntry | None:
    """A scene's own entry of a stage, else what holds for the whole project."""
    for board in (own, project):
        if board is not None and str(stage) in board.stages:
            return board.stages[str(stage)]
    return None


def rows(project: StageBoard | None, scene: StageBoard | None = None) -> list[dict[str, object]]:
    """The pipeline graphic: every stage with its one status (R019)."""
    found = []
    for stage, name in NAMES.items():
        entry = status(project, scene if stage in SCENE_STAGES else None, stage)
        found.append(
            {
                "stage": stage,
                "name": name,
                "scope": "project" if stage in PROJECT_STAGES else "scene",
                "status": entry.status if entry else "draft",
                "at": entry.at if entry else None,
                "by": entry.by if entry else None,
            }
        )
    return found
