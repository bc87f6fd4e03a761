"""The ports to time and chance."""

from typing import Protocol


class Clock(Protocol):
    def now(self) -> str:
        """RFC 3339 in UTC, with microseconds and a Z."""

    def monotonic(self) -> float: ...


class Ids(Protocol):
    def new(self) -> str:
        """A UUID that sorts by the time at which it was made (version 7)."""
