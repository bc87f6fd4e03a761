"""Each port on its in-memory and on its real adapter: one suite, two answers to it."""

from collections.abc import AsyncIterator

import pytest

from handlers.log import Log
from tests.support.logs import Pen, opened
from tests.support.shops import Shop, shop_on


@pytest.fixture(params=["memory", "real"])
def where(request: pytest.FixtureRequest) -> str | None:
    """A fresh database's URL for the real adapter, None for the one in memory."""
    if request.param == "memory":
        return None
    database: str = request.getfixturevalue("database")
    return database


@pytest.fixture
async def log(where: str | None) -> AsyncIterator[Log]:
    async with opened(where) as made:
        yield made


@pytest.fixture
def pen(log: Log) -> Pen:
    return Pen(log)


@pytest.fixture
async def shop(where: str | None) -> AsyncIterator[Shop]:
    async with shop_on(where) as made:
        yield made
