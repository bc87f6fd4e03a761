"""The port to the event log, and what goes in and comes out of it."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.record import Recorded


class Conflict(Exception):
    """The stream is not at the version that the command was decided on."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream}: expected version {expected}, actual {actual}")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class KeyReused(Exception):
    """A command id was used before, for another command."""


class LogUnavailable(Exception):
    """The log cannot be reached now; whether the command was written is known after a retry."""


class NewEvent(Struct, frozen=True):
    """An event before it has a place. Bytes are JSON and are stored exactly as they are."""

    event_id: str
    type: str
    schema: int
    payload: bytes
    envelope: bytes


class Write(Struct, frozen=True):
    """New events of one stream. `opens` makes the stream: it must not be there, and its first
    version is `expected` + 1, which for a branch is its fork on `parent`."""

    stream: str
    expected: int
    events: tuple[NewEvent, ...]
    project: str | None = None
    opens: bool = False
    parent: str | None = None


class Append(Struct, frozen=True):
    """One command's writes: all of them or none. `answer` is kept and given to every retry.

    `ticket` names this try of it within the process; `after` is the ticket of the command that
    it was decided upon while that was on its way. If that one did not come to be, this one is a
    Conflict, whatever the version says: another process may have filled the gap.
    """

    tenant: str
    command_id: str
    fingerprint: bytes
    answer: bytes
    writes: tuple[Write, ...]
    ticket: int = 0
    after: int = 0

    def __post_init__(self) -> None:
        if len({write.stream for write in self.writes}) < len(self.writes):
            raise ValueError("a command names a stream once, with all that it writes there")


class Appended(Struct, frozen=True):
    """Where the command's events lie. `replayed`: the command was known, nothing was written."""

    first: int
    last: int
    answer: bytes
    replayed: bool = False


class Head(Struct, frozen=True):
    log_id: str
    epoch: int
    position: int
    hash: bytes


class Snapshot(Struct, frozen=True):
    """A folded state. `format` names the code that can read it; any other ignores it."""

    stream: str
    version: int
    format: str
    state: bytes


class Log(Protocol):
    async def append(self, command: Append) -> Appended:
        """Raises Conflict, KeyReused or LogUnavailable. A command id that is known answers what
        it answered the first time."""

    async def known(self, tenant: str, command_id: str, fingerprint: bytes) -> Appended | None:
        """What the command answered, if it was appended before. Raises KeyReused."""

    async def read(
        self, stream: str, after: int = 0, upto: int | None = None, limit: int | None = None
    ) -> Sequence[Recorded]:
        """The stream's whole history, its ancestors' included, by version."""

    async def version(self, stream: str) -> int | None:
        """The stream's version; None where there is no such stream."""

    async def feed(
        self, after: int, limit: int, project: str | None = None, tenant: str | None = None
    ) -> Sequence[Recorded]:
        """Events behind a position, in order, of everything or of one project."""

    async def head(self) -> Head: ...

    async def acknowledged(self) -> int:
        """The last position that any command was told: a log that ends before it was cut."""

    async def position_of(self, stream: str, version: int) -> int | None:
        """Where in the log a version of the stream's history lies."""

    def mark(self) -> int:
        """Taken before reading, and given to `wait` when there was nothing to read."""

    async def wait(self, mark: int, timeout: float) -> None:
        """Returns when the log may have grown since the mark was taken, or after `timeout`
        seconds at the latest."""

    async def snapshot(self, stream: str, upto: int) -> Snapshot | None:
        """The newest snapshot of the stream itself that is not beyond the version."""

    async def save_snapshot(self, snapshot: Snapshot) -> None: ...
