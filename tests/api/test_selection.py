"""One selection per carousel, guaranteed by the store: two cannot be written down."""

import asyncio

import asyncpg
import pytest

from adapters.store.postgres import PostgresLog
from aiuteur.settings import Settings
from aiuteur.wiring import System
from domain import branch as rules
from domain.attempts.decide import SelectAttempt
from handlers.actor import Actor
from handlers.execute import Asked, Executor
from handlers.projects import create
from handlers.warm import BRANCH, Warm
from projections.carousels import CAROUSELS
from tests.support.facts import MARA, ONE, PHASE_A, STORY, asked, created, made


@pytest.mark.req("R211", "R302", "R313")
async def test_two_processes_that_select_at_once_leave_one_selection(
    real: System, settings: Settings
) -> None:
    actor = Actor(real.ids.new(), "test", "editor")
    project = await create(real.executor, "A film", "16:9", Asked(actor, real.ids.new()))
    branch = project.state.active
    jobs = [f"job {n}" for n in range(6)]
    facts = [*STORY, *PHASE_A, created(ONE, MARA)]
    facts += [fact for job in jobs for fact in (asked(ONE, MARA, job), made(ONE, MARA, job))]
    command = Asked(actor, real.ids.new())
    await real.executor.execute(BRANCH, branch, project.stream, lambda _: facts, command)

    other_log = PostgresLog(real.pool, settings.database_url)
    await other_log.start()
    other = Executor(other_log, real.executor.clock, real.ids, Warm(other_log))

    async def select(executor: Executor, job: str) -> None:
        command = SelectAttempt(ONE, MARA, job)
        await executor.execute(
            BRANCH,
            branch,
            project.stream,
            lambda state: rules.decide(command, state),
            Asked(actor, real.ids.new()),
        )

    await asyncio.gather(
        *(select(executor, job) for job in jobs for executor in (real.executor, other))
    )
    await other_log.stop()
    await real.projector.catch_up()
    rows = await real.pool.fetch(
        "select body from document where model = 'carousels' and scope = $1 and not shadow", branch
    )
    assert len(rows) == 1
    carousel = CAROUSELS.decode(rows[0]["body"])
    assert carousel.selected in jobs
    with pytest.raises(asyncpg.UniqueViolationError, match="document_pkey"):
        await real.pool.execute("insert into document select * from document limit 1")
