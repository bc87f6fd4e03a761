"""The one writer of a process: drains all waiting commands into one call (group commit, S3)."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import asyncpg

from adapters.store.away import CONNECTION_LOST
from adapters.store.columns import columns_of
from handlers.log import Append, Appended, Conflict, KeyReused, LogUnavailable

MAX_BATCH = 256
MAX_LOST = 10_000
_APPEND = """
select * from append(
    $1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::integer[], $6::integer[],
    $7::integer[], $8::uuid[], $9::uuid[], $10::bigint[], $11::integer[], $12::integer[],
    $13::uuid[], $14::boolean[],
    $15::integer[], $16::uuid[], $17::text[], $18::integer[], $19::bytea[], $20::bytea[])
"""
KNOWN = """
select fingerprint, answer, first_position, last_position
  from command where tenant = $1 and command_id = $2
"""

Waiting = tuple[Append, "asyncio.Future[Appended]", float]
"""A command, its answer to come, and when it was given up to here (on the monotonic clock)."""


class Appender:
    """A command that was in flight when the line broke is sent again: its id makes that safe.
    Whoever waits longer than `patience` seconds is told that the log is not there."""

    def __init__(self, dsn: str, patience: float = 10.0) -> None:
        self._dsn = dsn
        self._patience = patience
        self._waiting: deque[Waiting] = deque()
        self._some = asyncio.Event()
        self._lost: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection[Any] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="appender")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._connection and not self._connection.is_closed():
            with suppress(*CONNECTION_LOST):
                await self._connection.close(timeout=2)

    async def submit(self, command: Append) -> Appended:
        answer: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer, monotonic()))
        self._some.set()
        return await answer

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            batch = self._take()
            if not batch:
                self._some.clear()
                continue
            try:
                await self._write(batch)
            except CONNECTION_LOST:
                await self._again(batch)
            except Exception as error:
                await self._alone(batch, error)

    async def _again(self, batch: Sequence[Waiting]) -> None:
        """The line broke; whether the batch was written shows when it is sent again."""
        oldest = monotonic() - self._patience
        for waiting in batch:
            if waiting[2] < oldest:
                self._lose(waiting, LogUnavailable("the event log does not answer"))
        self._waiting.extendleft(reversed(batch))
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
        await asyncio.sleep(0.05)

    async def _alone(self, batch: Sequence[Waiting], error: Exception) -> None:
        """One command that the store cannot take must not fail its neighbours."""
        if len(batch) == 1:
            self._lose(batch[0], error)
            return
        for each in batch:
            try:
                await self._write([each])
            except CONNECTION_LOST:
                self._waiting.appendleft(each)
            except Exception as own:
                self._lose(each, own)

    def _lose(self, waiting: Waiting, outcome: Appended | Exception) -> None:
        """It did not come to be now; what was decided upon it must not either."""
        self._lost.add(waiting[0].ticket)
        if len(self._lost) > MAX_LOST:
            self._lost = set(sorted(self._lost)[MAX_LOST // 2 :])
        _settle(waiting[1], outcome)

    def _take(self) -> list[Waiting]:
        """Up to a batch of commands; a second one with the same id waits for the next batch, and
        so does what was decided upon it."""
        batch: list[Waiting] = []
        later: list[Waiting] = []
        put_off: set[int] = set()
        ids: set[tuple[str, str]] = set()
        while self._waiting and len(batch) < MAX_BATCH:
            waiting = self._waiting.popleft()
            command, answer, _ = waiting
            if answer.done():
                continue
            id = (command.tenant, command.command_id)
            if command.after and command.after in self._lost:
                first = command.writes[0]
                self._lose(waiting, Conflict(first.stream, first.expected, -1))
            elif id in ids or command.after in put_off:
                put_off.add(command.ticket)
                later.append(waiting)
            else:
                batch.append(waiting)
            ids.add(id)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _write(self, batch: Sequence[Waiting]) -> None:
        connection = await self._connected()
        result = await connection.fetchrow(_APPEND, *columns_of([each[0] for each in batch]))
        assert result is not None
        if result["status"] is None:
            _settle_all(batch, result["base"])
            return
        writes = [write for command, _, _ in batch for write in command.writes]
        names = ("status", "first", "last", "actual", "write")
        outcome = zip(batch, *(result[name] for name in names), strict=True)
        for waiting, status, first, last, actual, write in outcome:
            if status == 0:
                _settle(waiting[1], Appended(first, last, waiting[0].answer))
            elif status == 1:
                self._lose(waiting, await _replay(connection, waiting[0]))
            else:
                met = writes[write - 1]
                self._lose(waiting, Conflict(met.stream, met.expected, actual))

    async def _connected(self) -> "asyncpg.Connection[Any]":
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._dsn,
                timeout=5,
                command_timeout=10,
                server_settings={
                    "application_name": "aiuteur appender",
                    "lock_timeout": "5s",
                    # Planned once, while the log may still be empty, and never again: every
                    # look-up of an append is by key, whatever the tables' sizes say.
                    "plan_cache_mode": "force_generic_plan",
                    "enable_seqscan": "off",
                    "enable_bitmapscan": "off",
                    "enable_hashjoin": "off",
                    "enable_mergejoin": "off",
                    "jit": "off",
                },
            )
        return self._connection


def _settle_all(batch: Sequence[Waiting], base: int) -> None:
    for command, answer, _ in batch:
        first = base + 1
        base += sum(len(write.events) for write in command.writes)
        _settle(answer, Appended(first, base, command.answer))


def _settle(answer: "asyncio.Future[Appended]", outcome: Appended | Exception) -> None:
    if answer.done():
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
        answer.exception()  # its waiter may have left: that is no error of this task
    else:
        answer.set_result(outcome)


async def _replay(connection: "asyncpg.Connection[Any]", command: Append) -> Appended | KeyReused:
    row = await connection.fetchrow(KNOWN, command.tenant, command.command_id)
    assert row is not None
    return replayed(row, command.fingerprint)


def replayed(row: "asyncpg.Record", fingerprint: bytes) -> Appended | KeyReused:
    if row["fingerprint"] != fingerprint:
        return KeyReused("the key was used for another command")
    return Appended(row["first_position"], row["last_position"], row["answer"], True)
