"""The bus on NATS JetStream."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import msgspec
import nats
from nats.errors import Error as NatsError
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from domain.record import Recorded
from handlers.bus import BusUnavailable, Hint
from handlers.cloud import cloud_event, subject

EVENTS = "AIUTEUR_EVENTS"
JOBS = "AIUTEUR_JOBS"
ALL_EVENTS = "aiuteur.events.>"
JOB_SUBJECT = "aiuteur.jobs.image"
WORKERS = "image-workers"
IN_FLIGHT = 256
_AWAY = (NatsError, APIError, OSError, TimeoutError)
_GONE = (NotFoundError, NoStreamResponseError)


class NatsBus:
    """Streams are made when they are missing, also after a loss of the whole store."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Any = None
        self._js: Any = None
        self._hints: Any = None

    async def start(self) -> None:
        self._client = await nats.connect(
            self._url,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            connect_timeout=3,
            error_cb=_quiet,
        )
        self._js = self._client.jetstream(timeout=5)
        await self._prepare()

    async def stop(self) -> None:
        if self._client is not None:
            with suppress(*_AWAY):
                await self._client.close()

    async def publish(self, records: Sequence[Recorded], epoch: int) -> None:
        try:
            for at in range(0, len(records), IN_FLIGHT):
                await self._store(records[at : at + IN_FLIGHT], epoch)
        except _GONE as error:
            await self._again(error)
        except _AWAY as error:
            raise BusUnavailable(repr(error)) from error

    async def _store(self, records: Sequence[Recorded], epoch: int) -> None:
        """`duplicate` proves nothing: an event that vanished within the window is answered so
        and not stored. Then it goes out under another id. The first event goes alone, because
        what vanished is a tail: the rest follow it under ids of the same sort, so in order, and
        a relay that does it over again makes the same ids."""
        first = records[0]
        ack = await self._send(first, epoch, first.event_id)
        held = await self._held(ack, first)
        mark = "" if held else f"#r{epoch}.{ack.seq}"
        rest = records[1:] if held else records
        while rest:
            acks = await asyncio.gather(
                *(self._send(each, epoch, each.event_id + mark) for each in rest)
            )
            kept = await asyncio.gather(*map(self._held, acks, rest))
            lost = [n for n, here in enumerate(kept) if not here]
            if lost:
                mark += f"#r{epoch}.{acks[lost[0]].seq}"
            rest = [rest[n] for n in lost]

    async def _send(self, record: Recorded, epoch: int, id: str) -> Any:
        return await self._js.publish(
            subject(record),
            msgspec.json.encode(cloud_event(record)),
            stream=EVENTS,
            headers={
                "Nats-Msg-Id": id,
                "Pos": str(record.position),
                "Version": str(record.version),
                "Epoch": str(epoch),
            },
        )

    async def _held(self, ack: Any, record: Recorded) -> bool:
        if not ack.duplicate:
            return True
        try:
            message = await self._js.get_msg(EVENTS, ack.seq)
        except NotFoundError:
            return False
        return (message.headers or {}).get("Pos") == str(record.position)

    async def last_position(self) -> int:
        try:
            info = await self._js.stream_info(EVENTS)
            if info.state.messages == 0:
                return 0
            # By subject: the message of the last sequence may be the one that was lost.
            message = await self._js.get_last_msg(EVENTS, ALL_EVENTS)
            return int((message.headers or {})["Pos"])
        except NotFoundError as error:
            await self._again(error)
        except _AWAY as error:
            raise BusUnavailable(repr(error)) from error

    async def hint(self, jobs: Sequence[str]) -> None:
        try:
            await asyncio.gather(*map(self._hint, jobs))
        except _GONE as error:
            await self._again(error)
        except _AWAY as error:
            raise BusUnavailable(repr(error)) from error

    async def _hint(self, job: str) -> None:
        await self._js.publish(f"{JOB_SUBJECT}.{job}", job.encode(), stream=JOBS)

    async def hints(self, limit: int, timeout: float) -> Sequence[Hint]:
        try:
            if self._hints is None:
                self._hints = await self._js.pull_subscribe_bind(WORKERS, JOBS)
            messages = await self._hints.fetch(limit, timeout=timeout)
        except TimeoutError:
            return []
        except _AWAY as error:
            await self._again(error)
        return [Hint(message.data.decode(), message.ack) for message in messages]

    async def _again(self, error: Exception) -> NoReturn:
        """A stream may be gone: it is made anew, and the caller repeats."""
        hints, self._hints = self._hints, None
        with suppress(*_AWAY):
            if hints is not None:
                await hints.unsubscribe()
        with suppress(*_AWAY):
            await self._prepare()
        raise BusUnavailable(repr(error)) from error

    async def _prepare(self) -> None:
        await self._stream(StreamConfig(EVENTS, subjects=[ALL_EVENTS], storage=StorageType.FILE))
        await self._stream(
            StreamConfig(
                JOBS,
                subjects=["aiuteur.jobs.>"],
                storage=StorageType.FILE,
                retention=RetentionPolicy.WORK_QUEUE,
                max_msgs_per_subject=1,  # a job's hints do not pile up while all are busy
            )
        )
        config = ConsumerConfig(
            durable_name=WORKERS, ack_policy=AckPolicy.EXPLICIT, ack_wait=30, max_ack_pending=1000
        )
        try:
            await self._js.consumer_info(JOBS, WORKERS)
        except NotFoundError:
            await self._js.add_consumer(JOBS, config)

    async def _stream(self, config: StreamConfig) -> None:
        try:
            await self._js.stream_info(config.name)
        except NotFoundError:
            await self._js.add_stream(config)


async def _quiet(_: Exception) -> None:
    """Outages show where something is published or fetched."""
