"""What all tests stand on: one embedded stack for the session, a database of its own per test,
and a note of which requirements were shown."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

pytest.register_assert_rewrite("tests.support.spec", "tests.support.http")

from adapters.blobs.s3 import S3Settings
from adapters.store.migrations import migrate
from aiuteur.embedded.stack import Stack
from aiuteur.settings import ROOT, Settings, packaged
from aiuteur.wiring import System, connect
from tests.support.memory import memory_system

VAR = ROOT / "var"
SHOWN: dict[str, list[str]] = {}
FAILED: set[str] = set()


@pytest.fixture(scope="session")
def stack() -> Iterator[dict[str, str]]:
    """The three real servers; the settings under which they are reached."""
    folder = VAR / f"test-stack-{os.getpid()}"  # two runs in one checkout keep apart
    with Stack(folder) as environment:
        yield environment
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def template(stack: dict[str, str]) -> str:
    """A migrated database that the others are copied from."""
    admin = stack["AIUTEUR_DATABASE_URL"]
    connection = await asyncpg.connect(admin)
    await connection.execute("create database template_test")
    await connection.close()
    await migrate(admin.replace("/aiuteur?", "/template_test?"), packaged("schema"))
    return admin


@pytest.fixture
async def database(template: str) -> AsyncIterator[str]:
    """The URL of a fresh database."""
    name = f"t_{uuid4().hex}"
    connection = await asyncpg.connect(template)
    await connection.execute(f"create database {name} template template_test strategy file_copy")
    yield template.replace("/aiuteur?", f"/{name}?")
    await connection.execute(f"drop database {name} with (force)")
    await connection.close()


@pytest.fixture
def settings(stack: dict[str, str], database: str) -> Settings:
    s3 = S3Settings(
        stack["AIUTEUR_S3_ENDPOINT"],
        stack["AIUTEUR_S3_BUCKET"],
        stack["AIUTEUR_S3_ACCESS_KEY"],
        stack["AIUTEUR_S3_SECRET_KEY"],
    )
    return Settings(database, stack["AIUTEUR_NATS_URL"], s3)


@pytest.fixture
async def real(settings: Settings) -> AsyncIterator[System]:
    """The program on its real servers."""
    async with AsyncExitStack() as opened:
        yield await connect(settings, opened)


@pytest.fixture
def memory() -> System:
    """The program on its in-memory twins."""
    return memory_system()


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    if call.excinfo is not None:
        FAILED.add(item.nodeid)
    if call.when == "teardown" and item.nodeid not in FAILED:
        for mark in item.iter_markers("req"):
            for number in mark.args:
                SHOWN.setdefault(str(number), []).append(item.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leaves var/requirements.json; a run of a part of the tests does not shorten it."""
    if session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    VAR.mkdir(exist_ok=True)
    content = {number: sorted(SHOWN[number]) for number in sorted(SHOWN)}
    Path(VAR / "requirements.json").write_text(json.dumps(content, indent=1) + "\n")
