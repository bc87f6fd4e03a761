"""An event in its place in the log, and what is known of how it came about."""

from typing import Any

import msgspec
from msgspec import Struct

from domain import catalogue


class Meta(Struct, frozen=True, omit_defaults=True):
    """Who, when and why. `time` is RFC 3339 in UTC, `command` the id of the command, `subject`
    the id of the thing spoken of (an instance has its derived id here)."""

    time: str
    actor: str
    command: str
    subject: str | None = None
    reason: str | None = None
    correlation: str | None = None
    causation: str | None = None


class Recorded(Struct, frozen=True):
    """`version` counts within the stream, `position` within the log; both without a hole."""

    position: int
    event_id: str
    tenant: str
    project: str | None
    stream: str
    version: int
    type: str
    schema: int
    payload: bytes
    envelope: bytes
    hash: bytes

    @property
    def branch(self) -> str | None:
        """The branch, where the event belongs to one."""
        return None if self.project in (None, self.stream) else self.stream


class Told(Struct, frozen=True):
    """A recorded event, decoded: what a projection folds."""

    fact: Any
    record: Recorded
    meta: Meta


_meta = msgspec.json.Decoder(Meta)


def tell(record: Recorded) -> Told:
    fact = catalogue.decode(record.type, record.schema, record.payload)
    return Told(fact, record, _meta.decode(record.envelope))
