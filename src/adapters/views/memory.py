"""Read models in memory: the same contract."""

from collections.abc import Mapping, Sequence

from handlers.views import Batch, Checkpoint, Found, Key, Superseded, Want


class Shelf:
    """The live documents, or the shadow ones."""

    def __init__(self) -> None:
        self.documents: dict[Key, bytes] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.checkpoints: dict[str, Checkpoint] = {}

    def forget(self, model: str) -> None:
        self.documents = {k: v for k, v in self.documents.items() if k[0] != model}
        self.versions = {k: v for k, v in self.versions.items() if k[0] != model}
        self.checkpoints.pop(model, None)


class MemoryViews:
    def __init__(self) -> None:
        self._shelves = {False: Shelf(), True: Shelf()}

    async def find(self, wants: Sequence[Want], shadow: bool = False) -> Found:
        shelf = self._shelves[shadow]
        found: dict[Key, bytes] = {}
        versions = {}
        for want in wants:
            for key, body in shelf.documents.items():
                here = key[:2] == (want.model, want.scope)
                if here and (want.keys is None or key[2] in want.keys):
                    found[key] = body
            place = (want.model, want.scope)
            if place in shelf.versions:
                versions[place] = shelf.versions[place]
        return Found(found, versions)

    async def write(self, batch: Batch) -> None:
        shelf = self._shelves[batch.shadow]
        for model in batch.models:
            if model not in shelf.checkpoints or (
                shelf.checkpoints[model].position != batch.position
            ):
                raise Superseded(f"the read models are not at {batch.position} any more")
        for model in batch.models:
            shelf.checkpoints[model] = Checkpoint(
                model, batch.upto, shelf.checkpoints[model].parked
            )
        shelf.documents |= batch.changed
        for key in batch.removed:
            shelf.documents.pop(key, None)
        shelf.versions |= batch.versions

    async def checkpoints(self, shadow: bool = False) -> Mapping[str, Checkpoint]:
        return dict(self._shelves[shadow].checkpoints)

    async def open(self, models: Sequence[str]) -> None:
        for model in models:
            self._shelves[False].checkpoints.setdefault(model, Checkpoint(model, 0))

    async def park(self, model: str, reason: str | None) -> None:
        known = self._shelves[False].checkpoints[model]
        self._shelves[False].checkpoints[model] = Checkpoint(model, known.position, reason)

    async def begin_shadow(self, model: str) -> None:
        self._shelves[True].forget(model)
        self._shelves[True].checkpoints[model] = Checkpoint(model, 0)

    async def swap(self, model: str) -> None:
        live, shadow = self._shelves[False], self._shelves[True]
        live.forget(model)
        live.documents |= {k: v for k, v in shadow.documents.items() if k[0] == model}
        live.versions |= {k: v for k, v in shadow.versions.items() if k[0] == model}
        live.checkpoints[model] = shadow.checkpoints[model]
        shadow.forget(model)
