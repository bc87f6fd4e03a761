"""The API process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn
from litestar import Litestar
from prometheus_client import CollectorRegistry, Gauge

from aiuteur.settings import Settings
from aiuteur.wiring import System, connect
from api.app import create_app
from api.call import Services
from handlers.blobs import BlobsUnavailable
from handlers.log import LogUnavailable


def services_of(system: System) -> Services:
    registry = CollectorRegistry()
    lag = Gauge(
        "aiuteur_projection_lag_events", "Events not taken yet", ["model"], registry=registry
    )

    async def ready() -> dict[str, Any]:
        return {
            "log": await _log(system),
            "files": await _files(system),
            "readModels": await _read_models(system, lag),
        }

    return Services(
        executor=system.executor,
        reads=system.reads,
        views=system.views,
        blobs=system.blobs,
        jobs=system.jobs,
        ready=ready,
        metrics=registry,
    )


async def _log(system: System) -> dict[str, Any]:
    try:
        head = await system.log.head()
    except (LogUnavailable, OSError) as error:
        return {"ok": False, "why": str(error)}
    return {"ok": True, "position": head.position, "epoch": head.epoch}


async def _files(system: System) -> dict[str, Any]:
    try:
        await system.blobs.get("ready")
    except BlobsUnavailable as error:
        return {"ok": False, "why": str(error)}
    return {"ok": True}


async def _read_models(system: System, lag: Gauge) -> dict[str, Any]:
    try:
        head = (await system.log.head()).position
        checkpoints = (await system.views.checkpoints()).values()
    except (LogUnavailable, OSError) as error:
        return {"ok": False, "why": str(error)}
    for checkpoint in checkpoints:
        lag.labels(checkpoint.model).set(max(0, head - checkpoint.position))
    parked = {c.model: c.parked for c in checkpoints if c.parked}
    behind = max((head - c.position for c in checkpoints), default=0)
    return {"ok": not parked, "parked": parked, "behind": max(0, behind)}


def application(settings: Settings) -> Litestar:
    @asynccontextmanager
    async def lifespan() -> AsyncIterator[Services]:
        async with AsyncExitStack() as stack:
            yield services_of(await connect(settings, stack, bus=False))

    return create_app(lifespan)


def serve(settings: Settings, host: str, port: int) -> None:
    """Until it is told to stop. Open streams are ended after two seconds: without a limit they
    would hold the process for ever."""
    uvicorn.run(
        application(settings),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
