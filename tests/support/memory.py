"""The program on its in-memory twins, and a crank that turns its workers by hand."""

from adapters.blobs.memory import MemoryBlobs
from adapters.bus.memory import MemoryBus
from adapters.imaging.memory import PlainImaging
from adapters.jobs.memory import MemoryJobs
from adapters.memory_clock import Counted, MemoryClock
from adapters.models.scripted import ScriptedModel
from adapters.store.memory import MemoryLog
from adapters.views.memory import MemoryViews
from aiuteur.wiring import System, assemble
from aiuteur.working import rounds


def memory_system(model: ScriptedModel | None = None) -> System:
    log, clock = MemoryLog(), MemoryClock()
    jobs = MemoryJobs(clock.monotonic, log.mark)
    return assemble(
        log,
        MemoryViews(),
        MemoryBlobs(),
        MemoryBus(),
        jobs,
        PlainImaging(),
        model or ScriptedModel(),
        clock,
        Counted(),
    )


async def turn(system: System) -> None:
    """Every worker once round and again, until nothing is left to do."""
    made = rounds(system)
    for _ in range(100):
        busy = [await made[role]() for role in ("projector", "reactor", "relay")]
        await made["sweeper"]()
        waiting = await system.jobs.ready(100)
        for job in waiting:
            await system.performer.perform(job)
        if not any(busy) and not waiting:
            return
    raise AssertionError("the workers do not come to rest")
