"""The event log behind the eventsourcing library's recorder contract, so that its applications
and its replay tooling read and write our streams. Synchronous, as the contract is; for tools,
not for the hot path."""

import asyncio
import itertools
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid5

import asyncpg
import msgspec
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)

from adapters.store.postgres import PostgresLog
from domain.record import Recorded
from handlers.log import Append, Conflict, Log, NewEvent, Write

Result = TypeVar("Result")
_EVENT = UUID("0c5d1c34-2b63-5d7e-8d44-0a3f1b1c9e52")


class Loop:
    """An event loop of its own, in a thread, for callers that know none."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextmanager
def recorder(dsn: str, tenant: str) -> Iterator["LogRecorder"]:
    """A recorder on a database, with connections of its own."""
    loop = Loop()
    try:
        pool = loop.run(_pool(dsn))
        log = PostgresLog(pool, dsn)
        loop.run(log.start())
        try:
            yield LogRecorder(log, loop, tenant)
        finally:
            loop.run(log.stop())
            loop.run(pool.close())
    finally:
        loop.close()


async def _pool(dsn: str) -> Any:
    return await asyncpg.create_pool(dsn, min_size=1, max_size=4)


class LogRecorder(ApplicationRecorder):
    """A stored event's topic is our type tag (with its schema version where that is not 1), its
    state our payload, its originator our stream, its version ours."""

    def __init__(self, log: Log, loop: Loop, tenant: str) -> None:
        super().__init__()
        self._log = log
        self._loop = loop
        self._tenant = tenant

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        if not stored_events:
            return []
        return self._loop.run(self._insert(stored_events))

    async def _insert(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        streams: dict[str, list[StoredEvent]] = {}
        for event in events:
            streams.setdefault(str(event.originator_id), []).append(event)
        writes = [await self._write(stream, own) for stream, own in streams.items()]
        id = sha256(b"".join(_identity(event) for event in events)).hexdigest()
        fingerprint = sha256(id.encode()).digest()
        append = Append(self._tenant, f"bridge:{id}", fingerprint, b"{}", tuple(writes))
        try:
            done = await self._log.append(append)
        except Conflict as conflict:
            raise IntegrityError(str(conflict)) from conflict
        if done.replayed:
            raise IntegrityError("these events are in the log already")
        # A stream's events lie together, whatever the order in which they were given.
        places = itertools.count(done.first)
        own = {
            stream: iter(list(itertools.islice(places, len(written))))
            for stream, written in streams.items()
        }
        return [next(own[str(event.originator_id)]) for event in events]

    async def _write(self, stream: str, events: Sequence[StoredEvent]) -> Write:
        expected = events[0].originator_version - 1
        versions = [event.originator_version for event in events]
        if versions != list(range(expected + 1, expected + 1 + len(events))):
            raise IntegrityError(f"{stream}: versions {versions} have a hole")
        new = tuple(
            NewEvent(
                str(uuid5(_EVENT, f"{stream}:{event.originator_version}:{event.topic}")),
                *type_of(event.topic),
                bytes(event.state),
                b"{}",
            )
            for event in events
        )
        opens = await self._log.version(stream) is None
        return Write(stream, expected, new, None, opens=opens)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        after = -1 if gt is None else gt
        first = None if desc else limit
        records = self._loop.run(self._log.read(str(originator_id), after, lte, first))
        found = [self._stored(record) for record in records]
        if desc:
            found.reverse()
        return found[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        begin = 1 if start is None else start
        after = begin - 1 if inclusive_of_start or start is None else begin
        found: list[Notification] = []
        while len(found) < limit:
            records = self._loop.run(self._log.feed(max(0, after), 500))
            for record in records:
                after = record.position
                if stop is not None and record.position > stop:
                    return found
                if (not topics or topic_of(record) in topics) and len(found) < limit:
                    found.append(self._notification(record))
            if len(records) < 500:
                break
        return found

    def max_notification_id(self) -> int | None:
        position = self._loop.run(self._log.head()).position
        return position or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return LogSubscription(self, gt, topics)

    def wait(self, mark: int, timeout: float) -> None:
        self._loop.run(self._log.wait(mark, timeout))

    def mark(self) -> int:
        return self._log.mark()

    def _stored(self, record: Recorded) -> StoredEvent:
        return StoredEvent(UUID(record.stream), record.version, topic_of(record), record.payload)

    def _notification(self, record: Recorded) -> Notification:
        return Notification(
            originator_id=UUID(record.stream),
            originator_version=record.version,
            topic=topic_of(record),
            state=record.payload,
            id=record.position,
        )


class LogSubscription(Subscription[ApplicationRecorder]):
    """Follows the log: what is there, then what comes."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._following = recorder
        self._waiting: Iterator[Notification] = iter(())

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            for notification in self._waiting:
                self._last_notification_id = notification.id
                return notification
            mark = self._following.mark()
            found = self._following.select_notifications(
                self._last_notification_id, 100, topics=self._topics, inclusive_of_start=False
            )
            if found:
                self._waiting = iter(found)
            else:
                self._following.wait(mark, 0.2)
        raise StopIteration


def topic_of(record: Recorded) -> str:
    return record.type if record.schema == 1 else f"{record.type}#{record.schema}"


def type_of(topic: str) -> tuple[str, int]:
    tag, _, schema = topic.partition("#")
    return tag, int(schema or 1)


def _identity(event: StoredEvent) -> bytes:
    fields = [str(event.originator_id), event.originator_version, event.topic]
    return msgspec.json.encode(fields) + bytes(event.state)
