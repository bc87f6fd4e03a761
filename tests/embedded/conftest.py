"""Something of value to keep in each server, and supervisors that may be killed."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest

from adapters.blobs.s3 import S3Blobs, S3Settings
from aiuteur.settings import ROOT
from handlers.blobs import BlobsUnavailable

Environment = Mapping[str, str]
Supervised = tuple["subprocess.Popen[str]", dict[str, str], dict[str, int]]
"""The supervisor, the settings under which its servers are reached, and their process ids."""
Start = Callable[..., Supervised]
AWAY = (OSError, asyncpg.PostgresError, nats.errors.Error, BlobsUnavailable)


@asynccontextmanager
async def postgres(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def bus(url: str) -> AsyncIterator[Any]:
    client = await nats.connect(url, max_reconnect_attempts=1, connect_timeout=1)
    try:
        yield client.jetstream()
    finally:
        await client.close()


@asynccontextmanager
async def files(environment: Environment) -> AsyncIterator[S3Blobs]:
    names = ("ENDPOINT", "BUCKET", "ACCESS_KEY", "SECRET_KEY")
    blobs = S3Blobs(S3Settings(*(environment[f"AIUTEUR_S3_{name}"] for name in names)))
    await blobs.start()
    try:
        yield blobs
    finally:
        await blobs.stop()


async def bury_in(environment: Environment) -> None:
    if dsn := environment.get("AIUTEUR_DATABASE_URL"):
        async with postgres(dsn) as connection:
            await connection.execute("create table treasure as select 'gold' as what")
    if url := environment.get("AIUTEUR_NATS_URL"):
        async with bus(url) as jetstream:
            await jetstream.add_stream(name="TREASURE", subjects=["treasure"])
            await jetstream.publish("treasure", b"gold")
    if "AIUTEUR_S3_ENDPOINT" in environment:
        async with files(environment) as blobs:
            await blobs.put("treasure", b"gold", "text/plain")


async def dig_in(environment: Environment) -> set[object]:
    found: set[object] = set()
    if dsn := environment.get("AIUTEUR_DATABASE_URL"):
        async with postgres(dsn) as connection:
            found.add(await connection.fetchval("select what from treasure"))
    if url := environment.get("AIUTEUR_NATS_URL"):
        async with bus(url) as jetstream:
            found.add((await jetstream.get_msg("TREASURE", 1)).data.decode())
    if "AIUTEUR_S3_ENDPOINT" in environment:
        async with files(environment) as blobs:
            found.add((await blobs.get("treasure") or b"").decode())
    return found


@pytest.fixture
def bury() -> Callable[[Environment], None]:
    """Puts one thing of value into each server that is there."""
    return lambda environment: asyncio.run(bury_in(environment))


@pytest.fixture
def found() -> Callable[[Environment], bool]:
    """Whether all of it is there; False also while a server does not answer."""

    def look(environment: Environment) -> bool:
        try:
            return asyncio.run(dig_in(environment)) == {"gold"}
        except AWAY:
            return False

    return look


def clean(name: str) -> Path:
    folder = ROOT / "var" / "test-embedded" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """A folder of the test's own."""
    return clean(request.node.name.removeprefix("test_")[:24])


@pytest.fixture(scope="module")
def shared_folder() -> Path:
    return clean("shared")


@pytest.fixture
def supervise() -> Iterator[Start]:
    """Starts servers under a supervisor in another process, as another user if one is given, or
    `inside` what another program makes around it.
    Those that were not killed stop in order at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, names: str, user: int = 0, inside: Sequence[str] = ()) -> Supervised:
        program = str(Path(__file__).with_name("supervise.py"))
        process = subprocess.Popen(
            [*inside, sys.executable, program, str(folder), names, str(user)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the supervisor could not start its servers"
        environment, pids = json.loads(line)
        return process, environment, pids

    yield start
    for process in started:
        process.communicate(timeout=30)


@pytest.fixture
def stranger() -> Iterator[int]:
    """The id of a living process that has nothing to do with any of this."""
    process = subprocess.Popen(["sleep", "300"])
    yield process.pid
    process.send_signal(signal.SIGKILL)
    process.wait()
