"""The port to jobs and paid calls, and the reaction that makes a job of a request."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from domain.attempts.events import AttemptRequested, Order
from domain.record import Told

CallState = Literal["started", "done", "failed", "unknown"]


class JobRequest(Struct, frozen=True):
    scene: str | None
    asset: str
    order: Order


class NewJob(Struct, frozen=True):
    id: str
    tenant: str
    project: str
    branch: str
    batch: str | None
    request: bytes


class Job(Struct, frozen=True):
    """A job under a lease. `fence` grows with every claim: who holds an older one has lost it."""

    id: str
    tenant: str
    project: str
    branch: str
    request: JobRequest
    fence: int
    tries: int


class Call(Struct, frozen=True):
    id: str
    job: str
    state: CallState


class Jobs(Protocol):
    async def add(self, consumer: str, position: int, upto: int, jobs: Sequence[NewJob]) -> bool:
        """Makes the jobs and moves the consumer's cursor, in one transaction; False where the
        cursor is elsewhere. A job that is there stays as it is."""

    async def cursor(self, consumer: str, epoch: int) -> int:
        """How far the consumer has come; 0 at first. Raises CursorBeyond after a restore."""

    async def move(self, consumer: str, position: int) -> None: ...

    async def claim(self, job: str, lease: float) -> Job | None:
        """The job under a lease of so many seconds; None while another holds it, or it is done,
        or its time has not come."""

    async def heartbeat(self, job: Job, lease: float) -> bool:
        """Extends the lease; False when it was lost."""

    async def again(self, job: Job, delay: float, *, tried: bool) -> None:
        """Gives the job back, for later."""

    async def finish(self, job: str) -> None: ...

    async def ready(self, limit: int, overdue: float = 0.0) -> Sequence[str]:
        """Jobs that nobody holds and whose time came `overdue` seconds ago or earlier, the oldest
        first."""

    async def calls(self, job: str) -> Sequence[Call]: ...

    async def begin_call(self, job: Job, call: str, provider: str, model: str, cost: str) -> bool:
        """Committed before the call is made; False when the lease was lost."""

    async def end_call(self, call: str, state: CallState) -> bool:
        """How the call ended; False where it is told already. Only an image may still come of a
        call that was taken for lost or failed, and then it is done."""

    async def orphaned(self, call: str) -> Job | None:
        """The job of a call, if nobody works on it now."""

    async def count_calls(self) -> int:
        """How many calls were ever begun."""

    async def project_of(self, job: str, tenant: str) -> str | None:
        """The project of a job, if it is one of the workspace's."""

    async def states(self, jobs: Sequence[str]) -> Mapping[str, str]:
        """`in_progress` for those under a lease."""


class CursorBeyond(Exception):
    """A consumer had seen more of the log than there is: the log was restored to an earlier
    point, or is another one. Nothing is done until someone has looked (S5)."""


def job_of_attempt(told: Told) -> NewJob:
    fact: AttemptRequested = told.fact
    record = told.record
    assert record.project is not None
    request = JobRequest(fact.scene, fact.asset, fact.order)
    return NewJob(
        fact.attempt,
        record.tenant,
        record.project,
        record.stream,
        fact.batch,
        msgspec.json.encode(request),
    )


REACTIONS: Mapping[type, Any] = {
    AttemptRequested: job_of_attempt,
}
"""Fact -> job: all that the program does by itself."""
