"""The one way in which anything changes: authorise, load, decide, append; on a conflict catch up
and decide again until the deadline."""

import asyncio
import random
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain import catalogue
from domain.ids import derive, instance_id
from domain.record import Meta
from domain.refusal import Refused, not_found
from handlers.actor import Action, Actor, authorise
from handlers.clock import Clock, Ids
from handlers.log import Append, Appended, Conflict, Log, NewEvent, Write
from handlers.warm import Entry, Kind, Warm

State = TypeVar("State")
Decide = Callable[[State], Sequence[Any]]

DEADLINE = 2.0
"""Seconds for which a command is decided again after conflicts."""
_tickets = count(1)


class Stale(Refused):
    """The caller knew another version than the one there is (If-Match)."""


class Busy(Refused):
    """Others were faster again and again, until the deadline."""


class Asked(Struct, frozen=True):
    """What comes with a command. `key` is the caller's own id of it, `fingerprint` what the key
    was used for; `expected` the version that the caller has seen; ids that the command makes
    are derived from `id`, so that a retry makes the same ones."""

    actor: Actor
    id: str
    key: str | None = None
    fingerprint: bytes = b""
    expected: int | None = None
    reason: str | None = None
    correlation: str | None = None
    causation: str | None = None
    action: Action = "write"

    def made(self, *label: str) -> str:
        return derive("made", self.id, *label)


class Outcome(Struct, Generic[State], frozen=True):
    """`version` is the stream's after the command, `position` the log's. `replayed`: the answer
    of an earlier time; then `facts` is empty and `state` what it was then or later."""

    stream: str
    version: int
    position: int
    state: State
    facts: Sequence[Any] = ()
    replayed: bool = False


class Answer(Struct, frozen=True):
    """What is kept of a command's outcome in the log. A retry may find another branch active: the
    answer is still that of the branch where the command was carried out."""

    stream: str
    version: int


class Executor:
    def __init__(self, log: Log, clock: Clock, ids: Ids, warm: Warm) -> None:
        self.log = log
        self.clock = clock
        self.ids = ids
        self.warm = warm

    async def entry(self, kind: Kind[State], stream: str, actor: Actor) -> Entry[State]:
        """A stream that is not there and one of another workspace look the same."""
        entry = await self.warm.entry(kind, stream)
        if entry.tenant != actor.tenant:
            async with entry.lock:
                await self.warm.catch_up(kind, entry)
        if entry.tenant != actor.tenant:
            raise not_found(kind.name, stream)
        return entry

    async def state(self, kind: Kind[State], stream: str, actor: Actor) -> tuple[State, int]:
        """The stream as the log has it now."""
        authorise(actor, "read")
        entry = await self.entry(kind, stream, actor)
        async with entry.lock:
            await self.warm.catch_up(kind, entry)
            return entry.confirmed

    async def execute(
        self, kind: Kind[State], stream: str, project: str, decide: Decide[State], asked: Asked
    ) -> Outcome[State]:
        """Raises Refused, Stale, Busy, KeyReused or LogUnavailable; then nothing changed."""
        authorise(asked.actor, asked.action)
        entry = await self.entry(kind, stream, asked.actor)
        deadline = self.clock.monotonic() + DEADLINE
        while True:
            try:
                return await self._attempt(kind, entry, project, decide, asked)
            except Conflict as conflict:
                if self.clock.monotonic() > deadline:
                    raise Busy(
                        "BUSY",
                        "Others changed this branch at the same time. Try again.",
                        expected=conflict.expected,
                        actual=conflict.actual,
                    ) from conflict
                await asyncio.sleep(random.uniform(0, 0.02))

    async def _attempt(
        self,
        kind: Kind[State],
        entry: Entry[State],
        project: str,
        decide: Decide[State],
        asked: Asked,
    ) -> Outcome[State]:
        async with entry.lock:
            facts = await self._decide(kind, entry, decide, asked)
            if isinstance(facts, Outcome):
                return facts
            state, version = entry.state, entry.version + len(facts)
            for fact in facts:
                state = kind.evolve(state, fact)
            write = Write(entry.stream, entry.version, self.events(facts, asked), project)
            ticket, after = next(_tickets), entry.ahead
            append = replace(
                self.append(asked, (write,), entry.stream, version), ticket=ticket, after=after
            )
            pending = asyncio.ensure_future(self.log.append(append))
            entry.under_way.add(pending)
            pending.add_done_callback(entry.under_way.discard)
            entry.advance(state, version, ticket)
        try:
            done = await asyncio.shield(pending)
        except BaseException:
            await self._fall_back(kind, entry)
            raise
        if done.replayed:
            await self._fall_back(kind, entry)
            return self._replay(entry, done)
        entry.confirm(state, version)
        return Outcome(entry.stream, version, done.last, state, facts)

    async def _decide(
        self, kind: Kind[State], entry: Entry[State], decide: Decide[State], asked: Asked
    ) -> Sequence[Any] | Outcome[State]:
        """On what is in memory where that gives facts; a refusal or an empty answer is only
        given on what the log says now."""
        if asked.expected in (None, entry.version):
            try:
                facts = decide(entry.state)
            except Refused:
                facts = []
            if facts:
                return facts
        await self.warm.catch_up(kind, entry)
        try:
            if asked.expected not in (None, entry.version):
                raise Stale(
                    "VERSION_MISMATCH",
                    f"The branch is at version {entry.version}, not {asked.expected}.",
                    expected=asked.expected,
                    actual=entry.version,
                )
            facts = decide(entry.state)
        except Refused:
            known = await self._known(asked)
            if known is None:
                raise
            return self._replay(entry, known)
        if not facts and asked.key is None:
            head = await self.log.position_of(entry.stream, entry.version) or 0
            return Outcome(entry.stream, entry.version, head, entry.state)
        return facts

    async def _known(self, asked: Asked) -> Appended | None:
        if asked.key is None:
            return None
        return await self.log.known(asked.actor.tenant, asked.id, asked.fingerprint)

    async def _fall_back(self, kind: Kind[State], entry: Entry[State]) -> None:
        async with entry.lock:
            await self.warm.catch_up(kind, entry)

    def _replay(self, entry: Entry[State], done: Appended) -> Outcome[State]:
        answer = msgspec.json.decode(done.answer, type=Answer)
        return Outcome(answer.stream, answer.version, done.last, entry.state, replayed=True)

    def append(self, asked: Asked, writes: tuple[Write, ...], stream: str, version: int) -> Append:
        answer = msgspec.json.encode(Answer(stream, version))
        return Append(asked.actor.tenant, asked.id, asked.fingerprint, answer, writes)

    def events(self, facts: Sequence[Any], asked: Asked) -> tuple[NewEvent, ...]:
        now = self.clock.now()
        found = []
        for fact in facts:
            meta = Meta(
                now,
                asked.actor.id,
                asked.id,
                subject_of(fact),
                asked.reason,
                asked.correlation,
                asked.causation,
            )
            tag, schema, payload = catalogue.encode(fact)
            found.append(NewEvent(self.ids.new(), tag, schema, payload, msgspec.json.encode(meta)))
        return tuple(found)


def subject_of(fact: Any) -> str | None:
    """The id of what the fact speaks of: an instance, else an asset, a scene, a branch, a key."""
    scene, asset = getattr(fact, "scene", None), getattr(fact, "asset", None)
    if scene and asset:
        return instance_id(scene, asset)
    return asset or scene or getattr(fact, "branch", None) or getattr(fact, "key", None)
