"""Who leads a loop: a session lock in PostgreSQL. It spares double work; that nothing goes wrong
with two leaders is seen to by the cursors."""

import asyncio
from typing import Any
from zlib import crc32

import asyncpg

from adapters.store.away import CONNECTION_LOST
from handlers.log import LogUnavailable


class Leadership:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection[Any] | None = None
        self._held: set[str] = set()
        self._one = asyncio.Lock()

    async def lead(self, name: str) -> bool:
        async with self._one:
            try:
                return await self._lead(name)
            except CONNECTION_LOST as error:
                self._forget()
                raise LogUnavailable(f"no word on who leads: {error!r}") from error

    async def stop(self) -> None:
        self._forget()

    async def _lead(self, name: str) -> bool:
        if self._connection is None or self._connection.is_closed():
            self._forget()
            self._connection = await asyncpg.connect(self._dsn, timeout=5)
        if name not in self._held:
            got = await self._connection.fetchval(
                "select pg_try_advisory_lock(72357, $1)", crc32(name.encode()) >> 1
            )
            if got:
                self._held.add(name)
        return name in self._held

    def _forget(self) -> None:
        self._held.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
