"""A clock and ids for tests: they move only when asked, and always the same way."""

from datetime import UTC, datetime, timedelta
from uuid import UUID


class MemoryClock:
    def __init__(self) -> None:
        self._at = datetime(2030, 1, 1, tzinfo=UTC)

    def now(self) -> str:
        self._at += timedelta(milliseconds=1)
        return self._at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def monotonic(self) -> float:
        return self._at.timestamp()

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


class Counted:
    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        self._last += 1
        return str(UUID(int=0x7000 << 64 | 0x8 << 60 | self._last))
