"""Jobs as the log tells them, and batches of them.

They belong to the branch on which they were asked for: a branch forked meanwhile does not take
them over, its parent's jobs end there (B7).
"""

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct

from domain.attempts.events import (
    AttemptFailed,
    AttemptGenerated,
    AttemptLateResultAdopted,
    AttemptOutcomeUnknown,
    AttemptRequested,
    Charge,
    Order,
)
from domain.record import Told
from projections.engine import Projection, project_scope

JobType = Literal["master_asset", "scene_asset"]
Status = Literal["pending", "completed", "failed"]


class JobDocument(Struct):
    """`outcome_unknown`: the call may have been paid for; it counts as cost. `late`: the image
    came when its carousel had no place for it any more; it is kept outside."""

    id: str
    type: JobType
    branch: str
    scene: str | None
    asset: str
    order: Order
    created_at: str
    version: int
    status: Status = "pending"
    batch: str | None = None
    ended_at: str | None = None
    image: str | None = None
    cost: str | None = None
    charge: Charge | None = None
    error: str | None = None
    late: bool = False


def keys(fact: Any) -> Iterable[str]:
    return (fact.attempt,)


def apply(document: JobDocument | None, told: Told) -> JobDocument | None:
    fact, record, at = told.fact, told.record, told.meta.time
    if isinstance(fact, AttemptRequested):
        return JobDocument(
            fact.attempt,
            "scene_asset" if fact.scene else "master_asset",
            record.stream,
            fact.scene,
            fact.asset,
            fact.order,
            at,
            record.version,
            batch=fact.batch,
        )
    if document is None:
        return None
    document.ended_at = at
    match fact:
        case AttemptGenerated() | AttemptLateResultAdopted():
            document.status, document.image = "completed", fact.image.sha256
            document.cost, document.charge, document.error = fact.cost, "yes", None
            document.late = isinstance(fact, AttemptLateResultAdopted)
        case AttemptFailed():
            document.status, document.error = "failed", fact.reason
            document.charge = fact.charge
        case AttemptOutcomeUnknown():
            document.status, document.charge, document.cost = "failed", "unknown", fact.cost
            document.error = "The provider's answer was lost; the call may have been charged."
    return document


JOBS = Projection(
    name="jobs",
    document=JobDocument,
    keys=keys,
    apply=apply,
    facts=(
        AttemptRequested,
        AttemptGenerated,
        AttemptFailed,
        AttemptOutcomeUnknown,
        AttemptLateResultAdopted,
    ),
    scope=project_scope,
    follows_forks=False,
)


class BatchDocument(Struct):
    id: str
    created_at: str
    jobs: list[str] = []


def batch_keys(fact: AttemptRequested) -> Iterable[str]:
    return () if fact.batch is None else (fact.batch,)


def apply_batch(document: BatchDocument | None, told: Told) -> BatchDocument:
    batch = document or BatchDocument(told.fact.batch, told.meta.time)
    batch.jobs = [*batch.jobs, told.fact.attempt]
    return batch


BATCHES = Projection(
    name="batches",
    document=BatchDocument,
    keys=batch_keys,
    apply=apply_batch,
    facts=(AttemptRequested,),
    scope=project_scope,
    follows_forks=False,
)


def summary(batch: BatchDocument, jobs: Iterable[JobDocument]) -> dict[str, Any]:
    """R273, R275: progress, and how it ended in the words that a screen shows."""
    statuses = [job.status for job in jobs]
    total = len(batch.jobs)
    completed, failed = statuses.count("completed"), statuses.count("failed")
    if completed + failed < total:
        message = f"Generating ({completed + failed}/{total})..."
    elif failed == total:
        message = "Image generation failed"
    elif failed:
        message = f"{completed} completed, {failed} failed"
    else:
        message = f"Generated {completed} image(s)"
    return {
        "id": batch.id,
        "createdAt": batch.created_at,
        "total": total,
        "completed": completed,
        "failed": failed,
        "done": completed + failed == total,
        "message": message,
        "jobs": batch.jobs,
    }
