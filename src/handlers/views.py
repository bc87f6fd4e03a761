"""The port to the stored read models."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

Key = tuple[str, str, str]
"""Model, scope, key."""


class Want(Struct, frozen=True):
    """Documents of one model in one scope: the named ones, or all of them."""

    model: str
    scope: str
    keys: tuple[str, ...] | None = None


class Found(Struct, frozen=True):
    """Documents as of one moment. `versions`: how far each (model, scope) had come, None where
    the model has seen nothing of the scope yet."""

    documents: Mapping[Key, bytes]
    versions: Mapping[tuple[str, str], int]


class Batch(Struct, frozen=True):
    """What a run of events did to the read models: written in one transaction, and only if each
    model is still where the fold started (`position` before, `upto` after)."""

    models: tuple[str, ...]
    position: int
    upto: int
    changed: Mapping[Key, bytes]
    removed: Collection[Key]
    versions: Mapping[tuple[str, str], int]
    shadow: bool = False


class Superseded(Exception):
    """Another projector was here first."""


class Checkpoint(Struct, frozen=True):
    model: str
    position: int
    parked: str | None = None


class Views(Protocol):
    async def find(self, wants: Sequence[Want], shadow: bool = False) -> Found:
        """All of them in one statement, and so of one moment."""

    async def write(self, batch: Batch) -> None:
        """Raises Superseded, and then nothing was written."""

    async def checkpoints(self, shadow: bool = False) -> Mapping[str, Checkpoint]: ...

    async def open(self, models: Sequence[str]) -> None:
        """Gives new read models their start, at the beginning of the log."""

    async def park(self, model: str, reason: str | None) -> None:
        """Marks a model that cannot go on, or (None) takes the mark away."""

    async def begin_shadow(self, model: str) -> None:
        """Clears what an earlier rebuild of the model may have left."""

    async def swap(self, model: str) -> None:
        """The rebuilt documents take the place of the live ones, in one transaction."""
