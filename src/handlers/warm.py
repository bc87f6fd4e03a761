"""Warm state: recently used streams stay folded in memory, so that a command is decided without
reading (design, section 3). What is here is a cache: the log decides who is right."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from domain import branch, project, workspace
from domain.record import tell
from handlers.log import Log, Snapshot

State = TypeVar("State")
SNAPSHOT_EVERY = 1000


class Kind(Struct, Generic[State], frozen=True):
    """How streams of a sort are folded. `shape` is given where the state is worth a snapshot."""

    name: str
    empty: State
    evolve: Callable[[State, Any], State]
    shape: type | None = None

    @property
    def format(self) -> str:
        """Names the shape of the state: a snapshot of another shape is not read."""
        return sha256(msgspec.json.encode(msgspec.json.schema(self.shape))).hexdigest()


BRANCH: Kind[branch.Branch] = Kind("branch", branch.Branch(), branch.evolve, branch.Branch)
PROJECT: Kind[project.Project] = Kind("project", project.Project(), project.evolve)
WORKSPACE: Kind[workspace.Workspace] = Kind("workspace", workspace.Workspace(), workspace.evolve)


class Entry(Generic[State]):
    """`state` may run ahead of the log by commands that are on their way into it; `confirmed`
    never does. `ahead` is the ticket of the last of those commands, 0 where there is none.
    `lock` is held while a command is decided, not while it is written."""

    def __init__(self, stream: str, state: State) -> None:
        self.stream = stream
        self.tenant: str | None = None
        self.state = state
        self.version = 0
        self.confirmed: tuple[State, int] = (state, 0)
        self.lock = asyncio.Lock()
        self.ahead = 0
        self.under_way: set[asyncio.Future[Any]] = set()

    def advance(self, state: State, version: int, ticket: int = 0) -> None:
        self.state, self.version, self.ahead = state, version, ticket

    def confirm(self, state: State, version: int) -> None:
        if version > self.confirmed[1]:
            self.confirmed = (state, version)
        if version > self.version:
            self.advance(state, version)

    def fall_back(self) -> None:
        """What ran ahead did not come to pass."""
        self.advance(*self.confirmed)


class Warm:
    def __init__(self, log: Log, size: int = 256) -> None:
        self._log = log
        self._size = size
        self._entries: OrderedDict[str, Entry[Any]] = OrderedDict()

    async def entry(self, kind: Kind[State], stream: str) -> Entry[State]:
        found = self._entries.get(stream)
        if found is None:
            found = self._entries.setdefault(stream, Entry(stream, kind.empty))
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
            async with found.lock:
                if found.version == 0:
                    await self._load(kind, found)
        self._entries.move_to_end(stream)
        return found

    def seed(self, kind: Kind[State], stream: str, tenant: str, state: State, version: int) -> None:
        """A fork's state is its parent's: nothing need be read."""
        entry = Entry(stream, state)
        entry.tenant = tenant
        entry.confirm(state, version)
        self._entries[stream] = entry

    async def catch_up(self, kind: Kind[State], entry: Entry[State]) -> None:
        """To the head of the log. The caller holds the lock; what is under way is waited for."""
        if entry.under_way:
            await asyncio.gather(*entry.under_way, return_exceptions=True)
        entry.fall_back()
        state, version = entry.confirmed
        records = await self._log.read(entry.stream, version)
        for record in records:
            state = kind.evolve(state, tell(record).fact)
            entry.tenant = record.tenant
        if records:
            entry.confirm(state, records[-1].version)

    async def _load(self, kind: Kind[State], entry: Entry[State]) -> None:
        kept = None
        if kind.shape is not None:
            kept = await self._log.snapshot(entry.stream, 2**62)
            if kept is not None and kept.format == kind.format:
                entry.confirm(msgspec.msgpack.decode(kept.state, type=kind.shape), kept.version)
        await self.catch_up(kind, entry)
        state, version = entry.confirmed
        if kind.shape is not None and version - (kept.version if kept else 0) >= SNAPSHOT_EVERY:
            body = msgspec.msgpack.encode(state)
            await self._log.save_snapshot(Snapshot(entry.stream, version, kind.format, body))
        if entry.tenant is None and version:
            first = await self._log.read(entry.stream, 0, limit=1)
            entry.tenant = first[0].tenant
