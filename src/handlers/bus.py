"""The port to the bus: a disposable copy of the log, and a wake-up for workers (S8)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from msgspec import Struct

from domain.record import Recorded


class BusUnavailable(Exception):
    """The bus cannot be reached now; what was published may or may not have arrived."""


class Hint(Struct, frozen=True):
    """A job that waits. `done` takes the hint off the bus."""

    job: str
    done: Callable[[], Awaitable[None]]


class Bus(Protocol):
    async def publish(self, records: Sequence[Recorded], epoch: int) -> None:
        """Returns when all of them are stored on the bus, each once, in order."""

    async def last_position(self) -> int:
        """The position of the newest event on the bus; 0 where there is none."""

    async def hint(self, jobs: Sequence[str]) -> None: ...

    async def hints(self, limit: int, timeout: float) -> Sequence[Hint]:
        """Empty when none came within `timeout` seconds."""
