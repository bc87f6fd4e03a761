"""Reading: the same documents from the read models (now) or from a fold in memory (a past
version, or a branch too new for them)."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from domain.project import Project
from domain.record import tell
from domain.refusal import Refused
from handlers.actor import Actor, authorise
from handlers.branches import Ref, parse_ref
from handlers.execute import Executor
from handlers.log import Log
from handlers.views import Found, Views, Want
from handlers.warm import PROJECT
from projections.engine import Projection, fold

PATIENCE = 2.0
"""Seconds for which a read waits for the version that its caller has seen."""


class Lagging(Exception):
    """The read models have not come as far as the caller asks; he may try again."""


class Wish(Struct, frozen=True):
    """Documents of one model: the named ones, or all of them."""

    projection: Projection
    keys: tuple[str, ...] | None = None


class Page(Struct, frozen=True):
    """Documents of one moment; `version` is the branch's then."""

    version: int
    documents: Mapping[str, Mapping[str, Any]]

    def all(self, projection: Projection) -> Mapping[str, Any]:
        return self.documents[projection.name]

    def get(self, projection: Projection, key: str) -> Any:
        return self.documents[projection.name].get(key)


class Reads:
    def __init__(self, executor: Executor, views: Views) -> None:
        self._executor = executor
        self._views = views
        self._past: OrderedDict[tuple[str, int, str], Mapping[str, Any]] = OrderedDict()

    @property
    def log(self) -> Log:
        return self._executor.log

    async def project(self, project: str, actor: Actor) -> tuple[Project, int]:
        return await self._executor.state(PROJECT, project, actor)

    async def resolve(self, project: str, ref: str | None, actor: Actor) -> Ref:
        state, _ = await self.project(project, actor)
        return parse_ref(ref, state)

    async def of_scope(self, scope: str, actor: Actor, *wishes: Wish) -> Page:
        """Documents that belong to a project or workspace and know no branches."""
        authorise(actor, "read")
        found = await self._find(scope, wishes)
        return Page(0, _documents(found, scope, wishes))

    async def page(
        self,
        ref: Ref,
        actor: Actor,
        *wishes: Wish,
        min_version: int | None = None,
        patience: float = PATIENCE,
    ) -> Page:
        """Raises Lagging when `min_version` does not come within `patience` seconds."""
        authorise(actor, "read")
        if ref.version is not None:
            head = await self.log.version(ref.branch) or 0
            if ref.version > head:
                raise Refused(
                    "REF_NOT_FOUND",
                    f"The branch has {head} versions.",
                    version=ref.version,
                    head=head,
                )
            return await self._past_page(ref.branch, ref.version, wishes)
        if min_version is not None:
            await self._wait(ref.branch, min_version, wishes, patience)
        found = await self._find(ref.branch, wishes)
        versions = [found.versions.get((w.projection.name, ref.branch)) for w in wishes]
        if None in versions:  # too new for the read models, which come after the log
            head = await self.log.version(ref.branch) or 0
            return await self._past_page(ref.branch, head, wishes)
        version = min(v for v in versions if v is not None)
        return Page(version, _documents(found, ref.branch, wishes))

    async def settled(self, position: int) -> None:
        """Returns when every read model has taken the position (or after PATIENCE)."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            checkpoints = (await self._views.checkpoints()).values()
            healthy = [c.position for c in checkpoints if c.parked is None]
            if healthy and min(healthy) >= position:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise Lagging(f"the read models have not come to position {position} yet")
            await asyncio.sleep(0.004)

    async def _wait(
        self, branch: str, version: int, wishes: Sequence[Wish], patience: float
    ) -> None:
        deadline = asyncio.get_running_loop().time() + patience
        wants = [Want(w.projection.name, branch, ()) for w in wishes]
        while True:
            found = await self._views.find(wants)
            versions = [found.versions.get((w.model, branch), 0) for w in wants]
            if all(v >= version for v in versions):
                return
            if asyncio.get_running_loop().time() > deadline:
                raise Lagging(f"version {version} is not to be read yet")
            await asyncio.sleep(0.004)

    async def _find(self, scope: str, wishes: Sequence[Wish]) -> Found:
        return await self._views.find([Want(w.projection.name, scope, w.keys) for w in wishes])

    async def _past_page(self, branch: str, version: int, wishes: Sequence[Wish]) -> Page:
        documents = {}
        told = None
        for wish in wishes:
            place = (branch, version, wish.projection.name)
            if place not in self._past:
                if told is None:
                    told = [tell(r) for r in await self.log.read(branch, 0, version)]
                self._past[place] = fold(wish.projection, told)
                while len(self._past) > 64:
                    self._past.popitem(last=False)
            whole = self._past[place]
            keys = whole.keys() if wish.keys is None else wish.keys
            documents[wish.projection.name] = {k: whole[k] for k in keys if k in whole}
        return Page(version, documents)


def _documents(found: Found, scope: str, wishes: Sequence[Wish]) -> dict[str, dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = {w.projection.name: {} for w in wishes}
    by_name = {w.projection.name: w.projection for w in wishes}
    for (model, _, key), body in found.documents.items():
        documents[model][key] = by_name[model].decode(body)
    return documents
