from collections.abc import AsyncIterator

import pytest

from aiuteur.wiring import System
from tests.support.http import Api, serving


@pytest.fixture
async def api(memory: System) -> AsyncIterator[Api]:
    """The API on in-memory twins; workers turn when told."""
    async with serving(memory) as made:
        yield made


@pytest.fixture
async def film(api: Api) -> Api:
    """A film with its script extracted, in noir, Stage 5 locked."""
    return await api.film()
