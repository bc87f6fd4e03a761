"""A small world of image jobs in which everything goes wrong by the dice of a seed, and what must
be true of it afterwards."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.models.scripted import ScriptedModel
from domain.attempts.events import (
    AttemptFailed,
    AttemptGenerated,
    AttemptLateResultAdopted,
    AttemptOutcomeUnknown,
    Order,
)
from domain.branch import Fact
from domain.instances.events import InstanceRemoved
from domain.stages.events import StageLocked
from handlers.execute import Busy
from handlers.models import Drawn, ModelBusy, ModelFailed, OutcomeLost
from handlers.perform import LEASE, Performer
from tests.support.darkroom import Crash, Darkroom, Safe, Take, Witness, darkroom
from tests.support.films import ASSET, KITCHEN

SEEDS = 1000
FATES = (
    *(["draws"] * 8),
    *(["busy"] * 3),
    "refuses",
    "refuses and charges",
    "lost",
    "lost and charged",
    "no image",
)


class Violation(AssertionError):
    """Something is not as it must be; the seed shows it again."""


class Fate:
    """`bill` are the calls that were charged, `made` those that were carried out at all, `images`
    those that gave one."""

    def __init__(self, seed: int, world: Darkroom, sort: type[Performer]) -> None:
        self.seed = seed
        self.dice = random.Random(seed)
        self.world = world
        self.sort = sort
        self.bill: set[str] = set()
        self.made: set[str] = set()
        self.images: set[str] = set()

    async def step(self, name: str, take: Take) -> Any:
        """Dies or stalls, before the step or after it."""
        await self._luck(name)
        result = await take()
        await self._luck(name)
        return result

    async def _luck(self, name: str) -> None:
        thrown = self.dice.random()
        if thrown < 0.03:
            raise Crash(name)
        if thrown < 0.08:
            self.world.clock.advance(self.dice.choice((1, 2 * LEASE)))
        if thrown < 0.3:  # others go on meanwhile
            for _ in range(self.dice.randrange(30)):
                await asyncio.sleep(0)

    def worker(self) -> Performer:
        """In a process of its own, with a model that fate has its hand in."""
        witness: Any = Witness(self.world.system.jobs)
        model = Fated(self, witness, self.world.model.repeatable)
        worker = self.world.worker(self.step, model, self.sort)
        witness._jobs = worker.jobs
        return replace(worker, jobs=witness)

    async def live(self, jobs: Sequence[str]) -> None:
        """A machine on which workers run, and start again when they died."""
        for _ in range(self.dice.randrange(2, 6)):
            try:
                if self.dice.random() < 0.2:
                    await self.world.sweep(self.worker())
                else:
                    await self.worker().perform(self.dice.choice(jobs))
            except (Crash, Busy):
                pass
            if self.dice.random() < 0.3:
                self.world.clock.advance(self.dice.choice((1, 2 * LEASE)))

    async def people(self) -> None:
        """They may lock the scene meanwhile, or take the lantern out of it."""
        changes: tuple[Fact, ...] = (StageLocked(8, KITCHEN), InstanceRemoved(KITCHEN, ASSET))
        change = self.dice.choice((None, *changes))
        for _ in range(self.dice.randrange(200)):
            await asyncio.sleep(0)
        while change is not None:
            with suppress(Busy):  # the clock may jump while it is asked for
                await self.world.film.given(change)
                return


class Fated(ScriptedModel):
    def __init__(self, fate: Fate, witness: Witness, repeatable: bool) -> None:
        super().__init__(repeatable=repeatable)
        self._fate = fate
        self._witness = witness

    async def draw(self, order: Order, references: Sequence[bytes]) -> Drawn:
        what, call = self._fate.dice.choice(FATES), self._witness.call
        if what == "busy":
            raise ModelBusy(1)
        self._fate.made.add(call)
        if what not in ("refuses", "lost") and not self.repeatable:
            self._fate.bill.add(call)
        if what.startswith("refuses"):
            raise ModelFailed("no", "yes" if "charges" in what else "no")
        if what.startswith("lost"):
            raise OutcomeLost(what)
        if what == "draws":
            self._fate.images.add(call)
        drawn = await super().draw(order, references)
        return replace(drawn, body=call.encode() if what == "draws" else b"")


async def simulate(
    seed: int, *, repeatable: bool = False, sort: type[Performer] = Performer
) -> None:
    """Raises Violation."""
    world = await darkroom(repeatable=repeatable)
    world.system.blobs = Safe()
    fate = Fate(seed, world, sort)
    jobs = [await world.job() for _ in range(fate.dice.randint(1, 3))]
    with pytest.MonkeyPatch.context() as patched:
        # Pauses that are chance are none here, so that a seed is one run and no other.
        patched.setattr(random, "uniform", lambda low, high: low)
        await asyncio.gather(fate.people(), *(fate.live(jobs) for _ in range(3)))
        await world.settle(world.worker(sort=sort))
    for job in jobs:
        await _check(fate, job)
    if left := await world.staged():
        raise Violation(f"seed {seed}: {left} is still staged")


async def _check(fate: Fate, job: str) -> None:
    endings = await fate.world.endings(job)
    images = [e.call for e in endings if isinstance(e, AttemptGenerated | AttemptLateResultAdopted)]
    unknown = [each.call for each in endings if isinstance(each, AttemptOutcomeUnknown)]
    charged = any(isinstance(each, AttemptFailed) and each.charge == "yes" for each in endings)
    calls, free = await fate.world.system.jobs.calls(job), fate.world.model.repeatable
    blobs = fate.world.system.blobs
    assert isinstance(blobs, Safe)
    safe = blobs.staged & fate.images

    def must(true: object, what: str) -> None:
        if not true:
            raise Violation(f"seed {fate.seed}, job {job}: {what}; {endings}; {calls}")

    must(endings, "it never ended")
    must(len(images) >= len(endings) - 1, "it ended twice")
    must(len(set(images)) == len(images), "an image was told twice")
    for call in calls:
        told = call.id in images or call.id in unknown or charged
        # A free call's worker may die when a late image of another has ended the job.
        must(call.state != "started" or free, "a call is open for ever")
        must(call.id not in images or call.state == "done", "an image's call is not done")
        # Two may tell of one call: what the model itself said of it is as good.
        known = call.id in unknown or any(isinstance(each, AttemptFailed) for each in endings)
        must(call.state != "unknown" or known, "an unknown call was not told")
        must(call.id not in fate.bill or told, "a bill was not told")
        must(call.id not in safe or call.id in images, "a safe image was lost")
    made = [call for call in calls if call.id in fate.made]
    must(free or len(made) <= 1, "a call was repeated")
