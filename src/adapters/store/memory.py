"""The event log in memory: the same contract, for tests and for tools that need no server."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

from msgspec import Struct

from domain.record import Recorded
from handlers import chain
from handlers.log import (
    Append,
    Appended,
    Conflict,
    Head,
    KeyReused,
    Snapshot,
    Write,
)


class Stream(Struct):
    tenant: str
    parent: str | None
    forked_at: int
    version: int
    own: list[Recorded]


class MemoryLog:
    def __init__(self) -> None:
        self._log_id = str(uuid4())
        self._events: list[Recorded] = []
        self._streams: dict[str, Stream] = {}
        self._commands: dict[tuple[str, str], tuple[bytes, Appended]] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._lost: set[int] = set()
        self._grown = asyncio.Event()

    async def append(self, command: Append) -> Appended:
        try:
            before = await self.known(command.tenant, command.command_id, command.fingerprint)
            if before is None:
                self._check_all(command)
        except (Conflict, KeyReused):
            self._lost.add(command.ticket)
            raise
        if before is not None:
            self._lost.add(command.ticket)
            return before
        first = len(self._events) + 1
        for write in command.writes:
            self._write(command.tenant, write)
        done = Appended(first, len(self._events), command.answer)
        self._commands[command.tenant, command.command_id] = (command.fingerprint, done)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        return done

    def _check_all(self, command: Append) -> None:
        if command.after and command.after in self._lost:
            raise Conflict(command.writes[0].stream, command.writes[0].expected, -1)
        for write in command.writes:
            self._check(write)

    def _check(self, write: Write) -> None:
        known = self._streams.get(write.stream)
        actual = known.version if known else -1
        if not write.opens:
            if actual != write.expected:
                raise Conflict(write.stream, write.expected, actual)
            return
        parent = self._streams.get(write.parent) if write.parent else None
        head = parent.version if parent else (-1 if write.parent else 0)
        if known or write.expected > head:
            raise Conflict(write.stream, write.expected, actual)

    def _write(self, tenant: str, write: Write) -> None:
        if write.opens:
            self._streams[write.stream] = Stream(
                tenant, write.parent, write.expected, write.expected, []
            )
        stream = self._streams[write.stream]
        for event in write.events:
            stream.version += 1
            position = len(self._events) + 1
            before = self._events[-1].hash if self._events else chain.ROOT
            row = chain.digest(event, tenant, write.project, write.stream, stream.version)
            recorded = Recorded(
                position,
                event.event_id,
                tenant,
                write.project,
                write.stream,
                stream.version,
                event.type,
                event.schema,
                event.payload,
                event.envelope,
                chain.link(before, position, row),
            )
            self._events.append(recorded)
            stream.own.append(recorded)

    async def known(self, tenant: str, command_id: str, fingerprint: bytes) -> Appended | None:
        found = self._commands.get((tenant, command_id))
        if found is None:
            return None
        if found[0] != fingerprint:
            raise KeyReused("the key was used for another command")
        done = found[1]
        return Appended(done.first, done.last, done.answer, True)

    async def read(
        self, stream: str, after: int = 0, upto: int | None = None, limit: int | None = None
    ) -> Sequence[Recorded]:
        segments: list[list[Recorded]] = []
        at: str | None = stream if stream in self._streams else None
        cut = self._streams[stream].version if at else 0
        cut = cut if upto is None else min(cut, upto)
        while at is not None:
            segment = self._streams[at]
            segments.append([e for e in segment.own if after < e.version <= cut])
            cut = min(cut, segment.forked_at)
            at = segment.parent
        found = [event for segment in reversed(segments) for event in segment]
        return found if limit is None else found[:limit]

    async def version(self, stream: str) -> int | None:
        known = self._streams.get(stream)
        return known.version if known else None

    async def feed(
        self, after: int, limit: int, project: str | None = None, tenant: str | None = None
    ) -> Sequence[Recorded]:
        if project is None:
            return self._events[after : after + limit]
        mine = (e for e in self._events[after:] if e.project == project and e.tenant == tenant)
        return [event for event, _ in zip(mine, range(limit), strict=False)]

    async def head(self) -> Head:
        last = self._events[-1].hash if self._events else chain.ROOT
        return Head(self._log_id, 1, len(self._events), last)

    async def acknowledged(self) -> int:
        return max((done.last for _, done in self._commands.values()), default=0)

    async def position_of(self, stream: str, version: int) -> int | None:
        found = await self.read(stream, version - 1, version)
        return found[0].position if found else None

    def mark(self) -> int:
        return len(self._events)

    async def wait(self, mark: int, timeout: float) -> None:
        if len(self._events) <= mark:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), timeout)

    async def snapshot(self, stream: str, upto: int) -> Snapshot | None:
        found = self._snapshots.get(stream)
        return found if found and found.version <= upto else None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        kept = self._snapshots.get(snapshot.stream)
        if not kept or kept.version < snapshot.version or kept.format != snapshot.format:
            self._snapshots[snapshot.stream] = snapshot
