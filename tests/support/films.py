"""A branch with a lantern in two scenes, ready to be drawn: its facts are given, not decided."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from domain.assets.events import AssetAdded
from domain.attempts.events import AttemptRequested, Order
from domain.branch import Branch, Fact
from domain.instances.events import InstanceCreated
from domain.record import tell
from domain.scenes.events import Heading, SceneAdded, SceneAssetLinked
from domain.stages.events import StageLocked
from domain.styles.events import StyleToneSet
from domain.values import Tone
from handlers.actor import Actor
from handlers.execute import Asked, Executor
from handlers.log import Append, Write
from handlers.warm import BRANCH

ASSET = "lantern"
KITCHEN, CELLAR = "kitchen", "cellar"
ORDER = Order("prop", "lantern", "brass", (), Tone("noir"), (), "16:9", 7, "a brass lantern")
TONE = Tone("noir")


def scene(id: str, rank: int) -> list[Fact]:
    heading = Heading(f"INT. {id.upper()} - DAY", "INT", id.upper(), "DAY")
    return [
        SceneAdded(id, rank, heading, "A lantern burns.", rank),
        SceneAssetLinked(id, ASSET),
        InstanceCreated(id, ASSET),
    ]


SET: Sequence[Fact] = [
    AssetAdded(ASSET, "prop", "lantern", "brass"),
    StyleToneSet(TONE),
    *(StageLocked(stage) for stage in range(1, 6)),
    *scene(KITCHEN, 1),
    *scene(CELLAR, 2),
]


class Film(Struct):
    executor: Executor
    tenant: str
    project: str
    branch: str

    async def given(self, *facts: Fact) -> None:
        """They happened."""
        await self.executor.execute(
            BRANCH, self.branch, self.project, lambda _: facts, self.asked()
        )

    async def request(self, where: str | None = KITCHEN) -> str:
        """A job for an image of the lantern, in a scene or as its master."""
        job = self.executor.ids.new()
        await self.given(AttemptRequested(where, ASSET, job, ORDER))
        return job

    async def fork(self, at: int, *facts: Fact) -> "Film":
        child = self.executor.ids.new()
        asked = self.asked()
        events = self.executor.events(facts, asked)
        write = Write(child, at, events, self.project, True, self.branch)
        await self.append(asked, write)
        return Film(self.executor, self.tenant, self.project, child)

    async def append(self, asked: Asked, write: Write) -> None:
        await self.executor.log.append(Append(self.tenant, asked.id, b"", b"{}", (write,)))

    async def facts(self, kind: Any = object) -> list[Any]:
        told = [tell(record).fact for record in await self.executor.log.read(self.branch)]
        return [fact for fact in told if isinstance(fact, kind)]

    async def state(self) -> Branch:
        state, _ = await self.executor.state(BRANCH, self.branch, self._actor())
        return state

    async def selected(self, where: str | None = KITCHEN) -> str | None:
        return (await self.state()).attempts.carousel(where, ASSET).selected

    async def attempts(self, where: str | None = KITCHEN) -> list[str]:
        carousel = (await self.state()).attempts.carousel(where, ASSET)
        return [each.id for each in carousel.attempts]

    def _actor(self) -> Actor:
        return Actor(self.tenant, "someone", "editor")

    def asked(self) -> Asked:
        return Asked(self._actor(), self.executor.ids.new())


async def film_of(executor: Executor) -> Film:
    """A new workspace's film."""
    tenant, project, branch = (executor.ids.new() for _ in range(3))
    film = Film(executor, tenant, project, branch)
    asked = film.asked()
    write = Write(branch, 0, executor.events(SET, asked), project, opens=True)
    await film.append(asked, write)
    return film
