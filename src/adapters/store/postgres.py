"""The event log on PostgreSQL."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg

from adapters.store.appender import KNOWN, Appender, replayed
from adapters.store.away import CONNECTION_LOST, reaching
from domain.record import Recorded
from handlers.log import (
    Append,
    Appended,
    Head,
    KeyReused,
    LogUnavailable,
    Snapshot,
)

_FIELDS = """position, event_id::text, tenant::text, project::text, stream::text, version, type,
             schema, payload, envelope, hash"""
_FIELDS_E = ", ".join("e." + name.strip() for name in _FIELDS.split(","))

READ = f"""
select {_FIELDS_E}
  from lineage($1::uuid) l
  join event e on e.stream = l.stream
             and e.version > greatest(l.after, $2::bigint)
             and e.version <= least(l.upto, $3::bigint)
 order by e.version limit $4
"""
FEED = f"select {_FIELDS} from event where position > $1 order by position limit $2"
FEED_PROJECT = f"""
select {_FIELDS} from event
 where position > $1 and project = $3::uuid and tenant = $4::uuid
 order by position limit $2
"""
VERSION = "select stream_version($1::uuid) as version"
HEAD = """
select h.log_id::text, h.epoch, coalesce(e.position, 0) as position,
       coalesce(e.hash, sha256('')) as hash
  from head h
  left join lateral (select position, hash from event order by position desc limit 1) e on true
"""
LAST = "select coalesce(max(position), 0) as position from event"
ACKNOWLEDGED = "select coalesce(max(last_position), 0) as position from command"
POSITION = """
select e.position from lineage($1::uuid) l
  join event e on e.stream = l.stream and e.version = $2
 where e.version > l.after and e.version <= l.upto
"""
SNAPSHOT = """
select stream::text, version, format, state from snapshot where stream = $1 and version <= $2
"""
SAVE_SNAPSHOT = """
insert into snapshot values ($1, $2, $3, $4)
on conflict (stream) do update
   set version = excluded.version, format = excluded.format, state = excluded.state
 where snapshot.version < excluded.version or snapshot.format <> excluded.format
"""
EVERYTHING = 2**62
POLL = 0.2


class PostgresLog:
    """Reads go through the pool; appends through the process's one appender; a connection of
    its own listens for the wake-up that each batch sends. Polling is the truth behind it."""

    def __init__(self, pool: "asyncpg.Pool[Any]", dsn: str) -> None:
        self._pool = pool
        self._dsn = dsn
        self._appender = Appender(dsn)
        self._watchers: list[asyncio.Task[None]] = []
        self._seen = 0
        self._grown = asyncio.Event()

    async def start(self) -> None:
        self._appender.start()
        self._watchers = [
            asyncio.create_task(self._listen(), name="log listener"),
            asyncio.create_task(self._poll(), name="log poller"),
        ]

    async def stop(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher
        await self._appender.stop()

    async def append(self, command: Append) -> Appended:
        return await self._appender.submit(command)

    async def known(self, tenant: str, command_id: str, fingerprint: bytes) -> Appended | None:
        row = await self._one(KNOWN, tenant, command_id)
        if row is None:
            return None
        answer = replayed(row, fingerprint)
        if isinstance(answer, KeyReused):
            raise answer
        return answer

    async def read(
        self, stream: str, after: int = 0, upto: int | None = None, limit: int | None = None
    ) -> Sequence[Recorded]:
        end = EVERYTHING if upto is None else upto
        return [_recorded(row) for row in await self._all(READ, stream, after, end, limit)]

    async def version(self, stream: str) -> int | None:
        row = await self._one(VERSION, stream)
        return row["version"] if row else None

    async def feed(
        self, after: int, limit: int, project: str | None = None, tenant: str | None = None
    ) -> Sequence[Recorded]:
        if project is None:
            rows = await self._all(FEED, after, limit)
        else:
            rows = await self._all(FEED_PROJECT, after, limit, project, tenant)
        return [_recorded(row) for row in rows]

    async def head(self) -> Head:
        row = await self._one(HEAD)
        assert row is not None
        return Head(**row)

    async def acknowledged(self) -> int:
        row = await self._one(ACKNOWLEDGED)
        return row["position"] if row else 0

    async def position_of(self, stream: str, version: int) -> int | None:
        row = await self._one(POSITION, stream, version)
        return row["position"] if row else None

    def mark(self) -> int:
        return self._seen

    async def wait(self, mark: int, timeout: float) -> None:
        if self._seen > mark:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._grown.wait(), timeout)

    async def snapshot(self, stream: str, upto: int) -> Snapshot | None:
        row = await self._one(SNAPSHOT, stream, upto)
        return Snapshot(**row) if row else None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        s = snapshot
        await self._one(SAVE_SNAPSHOT, s.stream, s.version, s.format, s.state)

    async def _all(self, statement: str, *values: Any) -> list["asyncpg.Record"]:
        with reaching("the event log"):
            rows: list[asyncpg.Record] = await self._pool.fetch(statement, *values)
            return rows

    async def _one(self, statement: str, *values: Any) -> "asyncpg.Record | None":
        with reaching("the event log"):
            return await self._pool.fetchrow(statement, *values)

    async def _listen(self) -> None:
        while True:
            connection = None
            try:
                connection = await asyncpg.connect(self._dsn, timeout=5)
                gone = asyncio.Event()
                connection.add_termination_listener(lambda _, gone=gone: gone.set())
                await connection.add_listener("aiuteur_log", self._woken)
                await gone.wait()
            except CONNECTION_LOST:
                await asyncio.sleep(POLL)
            finally:
                if connection is not None and not connection.is_closed():
                    connection.terminate()

    async def _poll(self) -> None:
        """The truth behind the wake-ups, once for all who wait in this process."""
        while True:
            await asyncio.sleep(POLL)
            with suppress(LogUnavailable):
                row = await self._one(LAST)
                if row is not None and row["position"] > self._seen:
                    self._wake(row["position"])

    def _woken(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        self._wake(int(str(payload)))

    def _wake(self, position: int) -> None:
        self._seen = max(self._seen, position)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()


def _recorded(row: "asyncpg.Record") -> Recorded:
    return Recorded(*row)
