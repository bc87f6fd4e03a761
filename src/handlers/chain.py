"""The hash chain over the log (S27): the same bytes as the append function in schema/."""

from collections.abc import Iterable
from hashlib import sha256
from struct import pack
from uuid import UUID

from domain.record import Recorded
from handlers.log import NewEvent

ROOT = sha256(b"").digest()
_NONE = UUID(int=0)


def digest(
    event: NewEvent | Recorded, tenant: str, project: str | None, stream: str, version: int
) -> bytes:
    kind = event.type.encode()
    return sha256(
        b"".join(
            (
                UUID(event.event_id).bytes,
                UUID(tenant).bytes,
                (UUID(project) if project else _NONE).bytes,
                UUID(stream).bytes,
                pack(">qi", version, event.schema),
                pack(">i", len(kind)),
                kind,
                pack(">i", len(event.payload)),
                event.payload,
                event.envelope,
            )
        )
    ).digest()


def link(before: bytes, position: int, row: bytes) -> bytes:
    return sha256(before + pack(">q", position) + row).digest()


class Broken(Exception):
    """The first position at which the log is not what was written."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"position {position}: {why}")
        self.position = position
        self.why = why


class Verifier:
    """Walks the log from its start. Feed it in order; it raises Broken at the first bad place."""

    def __init__(self) -> None:
        self.position = 0
        self.hash = ROOT
        self.versions: dict[str, int] = {}

    def check(self, events: Iterable[Recorded]) -> None:
        for event in events:
            expected = self.position + 1
            if event.position != expected:
                raise Broken(expected, "the event is missing")
            row = digest(event, event.tenant, event.project, event.stream, event.version)
            if link(self.hash, event.position, row) != event.hash:
                raise Broken(event.position, "the event does not match its hash")
            before = self.versions.get(event.stream)
            if before is not None and event.version != before + 1:
                raise Broken(event.position, f"version {before + 1} of the stream is missing")
            self.versions[event.stream] = event.version
            self.position, self.hash = event.position, event.hash

    def finish(self, position: int, hash: bytes) -> None:
        """Compares with the head: a cut tail shows here."""
        if (position, hash) != (self.position, self.hash):
            raise Broken(self.position + 1, f"the log ends here, its head says {position}")
