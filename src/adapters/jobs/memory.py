"""Jobs in memory: the same contract, on a clock that tests can move."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct

from handlers.jobs import Call, CallState, CursorBeyond, Job, JobRequest, NewJob

ENDS: Sequence[CallState] = ("started",)
ENDS_DONE: Sequence[CallState] = ("started", "failed", "unknown")


class Row(Struct):
    job: NewJob
    run_after: float
    done: bool = False
    lease_until: float = 0.0
    fence: int = 0
    tries: int = 0


class MemoryJobs:
    """`now` gives seconds, `head` the log's last position."""

    def __init__(self, now: Callable[[], float], head: Callable[[], int]) -> None:
        self._now = now
        self._head = head
        self._rows: dict[str, Row] = {}
        self._calls: dict[str, Call] = {}
        self._cursors: dict[str, tuple[int, int]] = {}

    async def add(self, consumer: str, position: int, upto: int, jobs: Sequence[NewJob]) -> bool:
        epoch, at = self._cursors.get(consumer, (0, -1))
        if at != position:
            return False
        self._cursors[consumer] = (epoch, upto)
        for job in jobs:
            self._rows.setdefault(job.id, Row(job, self._now()))
        return True

    async def cursor(self, consumer: str, epoch: int) -> int:
        known, position = self._cursors.setdefault(consumer, (epoch, 0))
        if known != epoch or position > self._head():
            raise CursorBeyond(f"{consumer} had come to {known}:{position}")
        return position

    async def move(self, consumer: str, position: int) -> None:
        self._cursors[consumer] = (self._cursors[consumer][0], position)

    async def claim(self, job: str, lease: float) -> Job | None:
        row = self._rows.get(job)
        if row is None or not self._free(row):
            return None
        row.fence += 1
        row.lease_until = self._now() + lease
        return self._job(row)

    async def heartbeat(self, job: Job, lease: float) -> bool:
        row = self._rows[job.id]
        mine = row.fence == job.fence and not row.done
        if mine:
            row.lease_until = self._now() + lease
        return mine

    async def again(self, job: Job, delay: float, *, tried: bool) -> None:
        row = self._rows[job.id]
        if row.fence == job.fence and not row.done:
            row.lease_until, row.run_after = 0.0, self._now() + delay
            row.tries -= 0 if tried else 1

    async def finish(self, job: str) -> None:
        self._rows[job].done, self._rows[job].lease_until = True, 0.0

    async def ready(self, limit: int, overdue: float = 0.0) -> Sequence[str]:
        rows = self._rows.items()
        free = sorted((r.run_after, id) for id, r in rows if self._free(r, overdue))
        return [id for _, id in free[:limit]]

    async def calls(self, job: str) -> Sequence[Call]:
        return [call for call in self._calls.values() if call.job == job]

    async def begin_call(self, job: Job, call: str, provider: str, model: str, cost: str) -> bool:
        row = self._rows[job.id]
        if row.fence != job.fence or row.done:
            return False
        row.tries += 1
        self._calls[call] = Call(call, job.id, "started")
        return True

    async def end_call(self, call: str, state: CallState) -> bool:
        known = self._calls.get(call)
        if known is None or known.state not in (ENDS_DONE if state == "done" else ENDS):
            return False
        self._calls[call] = Call(call, known.job, state)
        return True

    async def orphaned(self, call: str) -> Job | None:
        known = self._calls.get(call)
        if known is None:
            return None
        row = self._rows[known.job]
        return self._job(row) if row.done or row.lease_until < self._now() else None

    async def count_calls(self) -> int:
        return len(self._calls)

    async def project_of(self, job: str, tenant: str) -> str | None:
        row = self._rows.get(job)
        return row.job.project if row and row.job.tenant == tenant else None

    async def states(self, jobs: Sequence[str]) -> Mapping[str, str]:
        held = (j for j in jobs if j in self._rows and self._rows[j].lease_until > self._now())
        return dict.fromkeys(held, "in_progress")

    def _free(self, row: Row, overdue: float = 0.0) -> bool:
        return not row.done and max(row.run_after, row.lease_until) <= self._now() - overdue

    def _job(self, row: Row) -> Job:
        new = row.job
        request = msgspec.json.decode(new.request, type=JobRequest)
        return Job(new.id, new.tenant, new.project, new.branch, request, row.fence, row.tries)
