"""Our append (expected version, idempotency and hash chain on) at 16 concurrent writers, against
the eventsourcing package's PostgreSQL recorder and a bare single-row INSERT on 16 connections.

The bare INSERT goes into a table with the event table's columns and keys, its position from an
identity column. Each contender runs three times, in turn; the median counts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from uuid import UUID, uuid4

import asyncpg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from adapters.store.migrations import check_durable, migrate
from adapters.store.postgres import PostgresLog
from adapters.system import Uuid7
from aiuteur.settings import packaged
from handlers.log import Append, NewEvent, Write
from tests.bench.row import Row

DATABASE = "appends"
WRITERS = 16
ROUNDS = 3
EACH = 1500
EACH_RECORDER = 150
PAYLOAD = b'{"type":"attempt.selected","scene":"' + b"s" * 90 + b'","asset":"' + b"a" * 90 + b'"}'
ENVELOPE = b'{"time":"2030-01-01T00:00:00.000000Z","actor":"' + b"k" * 120 + b'"}'
BARE = """
create table bare (
    position bigint generated always as identity primary key, event_id uuid, tenant uuid,
    project uuid, stream uuid, version bigint, type text, schema integer, payload bytea,
    envelope bytea, hash bytea, unique (stream, version));
create index on bare (project, position)
"""
INSERT = """
insert into bare (event_id, tenant, project, stream, version, type, schema, payload, envelope, hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
ids = Uuid7()


async def measure(environment: dict[str, str]) -> list[Row]:
    admin = await asyncpg.connect(environment["AIUTEUR_DATABASE_URL"])
    await admin.execute(f"create database {DATABASE}")
    await admin.close()
    dsn = environment["AIUTEUR_DATABASE_URL"].replace("/aiuteur?", f"/{DATABASE}?")
    await migrate(dsn, packaged("schema"))
    connection = await asyncpg.connect(dsn)
    await check_durable(connection)
    await connection.execute(BARE)
    await connection.close()
    contenders: dict[str, Callable[[str], Awaitable[float]]] = {
        "append16": _ours,
        "eventsourcing-recorder": _recorder,
        "asyncpg-insert": _bare,
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            rates[name].append(await run(dsn))
    best = {name: median(values) for name, values in rates.items()}
    ours = best["append16"]
    against = [
        Row("append16", ours, "events/s", name, ours / best[name])
        for name in ("eventsourcing-recorder", "asyncpg-insert")
    ]
    others = [Row(name, best[name], "events/s") for name in contenders if name != "append16"]
    return [*against, *others]


async def _ours(dsn: str) -> float:
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        log = PostgresLog(pool, dsn)
        await log.start()
        tenant = ids.new()

        async def write(stream: str, version: int) -> None:
            event = NewEvent(ids.new(), "attempt.selected", 1, PAYLOAD, ENVELOPE)
            write = Write(stream, version, (event,), tenant, opens=version == 0)
            await log.append(Append(tenant, ids.new(), PAYLOAD[:32], b'{"version":1}', (write,)))

        async def writer(stream: str) -> None:
            for version in range(1, EACH + 1):
                await write(stream, version)

        streams = [ids.new() for _ in range(WRITERS)]
        await asyncio.gather(*(write(stream, 0) for stream in streams))
        began = time.perf_counter()
        await asyncio.gather(*map(writer, streams))
        took = time.perf_counter() - began
        await log.stop()
    return WRITERS * EACH / took


async def _bare(dsn: str) -> float:
    connections = [await asyncpg.connect(dsn) for _ in range(WRITERS)]
    tenant = ids.new()

    async def writer(connection: "asyncpg.Connection") -> None:
        stream = ids.new()
        for version in range(EACH):
            await connection.execute(
                INSERT,
                *(ids.new(), tenant, tenant, stream, version, "attempt.selected", 1),
                *(PAYLOAD, ENVELOPE, PAYLOAD[:32]),
            )

    began = time.perf_counter()
    await asyncio.gather(*map(writer, connections))
    took = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    return WRITERS * EACH / took


async def _recorder(dsn: str) -> float:
    host = dsn.partition("host=")[2].replace("%2F", "/")
    datastore = PostgresDatastore(
        dbname=DATABASE, host=host, port=5432, user="aiuteur", password="-", pool_size=WRITERS
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="recorder_events")
    recorder.create_table()

    def writer(stream: UUID) -> None:
        for version in range(1, EACH_RECORDER + 1):
            event = StoredEvent(stream, version, "attempt.selected", PAYLOAD + ENVELOPE)
            recorder.insert_events([event])

    def run() -> float:
        with ThreadPoolExecutor(WRITERS) as threads:
            began = time.perf_counter()
            list(threads.map(writer, [uuid4() for _ in range(WRITERS)]))
            return time.perf_counter() - began

    try:
        took = await asyncio.to_thread(run)
    finally:
        datastore.close()
    return WRITERS * EACH_RECORDER / took
