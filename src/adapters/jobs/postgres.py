"""Jobs on PostgreSQL. Leases end by the server's clock."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from adapters.store.away import reaching
from handlers.jobs import Call, CallState, CursorBeyond, Job, JobRequest, NewJob

ADD = """
insert into job (job, tenant, project, branch, batch, request)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[])
on conflict (job) do nothing
"""
MOVE_FROM = "update consumer set position = $3 where consumer = $1 and position = $2"
MOVE = "update consumer set position = $2 where consumer = $1"
CURSOR = """
insert into consumer (consumer, epoch, position) values ($1, $2, 0)
on conflict (consumer) do update set consumer = excluded.consumer
returning epoch, position
"""
HEAD = "select coalesce(max(position), 0) from event"
CLAIM = """
update job set fence = fence + 1, lease_until = now() + make_interval(secs => $2)
 where job = $1 and state = 'ready' and run_after <= now()
   and (lease_until is null or lease_until < now())
returning job::text, tenant::text, project::text, branch::text, request, fence, tries
"""
HEARTBEAT = """
update job set lease_until = now() + make_interval(secs => $3)
 where job = $1 and fence = $2 and state = 'ready' returning 1
"""
AGAIN = """
update job set lease_until = null, tries = tries + $4,
               run_after = now() + make_interval(secs => $3)
 where job = $1 and fence = $2 and state = 'ready'
"""
FINISH = "update job set state = 'done', lease_until = null where job = $1"
READY = """
select job::text from job
 where state = 'ready' and greatest(run_after, lease_until) < now() - make_interval(secs => $2)
 order by run_after limit $1
"""
CALLS = "select call::text, job::text, state from call where job = $1 order by started_at"
BEGIN_CALL = """
with mine as (
    update job set tries = tries + 1
     where job = $1 and fence = $2 and state = 'ready' returning job)
insert into call (call, job, provider, model, estimated_cost)
select $3, job, $4, $5, $6::text::numeric from mine returning 1
"""
END_CALL = """
update call set state = $2
 where call = $1 and (state = 'started' or state <> 'done' and $2 = 'done') returning 1
"""
ORPHANED = """
select j.job::text, j.tenant::text, j.project::text, j.branch::text, j.request, j.fence, j.tries
  from call c join job j using (job)
 where c.call = $1 and (j.state = 'done' or j.lease_until is null or j.lease_until < now())
"""
STATES = """
select job::text from job
 where job = any ($1::uuid[]) and state = 'ready' and lease_until > now()
"""
PROJECT_OF = "select project::text from job where job = $1 and tenant = $2"


class PostgresJobs:
    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def add(self, consumer: str, position: int, upto: int, jobs: Sequence[NewJob]) -> bool:
        with reaching("the jobs"):
            return await self._add(consumer, position, upto, jobs)

    async def _add(self, consumer: str, position: int, upto: int, jobs: Sequence[NewJob]) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            moved = await connection.execute(MOVE_FROM, consumer, position, upto)
            if moved != "UPDATE 1":
                return False
            rows = [(j.id, j.tenant, j.project, j.branch, j.batch, j.request) for j in jobs]
            if rows:
                await connection.execute(ADD, *zip(*rows, strict=True))
        return True

    async def cursor(self, consumer: str, epoch: int) -> int:
        row = await self._row(CURSOR, consumer, epoch)
        assert row is not None
        head: int = await self._value(HEAD)
        position: int = row["position"]
        if row["epoch"] != epoch or position > head:
            raise CursorBeyond(
                f"{consumer} had come to {row['epoch']}:{position}, the log is at {epoch}:{head}"
            )
        return position

    async def move(self, consumer: str, position: int) -> None:
        await self._do(MOVE, consumer, position)

    async def claim(self, job: str, lease: float) -> Job | None:
        return _job(await self._row(CLAIM, job, lease))

    async def heartbeat(self, job: Job, lease: float) -> bool:
        return await self._value(HEARTBEAT, job.id, job.fence, lease) is not None

    async def again(self, job: Job, delay: float, *, tried: bool) -> None:
        # A call that was not carried out does not use up a try.
        await self._do(AGAIN, job.id, job.fence, delay, 0 if tried else -1)

    async def finish(self, job: str) -> None:
        await self._do(FINISH, job)

    async def ready(self, limit: int, overdue: float = 0.0) -> Sequence[str]:
        return [row["job"] for row in await self._rows(READY, limit, overdue)]

    async def calls(self, job: str) -> Sequence[Call]:
        return [Call(*row) for row in await self._rows(CALLS, job)]

    async def begin_call(self, job: Job, call: str, provider: str, model: str, cost: str) -> bool:
        begun = await self._value(BEGIN_CALL, job.id, job.fence, call, provider, model, cost)
        return begun is not None

    async def end_call(self, call: str, state: CallState) -> bool:
        return await self._value(END_CALL, call, state) is not None

    async def orphaned(self, call: str) -> Job | None:
        return _job(await self._row(ORPHANED, call))

    async def count_calls(self) -> int:
        count: int = await self._value("select count(*) from call")
        return count

    async def project_of(self, job: str, tenant: str) -> str | None:
        project: str | None = await self._value(PROJECT_OF, job, tenant)
        return project

    async def states(self, jobs: Sequence[str]) -> Mapping[str, str]:
        return {row["job"]: "in_progress" for row in await self._rows(STATES, jobs)}

    async def _row(self, statement: str, *values: Any) -> "asyncpg.Record | None":
        with reaching("the jobs"):
            return await self._pool.fetchrow(statement, *values)

    async def _rows(self, statement: str, *values: Any) -> Sequence["asyncpg.Record"]:
        with reaching("the jobs"):
            found: Sequence[asyncpg.Record] = await self._pool.fetch(statement, *values)
            return found

    async def _value(self, statement: str, *values: Any) -> Any:
        with reaching("the jobs"):
            return await self._pool.fetchval(statement, *values)

    async def _do(self, statement: str, *values: Any) -> None:
        with reaching("the jobs"):
            await self._pool.execute(statement, *values)


def _job(row: "asyncpg.Record | None") -> Job | None:
    if row is None:
        return None
    job, tenant, project, branch, request, fence, tries = row
    decoded = msgspec.json.decode(request, type=JobRequest)
    return Job(job, tenant, project, branch, decoded, fence, tries)
