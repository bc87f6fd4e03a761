"""The worker process: every loop that is not a request."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from aiuteur.settings import Settings
from aiuteur.wiring import System, connect
from workers.images import Images
from workers.loop import Round, forever, led
from workers.reactor import Reactor
from workers.relay import Relay
from workers.sweeper import Sweeper

ROLES = ("projector", "reactor", "relay", "images", "sweeper")
SWEEP_EVERY = 2.0


def rounds(system: System) -> dict[str, Round]:
    relay = Relay(system.log, system.bus, system.jobs)
    reactor = Reactor(system.log, system.bus, system.jobs)
    sweeper = Sweeper(system.bus, system.jobs, system.performer)
    images = Images(system.bus, system.performer)

    async def project() -> bool:
        return await system.projector.run_once() > 0

    return {
        "projector": project,
        "reactor": reactor.run_once,
        "relay": relay.run_once,
        "images": images.run_once,
        "sweeper": sweeper.run_once,
    }


async def run(system: System, roles: Sequence[str] = ROLES) -> None:
    """Goes on until it is cancelled. One process leads each loop; images are drawn by all."""
    leadership = system.leadership

    async def alone(_: str) -> bool:
        return True

    lead = leadership.lead if leadership else alone
    made = rounds(system)
    async with asyncio.TaskGroup() as group:
        for role in roles:
            go_round = made[role]
            if role != "images":
                go_round = _led(lead, role, go_round)
            rest = _sleep if role == "sweeper" else _wait(system)
            group.create_task(forever(role, go_round, rest, system.log.mark), name=role)


def _led(lead: Callable[[str], Awaitable[bool]], role: str, go_round: Round) -> Round:
    return lambda: led(lead, role, go_round)


def _wait(system: System) -> Callable[[int], Awaitable[None]]:
    return lambda mark: system.log.wait(mark, 1.0)


async def _sleep(_: int) -> None:
    await asyncio.sleep(SWEEP_EVERY)


async def work(settings: Settings, roles: Sequence[str] = ROLES) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, task.cancel)
    async with AsyncExitStack() as stack:
        system = await connect(settings, stack)
        try:
            await run(system, roles)
        except asyncio.CancelledError:
            return
