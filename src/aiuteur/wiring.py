"""The one place where ports meet adapters."""

from contextlib import AsyncExitStack
from typing import Any

import asyncpg
from msgspec import Struct

from adapters.blobs.s3 import S3Blobs
from adapters.bus.nats import NatsBus
from adapters.imaging.pillow import PillowImaging
from adapters.jobs.postgres import PostgresJobs
from adapters.models.draft import DraftModel
from adapters.store.leadership import Leadership
from adapters.store.migrations import check_durable
from adapters.store.postgres import PostgresLog
from adapters.system import SystemClock, Uuid7
from adapters.views.postgres import PostgresViews
from aiuteur.settings import Settings
from handlers.blobs import Blobs
from handlers.bus import Bus
from handlers.clock import Ids
from handlers.execute import Executor
from handlers.imaging import Imaging
from handlers.jobs import Jobs
from handlers.log import Log
from handlers.models import ImageModel
from handlers.perform import Performer
from handlers.projecting import Projector
from handlers.reads import Reads
from handlers.views import Views
from handlers.warm import Warm
from projections.register import PROJECTIONS


class System(Struct, kw_only=True):
    """Everything that a process may need, wired."""

    log: Log
    views: Views
    blobs: Blobs
    bus: Bus
    jobs: Jobs
    imaging: Imaging
    model: ImageModel
    ids: Ids
    executor: Executor
    reads: Reads
    projector: Projector
    performer: Performer
    leadership: Leadership | None = None
    pool: Any = None


def assemble(
    log: Log,
    views: Views,
    blobs: Blobs,
    bus: Bus,
    jobs: Jobs,
    imaging: Imaging,
    model: ImageModel,
    clock: Any,
    ids: Ids,
) -> System:
    executor = Executor(log, clock, ids, Warm(log))
    return System(
        log=log,
        views=views,
        blobs=blobs,
        bus=bus,
        jobs=jobs,
        imaging=imaging,
        model=model,
        ids=ids,
        executor=executor,
        reads=Reads(executor, views),
        projector=Projector(log, views, PROJECTIONS),
        performer=Performer(executor, jobs, blobs, imaging, model, ids),
    )


async def connect(settings: Settings, stack: AsyncExitStack, *, bus: bool = True) -> System:
    """The system on its real servers; the stack ends what was begun. Refuses a PostgreSQL that
    may lose what it acknowledged (S7)."""
    pool = await asyncpg.create_pool(
        settings.database_url, min_size=2, max_size=12, command_timeout=30
    )
    stack.push_async_callback(pool.close)
    async with pool.acquire() as connection:
        await check_durable(connection)
    log = PostgresLog(pool, settings.database_url)
    await log.start()
    stack.push_async_callback(log.stop)
    assert settings.s3 is not None
    blobs = S3Blobs(settings.s3)
    await blobs.start()
    stack.push_async_callback(blobs.stop)
    nats = NatsBus(settings.nats_url)
    if bus:
        await nats.start()
        stack.push_async_callback(nats.stop)
    leadership = Leadership(settings.database_url)
    stack.push_async_callback(leadership.stop)
    system = assemble(
        log,
        PostgresViews(pool),
        blobs,
        nats,
        PostgresJobs(pool),
        PillowImaging(),
        DraftModel(),
        SystemClock(),
        Uuid7(),
    )
    system.leadership = leadership
    system.pool = pool
    return system
