"""One whole system for the campaign, each of whose processes may be killed; and the audit that
looks at its stores afterwards, past the API."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from aiuteur import settings
from aiuteur.replaying import feed, project_of, replay_branch, verify
from aiuteur.running import Running, running
from aiuteur.wiring import System, connect
from handlers.perform import STAGING
from handlers.reads import Lagging
from handlers.views import Want
from projections.engine import fold_all
from projections.jobs import BATCHES, JOBS
from tests.support.chaos import PATIENCE, Film, Visit


@pytest.fixture(scope="module")
def system() -> Iterator[Running]:
    folder = settings.ROOT / "var" / "test-chaos"
    shutil.rmtree(folder, ignore_errors=True)
    with running(folder) as it:
        yield it


@pytest.fixture
def film(system: Running) -> Iterator[Film]:
    made = Film(system)
    yield made
    made.close()


@pytest.fixture
def visit(system: Running) -> Visit:
    """Does something with the stores themselves."""

    async def connected(do: Callable[[System], Awaitable[None]]) -> None:
        async with AsyncExitStack() as opened:
            await do(await connect(settings.read(system.environment), opened))

    return lambda do: asyncio.run(connected(do))


@pytest.fixture
def audit(visit: Visit, film: Film) -> Callable[[], None]:
    """Raises unless the chain holds, every job was paid for once and nothing is left to do, the
    read models are what a replay makes, and the bus holds the whole log."""

    async def look(opened: System) -> None:
        await come_to_rest(opened)
        await verify(opened.log)
        await paid_once(opened, film)
        await same_as_replayed(opened, film)

    return lambda: visit(look)


async def come_to_rest(opened: System) -> None:
    """Until the read models and the bus have come up to the log."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < end:
        head = (await opened.log.head()).position
        try:
            await opened.reads.settled(head)
        except Lagging:
            continue
        if await opened.bus.last_position() == head == (await opened.log.head()).position:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the read models or the bus do not come up to the log")


async def paid_once(opened: System, film: Film) -> None:
    """Of each job one call came to its end and none is open; no image is left behind."""
    for job in film.job_ids:
        states = Counter(call.state for call in await opened.jobs.calls(job))
        assert states["done"] == 1, states
        assert set(states) <= {"done", "failed"}  # failed: begun by a worker that died over it
    assert list(await opened.jobs.ready(100)) == []
    assert await opened.jobs.states(film.job_ids) == {}
    assert list(await opened.blobs.keys(STAGING)) == []


async def same_as_replayed(opened: System, film: Film) -> None:
    for branch in (await project_of(opened.log, film.project)).branches:
        replayed = await replay_branch(opened.log, opened.views, branch)
        assert replayed.documents > 0
        assert list(replayed.differences) == []
    models = (JOBS, BATCHES)  # these are the project's, not a branch's
    head = (await opened.log.head()).position
    records = [r async for part in feed(opened.log, head) for r in part]
    folded = fold_all(models, [r for r in records if r.project == film.project])
    found = await opened.views.find([Want(model.name, film.project) for model in models])
    live = {(model, key): body for (model, _, key), body in found.documents.items()}
    assert live == {(m, key): body for m, docs in folded.items() for key, body in docs.items()}
