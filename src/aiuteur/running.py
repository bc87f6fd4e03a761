"""The whole product on this machine: embedded servers where none are named, the schema, the API
and worker processes, all supervised."""

import asyncio
import http.client
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from adapters.store.migrations import migrate
from aiuteur import settings as settings_
from aiuteur.embedded.child import Keeper, Spec
from aiuteur.embedded.stack import Stack, Wanted, free_port
from aiuteur.wiring import connect
from handlers.workspaces import open_workspace


class Running(Struct, frozen=True):
    """`environment` lets other processes reach the same servers."""

    url: str
    key: str
    environment: dict[str, str]
    stack: Stack
    processes: dict[str, Keeper]


def embedded(folder: Path) -> Stack:
    """Embeds what no setting names."""
    named = os.environ
    wanted = Wanted(
        "AIUTEUR_DATABASE_URL" not in named,
        "AIUTEUR_NATS_URL" not in named,
        "AIUTEUR_S3_ENDPOINT" not in named,
    )
    return Stack(folder, wanted)


@contextmanager
def running(folder: Path, port: int = 0, workers: int = 1) -> Iterator[Running]:
    """Everything up, and down again at the end."""
    stack = embedded(folder / "stack")
    environment = stack.start()
    keepers: dict[str, Keeper] = {}
    try:
        merged = {**os.environ, **environment}
        settings = settings_.read(merged)
        asyncio.run(migrate(settings.database_url, settings_.packaged("schema")))
        key = _local_key(settings, folder / "local.key")
        _tell_others(folder, environment)
        port = port or free_port()
        specs = [_api(folder, port, environment)]
        specs += [_worker(folder, number, environment) for number in range(1, workers + 1)]
        keepers = {spec.name: Keeper(spec) for spec in specs}
        for keeper in keepers.values():
            keeper.start()
        for keeper in keepers.values():
            keeper.wait_up()
        yield Running(f"http://127.0.0.1:{port}", key, environment, stack, keepers)
    finally:
        for keeper in keepers.values():
            keeper.stop()
        for keeper in keepers.values():
            keeper.join()
        stack.stop()


def _api(folder: Path, port: int, environment: dict[str, str]) -> Spec:
    return Spec(
        name="api",
        command=_command("serve", "--port", str(port)),
        folder=folder,
        ready=lambda: _healthy(port),
        environment=environment,
    )


def _worker(folder: Path, number: int, environment: dict[str, str]) -> Spec:
    return Spec(
        name=f"worker{number}",
        command=_command("work"),
        folder=folder,
        ready=lambda: True,
        environment=environment,
    )


def _command(*words: str) -> Sequence[str]:
    return [sys.executable, "-m", "aiuteur", *words]


def _healthy(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _local_key(settings: settings_.Settings, kept: Path) -> str:
    """The key of this machine's workspace; made at the first start and kept for its owner."""
    if kept.exists():
        return kept.read_text().strip()
    token = asyncio.run(_first_key(settings))
    kept.touch(mode=0o600)
    kept.write_text(token)
    return token


async def _first_key(settings: settings_.Settings) -> str:
    async with AsyncExitStack() as stack:
        system = await connect(settings, stack, bus=False)
        _, issued = await open_workspace(system.executor, "local")
        await system.projector.catch_up()
    return issued.token


def _tell_others(folder: Path, environment: dict[str, str]) -> None:
    """So that `aiuteur log` and its kin find the servers while they run."""
    known = folder / settings_.ENVIRONMENT
    known.touch(mode=0o600)
    known.write_bytes(msgspec.json.encode(environment))
