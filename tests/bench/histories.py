"""Long histories: folding one, replaying its read models, forking it."""

import time
from contextlib import AsyncExitStack
from statistics import median

from adapters.blobs.s3 import S3Settings
from adapters.store.migrations import migrate
from aiuteur.replaying import replay_branch, verify
from aiuteur.settings import Settings, packaged
from aiuteur.wiring import connect
from domain import branch as rules
from domain.attempts.events import AttemptEvicted
from domain.record import tell
from handlers.actor import Actor
from handlers.branches import Ref, fork
from handlers.execute import Asked
from handlers.projects import create
from handlers.warm import BRANCH
from tests.bench.row import Row
from tests.support.facts import MARA, ONE, PHASE_A, STORY, asked, chosen, created, made

EVENTS = 10_000
FORKS = 15


async def measure(environment: dict[str, str]) -> list[Row]:
    s3 = S3Settings(
        environment["AIUTEUR_S3_ENDPOINT"],
        environment["AIUTEUR_S3_BUCKET"],
        environment["AIUTEUR_S3_ACCESS_KEY"],
        environment["AIUTEUR_S3_SECRET_KEY"],
    )
    settings = Settings(environment["AIUTEUR_DATABASE_URL"], environment["AIUTEUR_NATS_URL"], s3)
    async with AsyncExitStack() as stack:
        system = await connect(settings, stack, bus=False)
        actor = Actor(system.ids.new(), "bench", "admin")
        await migrate(settings.database_url, packaged("schema"))
        executor = system.executor
        project = await create(executor, "Long", "16:9", Asked(actor, system.ids.new()))
        branch = project.state.active
        early = await _forks(system, actor, project.stream, branch, "early")
        await _grow(system, actor, project.stream, branch)
        late = await _forks(system, actor, project.stream, branch, "late")
        records = await system.log.read(branch)
        began = time.perf_counter()
        told = [tell(record) for record in records]
        decoded = time.perf_counter()
        rules.fold(each.fact for each in told)
        folded = time.perf_counter()
        await system.projector.catch_up()
        caught_up = time.perf_counter()
        await replay_branch(system.log, system.views, branch)
        replayed = time.perf_counter()
        head = await verify(system.log)
        verified = time.perf_counter()
    count = len(records)
    return [
        Row("decode and fold", count / (folded - began), "events/s"),
        Row("fold alone", count / (folded - decoded), "events/s"),
        Row("replay of all read models", count / (replayed - caught_up), "events/s"),
        Row("verify the chain", head.position / (verified - replayed), "events/s"),
        Row("fork at an empty history", early, "ms"),
        Row(f"fork at {EVENTS} events", late, "ms", "fork at an empty history", late / early),
    ]


async def _grow(system: object, actor: Actor, project: str, branch: str) -> None:
    facts: list[object] = [*STORY, *PHASE_A, created(ONE, MARA)]
    number = 0
    while len(facts) < EVENTS:
        job = f"job {number}"
        facts += [asked(ONE, MARA, job), made(ONE, MARA, job), chosen(ONE, MARA, job)]
        facts.append(AttemptEvicted(ONE, MARA, job))
        number += 1
    executor = system.executor  # type: ignore[attr-defined]
    for at in range(0, len(facts), 500):
        part = facts[at : at + 500]
        command = Asked(actor, executor.ids.new())
        await executor.execute(BRANCH, branch, project, lambda _, it=part: it, command)


async def _forks(system: object, actor: Actor, project: str, branch: str, name: str) -> float:
    executor = system.executor  # type: ignore[attr-defined]
    took = []
    for number in range(FORKS):
        asked_ = Asked(actor, executor.ids.new())
        began = time.perf_counter()
        await fork(executor, project, f"{name} {number}", Ref(branch), asked_)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)
