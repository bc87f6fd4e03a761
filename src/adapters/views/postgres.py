"""Read models on PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from adapters.store.away import reaching
from handlers.views import Batch, Checkpoint, Found, Superseded, Want

FIND = """
select d.model, d.scope::text, d.key, d.body, null::bigint as version
  from unnest($1::text[], $2::uuid[], $3::text[]) as w(model, scope, key)
  join document d on d.model = w.model and d.scope = w.scope and d.key = w.key and d.shadow = $6
union all
select d.model, d.scope::text, d.key, d.body, null
  from unnest($4::text[], $5::uuid[]) as w(model, scope)
  join document d on d.model = w.model and d.scope = w.scope and d.shadow = $6
union all
select p.model, p.scope::text, null, null, p.version
  from unnest($7::text[], $8::uuid[]) as w(model, scope)
  join progress p on p.model = w.model and p.scope = w.scope and p.shadow = $6
"""
MOVE = """
with moved as (
    update checkpoint set position = $3
     where model = any ($1::text[]) and shadow = $4 and position = $2
    returning model)
select count(*) from moved
"""
OPEN = """
insert into checkpoint (model, shadow, position)
select model, $2, 0 from unnest($1::text[]) as m(model) on conflict do nothing
"""
PUT = """
insert into document (model, scope, key, shadow, body)
select model, scope, key, $5, body
  from unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[]) as d(model, scope, key, body)
on conflict (model, scope, key, shadow) do update set body = excluded.body
"""
DROP = """
delete from document d
 using unnest($1::text[], $2::uuid[], $3::text[]) as gone(model, scope, key)
 where d.model = gone.model and d.scope = gone.scope and d.key = gone.key and d.shadow = $4
"""
PROGRESS = """
insert into progress (model, scope, shadow, version)
select model, scope, $4, version
  from unnest($1::text[], $2::uuid[], $3::bigint[]) as p(model, scope, version)
on conflict (model, scope, shadow) do update set version = excluded.version
"""
CHECKPOINTS = "select model, position, parked from checkpoint where shadow = $1"
PARK = "update checkpoint set parked = $2 where model = $1 and not shadow"
TABLES = ("document", "progress", "checkpoint")


class PostgresViews:
    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def find(self, wants: Sequence[Want], shadow: bool = False) -> Found:
        named = [(w.model, w.scope, key) for w in wants if w.keys is not None for key in w.keys]
        whole = [(w.model, w.scope) for w in wants if w.keys is None]
        places = sorted({(w.model, w.scope) for w in wants})
        with reaching("the read models"):
            rows = await self._pool.fetch(
                FIND, *_columns(named, 3), *_columns(whole, 2), shadow, *_columns(places, 2)
            )
        return Found(
            {(m, s, k): body for m, s, k, body, version in rows if version is None},
            {(m, s): version for m, s, _, _, version in rows if version is not None},
        )

    async def write(self, batch: Batch) -> None:
        with reaching("the read models"):
            await self._write(batch)

    async def _write(self, batch: Batch) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            moved = await connection.fetchval(
                MOVE, batch.models, batch.position, batch.upto, batch.shadow
            )
            if moved != len(batch.models):
                raise Superseded(f"the read models are not at {batch.position} any more")
            changed = [(*key, body) for key, body in sorted(batch.changed.items())]
            await connection.execute(PUT, *_columns(changed, 4), batch.shadow)
            removed = sorted(batch.removed)
            await connection.execute(DROP, *_columns(removed, 3), batch.shadow)
            versions = [(*place, v) for place, v in sorted(batch.versions.items())]
            await connection.execute(PROGRESS, *_columns(versions, 3), batch.shadow)

    async def checkpoints(self, shadow: bool = False) -> Mapping[str, Checkpoint]:
        with reaching("the read models"):
            rows = await self._pool.fetch(CHECKPOINTS, shadow)
        return {row["model"]: Checkpoint(**row) for row in rows}

    async def open(self, models: Sequence[str]) -> None:
        """Gives new read models their start."""
        await self._pool.execute(OPEN, models, False)

    async def park(self, model: str, reason: str | None) -> None:
        await self._pool.execute(PARK, model, reason)

    async def begin_shadow(self, model: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            for table in TABLES:
                await connection.execute(f"delete from {table} where model = $1 and shadow", model)
            await connection.execute(OPEN, [model], True)

    async def swap(self, model: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            for table in TABLES:
                await connection.execute(
                    f"delete from {table} where model = $1 and not shadow", model
                )
                await connection.execute(
                    f"update {table} set shadow = false where model = $1", model
                )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * width
