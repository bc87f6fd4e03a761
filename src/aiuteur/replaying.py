"""Audit tools: the chain walked, the read models folded anew and compared, branches read through
the eventsourcing library. They read; they never publish, call a provider or change anything."""

from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct

from domain.project import Project
from domain.project import fold as fold_project
from domain.record import Recorded, tell
from handlers.chain import Broken, Verifier
from handlers.log import Head, Log
from handlers.views import Views, Want
from projections.engine import fold_all
from projections.register import OF_BRANCH

BATCH = 2000
Progress = Callable[[int, int], None]
"""Told how much of how much is done."""


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


class Difference(Struct, frozen=True):
    """A document that is not what its history says."""

    branch: str
    model: str
    key: str
    live: bytes | None
    replayed: bytes | None


class Replayed(Struct, frozen=True):
    branch: str
    version: int
    events: int
    documents: int
    differences: Sequence[Difference]


async def feed(log: Log, upto: int) -> AsyncIterator[Sequence[Recorded]]:
    position = 0
    while position < upto:
        records = await log.feed(position, BATCH)
        if not records:
            return
        position = records[-1].position
        yield records


async def verify(log: Log, progress: Progress = quiet) -> Head:
    """Walks the whole chain. Raises Broken at the first bad position."""
    head = await log.head()
    verifier = Verifier()
    async for records in feed(log, head.position):
        verifier.check([r for r in records if r.position <= head.position])
        progress(verifier.position, head.position)
    verifier.finish(head.position, head.hash)
    if await log.acknowledged() > (await log.head()).position:
        raise Broken(head.position + 1, "the log was cut here: later events were acknowledged")
    return head


async def replay_branch(log: Log, views: Views, branch: str) -> Replayed:
    """The branch folded from its first event, against what the read models hold of it now."""
    while True:
        wants = [Want(projection.name, branch) for projection in OF_BRANCH]
        found = await views.find(wants)
        versions = {found.versions.get((p.name, branch), 0) for p in OF_BRANCH}
        if len(versions) == 1:
            break  # all models at one moment
    version = versions.pop()
    records = await log.read(branch, 0, version)
    folded = fold_all(OF_BRANCH, records)
    differences = []
    for projection in OF_BRANCH:
        live = {key: body for (m, _, key), body in found.documents.items() if m == projection.name}
        replayed = folded[projection.name]
        for key in sorted({*live, *replayed}):
            if live.get(key) != replayed.get(key):
                differences.append(
                    Difference(branch, projection.name, key, live.get(key), replayed.get(key))
                )
    documents = sum(len(each) for each in folded.values())
    return Replayed(branch, version, len(records), documents, differences)


async def project_of(log: Log, project: str) -> Project:
    return fold_project(tell(record).fact for record in await log.read(project))
