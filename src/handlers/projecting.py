"""The engine's hands: loads the documents that a run of events touches, folds, writes them with
the checkpoint in one transaction (S10). A fold that raises parks its read model; it skips
nothing and holds up no other."""

from collections.abc import Iterable, Sequence

from domain.project import BranchCreated
from domain.record import Recorded, Told, tell
from handlers.log import Log
from handlers.views import Batch, Key, Superseded, Views, Want
from projections.engine import Documents, Projection, encode, fold

BATCH = 500


class FoldFailed(Exception):
    """A read model could not take an event."""

    def __init__(self, model: str, position: int, cause: Exception) -> None:
        super().__init__(f"{model} at position {position}: {cause!r}")
        self.model = model


class Projector:
    def __init__(self, log: Log, views: Views, projections: Iterable[Projection]) -> None:
        self._log = log
        self._views = views
        self._projections = {each.name: each for each in projections}

    async def run_once(self) -> int:
        """Takes every read model forward by at most a batch; the number of events taken. Models
        that stand at the same position go together; a parked one is tried again alone."""
        await self._open()
        groups: dict[tuple[int, str | None], list[str]] = {}
        for model, at in (await self._views.checkpoints()).items():
            if model in self._projections:
                alone = model if at.parked else None
                groups.setdefault((at.position, alone), []).append(model)
        taken = 0
        for (position, parked), models in sorted(groups.items(), key=lambda g: g[0][0]):
            taken += await self._forward(models, position, parked is not None)
        return taken

    async def catch_up(self) -> None:
        while await self.run_once():
            pass

    async def rebuild(self, model: str) -> None:
        """Folds the whole log into a shadow set and swaps it in; the live one serves meanwhile."""
        await self._views.begin_shadow(model)
        position = 0
        while events := await self._log.feed(position, BATCH):
            await self._fold([model], position, events, shadow=True)
            position = events[-1].position
        await self._views.swap(model)

    async def _open(self) -> None:
        known = await self._views.checkpoints()
        new = [name for name in self._projections if name not in known]
        if new:
            await self._views.open(new)

    async def _forward(self, models: Sequence[str], position: int, parked: bool) -> int:
        events = await self._log.feed(position, BATCH)
        if not events:
            return 0
        try:
            await self._fold(models, position, events)
        except FoldFailed as failure:
            await self._views.park(failure.model, str(failure))
            rest = [model for model in models if model != failure.model]
            return await self._forward(rest, position, False) if rest else 0
        except Superseded:
            return 0
        if parked:
            await self._views.park(models[0], None)
        return len(events)

    async def _fold(
        self,
        models: Sequence[str],
        position: int,
        events: Sequence[Recorded],
        shadow: bool = False,
    ) -> None:
        told = [tell(record) for record in events]
        run = _Run(self._log, self._views, [self._projections[m] for m in models], shadow)
        await run.load(told)
        for each in told:
            await run.take(each)
        await self._views.write(run.batch(tuple(models), position, events[-1].position))


class _Run:
    """One batch of events on its way through a group of read models."""

    def __init__(
        self, log: Log, views: Views, projections: Sequence[Projection], shadow: bool
    ) -> None:
        self._log = log
        self._views = views
        self._projections = projections
        self._shadow = shadow
        self._open: dict[tuple[str, str], Documents] = {}
        self._versions: dict[tuple[str, str], int] = {}

    async def load(self, told: Sequence[Told]) -> None:
        """The documents that the events touch, in one read."""
        wanted: dict[tuple[str, str], set[str]] = {}
        for projection in self._projections:
            for each in told:
                scope = projection.scope(each.record)
                if scope is None or not isinstance(each.fact, projection.facts):
                    continue
                place = (projection.name, scope)
                wanted.setdefault(place, set()).update(projection.keys(each.fact))
        wants = [Want(m, s, tuple(sorted(keys))) for (m, s), keys in sorted(wanted.items())]
        found = await self._views.find(wants, self._shadow)
        for projection in self._projections:
            for model, scope in wanted:
                if model == projection.name:
                    known = {
                        key: projection.decode(body)
                        for (m, s, key), body in found.documents.items()
                        if (m, s) == (model, scope)
                    }
                    self._open[model, scope] = Documents(projection, known)

    async def take(self, told: Told) -> None:
        for projection in self._projections:
            scope = projection.scope(told.record)
            if scope is not None:
                self._versions[projection.name, scope] = told.record.version
            if scope is None or not isinstance(told.fact, projection.facts):
                continue
            try:
                self._open[projection.name, scope].tell(told)
            except Exception as cause:
                raise FoldFailed(projection.name, told.record.position, cause) from cause
        if isinstance(told.fact, BranchCreated) and told.fact.parent is not None:
            await self._fork(told.fact)

    async def _fork(self, fork: BranchCreated) -> None:
        """A new branch starts with its parent's documents as of the fork."""
        followers = [p for p in self._projections if p.follows_forks]
        if not followers:
            return
        records = await self._log.read(fork.branch, 0, fork.forked_at)
        told = [tell(record) for record in records]
        for projection in followers:
            documents = Documents(projection, fold(projection, told))
            documents.touched = set(documents.documents)
            self._open[projection.name, fork.branch] = documents
            self._versions[projection.name, fork.branch] = fork.forked_at

    def batch(self, models: tuple[str, ...], position: int, upto: int) -> Batch:
        changed: dict[Key, bytes] = {}
        removed: set[Key] = set()
        for (model, scope), documents in self._open.items():
            for key in documents.touched:
                document = documents.documents.get(key)
                if document is None:
                    removed.add((model, scope, key))
                    continue
                try:
                    changed[model, scope, key] = encode(document)
                except (TypeError, ValueError) as cause:
                    raise FoldFailed(model, upto, cause) from cause
        return Batch(models, position, upto, changed, removed, self._versions, self._shadow)
