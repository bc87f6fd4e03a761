"""Image workers in memory, with a hand on the clock and a fuse that lets one die at any step."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from msgspec import Struct

from adapters.blobs.memory import MemoryBlobs
from adapters.memory_clock import MemoryClock
from adapters.models.scripted import ScriptedModel
from aiuteur.wiring import System
from domain.attempts.events import AttemptGenerated, Ending
from handlers.execute import Executor
from handlers.models import ImageModel
from handlers.perform import LEASE, STAGING, Performer
from handlers.warm import Warm
from tests.support.films import Film, film_of
from tests.support.memory import memory_system
from workers.reactor import Reactor
from workers.sweeper import Sweeper

DURABLE = frozenset(
    ("claim", "begin_call", "end_call", "again", "finish", "put", "delete", "append", "draw")
)
"""What changes the world: to die before or after one of them is all that dying can do."""

Take = Callable[[], Awaitable[Any]]
Step = Callable[[str, Take], Awaitable[Any]]


class Crash(Exception):
    """The worker is gone."""


class Fuse(Struct):
    """Dies at the n-th durable step, before it is taken or after."""

    at: int = 0
    after: bool = False
    steps: int = 0

    async def __call__(self, name: str, take: Take) -> Any:
        self.steps += 1
        mine = self.steps == self.at
        if mine and not self.after:
            raise Crash(name)
        result = await take()
        if mine:
            raise Crash(name)
        return result


class Fused:
    """A port whose durable steps go through a fuse."""

    def __init__(self, port: Any, step: Step) -> None:
        self._port = port
        self._step = step

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in DURABLE:
            return found

        async def stepped(*args: Any, **named: Any) -> Any:
            return await self._step(name, lambda: found(*args, **named))

        return stepped


class Safe(MemoryBlobs):
    """Remembers which calls' bytes were ever safe."""

    def __init__(self) -> None:
        super().__init__()
        self.staged: set[str] = set()

    async def put(self, key: str, body: bytes, media_type: str) -> None:
        await super().put(key, body, media_type)
        if key.startswith(STAGING):
            self.staged.add(key.removeprefix(STAGING))


class Witness:
    """The jobs as one worker sees them; knows the call that it is in."""

    def __init__(self, jobs: Any) -> None:
        self._jobs = jobs
        self.call = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jobs, name)

    async def begin_call(self, job: Any, call: str, *rest: str) -> bool:
        begun: bool = await self._jobs.begin_call(job, call, *rest)
        self.call = call
        return begun


class Darkroom(Struct):
    system: System
    film: Film
    model: ScriptedModel

    @property
    def clock(self) -> MemoryClock:
        return cast(MemoryClock, self.system.executor.clock)

    def worker(
        self,
        step: Step | None = None,
        model: ImageModel | None = None,
        sort: type[Performer] = Performer,
    ) -> Performer:
        """One in a process of its own: it remembers nothing of the others."""
        step = step or Fuse()
        log: Any = Fused(self.system.log, step)
        executor = Executor(log, self.clock, self.system.ids, Warm(log))
        jobs: Any = Fused(self.system.jobs, step)
        blobs: Any = Fused(self.system.blobs, step)
        drawing: Any = Fused(model or self.model, step)
        return sort(executor, jobs, blobs, self.system.imaging, drawing, self.system.ids)

    async def job(self, where: str | None = "kitchen") -> str:
        """Asked for, and known to the workers."""
        id = await self.film.request(where)
        await self.react()
        return id

    async def react(self) -> None:
        reactor = Reactor(self.system.log, self.system.bus, self.system.jobs)
        while await reactor.run_once():
            pass

    def let_lease_run_out(self) -> None:
        self.clock.advance(2 * LEASE)

    async def sweep(self, worker: Performer | None = None) -> None:
        sweeper = Sweeper(self.system.bus, self.system.jobs, worker or self.worker())
        await sweeper.run_once()

    async def settle(self, worker: Performer | None = None) -> None:
        """Time goes by and nobody dies any more, until there is nothing left to do."""
        worker = worker or self.worker()
        for _ in range(20):
            self.clock.advance(60)
            await self.sweep(worker)
            for job in await self.system.jobs.ready(100):
                await worker.perform(job)
        assert await self.system.jobs.ready(100) == []

    async def endings(self, job: str) -> list[Any]:
        """Everything that was said of how the job ended, in order."""
        facts = await self.film.facts(AttemptGenerated | Ending)
        return [fact for fact in facts if fact.attempt == job]

    async def calls(self, job: str) -> list[str]:
        return [call.state for call in await self.system.jobs.calls(job)]

    async def staged(self) -> list[str]:
        return list(await self.system.blobs.keys(STAGING))


async def darkroom(*script: Exception | None, repeatable: bool = False) -> Darkroom:
    model = ScriptedModel(*script, repeatable=repeatable)
    system = memory_system(model)
    return Darkroom(system, await film_of(system.executor), model)
