"""What the demo counts, and how it checks at the end that all of it is true."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import msgspec

from aiuteur import settings
from aiuteur.console import FOUND, Stop, out
from aiuteur.replaying import Replayed, feed, project_of, replay_branch, verify
from aiuteur.wiring import connect
from handlers.chain import Broken
from handlers.log import Log


class Report(msgspec.Struct, rename="camel"):
    scenes: int = 0
    assets: int = 0
    sidelined: int = 0
    instances: int = 0
    attempts: int = 0
    events: int = 0
    branches: int = 0
    model_calls: int = 0
    chain_verified: bool = False
    replay_identical: bool = False
    seconds: float = 0.0


def told(what: str, since: float) -> float:
    now = time.monotonic()
    out.print(f"  [green]✓[/] {what} [dim]{now - since:.1f} s[/]")
    return now


async def audit(settled: settings.Settings, project: str, report: Report) -> None:
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        system = await connect(settled, stack, bus=False)
        try:
            head = await verify(system.log)
        except Broken as broken:
            raise Stop(f"the chain is broken at {broken}", FOUND) from broken
        report.chain_verified, report.events = True, head.position
        await system.reads.settled(head.position)
        lines = (await project_of(system.log, project)).branches
        replayed = [await replay_branch(system.log, system.views, b) for b in lines]
        report.replay_identical = not any(each.differences for each in replayed)
        report.model_calls = await system.jobs.count_calls()
        report.attempts = await _attempts(system.log, head.position)
        told(_verdict(head.position, replayed), began)


def _verdict(events: int, replayed: Sequence[Replayed]) -> str:
    documents = sum(each.documents for each in replayed)
    different = sum(len(each.differences) for each in replayed)
    same = "all equal" if not different else f"{different} different"
    return f"chain of {events} events verified; {documents} documents replayed, {same}"


async def _attempts(log: Log, upto: int) -> int:
    made = 0
    async for records in feed(log, upto):
        made += sum(1 for record in records if record.type == "attempt.generated")
    return made
