"""What `log` and `replay` show."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from adapters.store.bridge import recorder
from adapters.store.history import BranchAt, BranchHistory
from aiuteur import settings
from aiuteur.replaying import Progress, Replayed, project_of, quiet, replay_branch
from aiuteur.wiring import System
from domain.project import BranchCreated
from domain.record import Meta, Recorded, tell
from handlers.branches import Ref, parse_ref
from handlers.cloud import cloud_event
from handlers.log import Log

BATCH = 1000


async def follow(log: Log, after: int, *, going_on: bool) -> AsyncIterator[Recorded]:
    position = after
    while True:
        mark = log.mark()
        records = await log.feed(position, BATCH)
        for record in records:
            position = record.position
            yield record
        if records:
            continue
        if not going_on:
            return
        await log.wait(mark, 1.0)


def describe(record: Recorded, wanted: argparse.Namespace) -> str | None:
    """The event in a line, if it is one of those asked for."""
    meta = msgspec.json.decode(record.envelope, type=Meta)
    if wanted.project and record.project != wanted.project:
        return None
    if wanted.branch and record.stream != wanted.branch:
        return None
    if wanted.types and record.type not in wanted.types:
        return None
    if wanted.actor and meta.actor != wanted.actor:
        return None
    if wanted.json:
        return msgspec.json.encode(cloud_event(record)).decode()
    place = f"{record.stream[-8:]}@{record.version}"
    payload = record.payload.decode()
    return f"{record.position:>7}  {meta.time[:23]}  {place:<16} {record.type:<32} {payload[:160]}"


async def replay_all(
    system: System, project: str | None, progress: Progress = quiet
) -> Sequence[Replayed]:
    """Every branch, or those of one project, against the read models."""
    branches = []
    async for record in follow(system.log, 0, going_on=False):
        if record.type == "branch.created" and project in (None, record.project):
            fact: BranchCreated = tell(record).fact
            branches.append(fact.branch)
    replayed = []
    for done, branch in enumerate(branches, 1):
        replayed.append(await replay_branch(system.log, system.views, branch))
        progress(done, len(branches))
    return replayed


async def show_ref(system: System, project: str, ref: str) -> str:
    """A point of history as JSON, read through the eventsourcing library's Application."""
    known = parse_ref(ref, await project_of(system.log, project))
    at = await asyncio.to_thread(_at, known)
    content = {"branch": known.branch, "version": at.version, "state": at.state}
    return msgspec.json.encode(content).decode()


def _at(ref: Ref) -> BranchAt:
    with recorder(settings.of_running().database_url, ref.branch) as reading:
        return BranchHistory(reading).at(ref.branch, ref.version)
