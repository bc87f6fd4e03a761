"""Events as the outside sees them: CloudEvents 1.0 in JSON, with what an auditor asks for."""

from typing import Any

import msgspec
from msgspec import Struct

from domain.record import Meta, Recorded

SPEC = "1.0"


class CloudEvent(Struct, frozen=True, rename="camel", omit_defaults=True):
    """`version` is the branch's own dense number: a subscriber to one branch sees any hole."""

    id: str
    source: str
    type: str
    time: str
    position: int
    version: int
    actor: str
    specversion: str = ""
    dataschema: str = ""
    subject: str | None = None
    branch: str | None = None
    reason: str | None = None
    command_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    data: Any = None


def cloud_event(record: Recorded) -> CloudEvent:
    meta = msgspec.json.decode(record.envelope, type=Meta)
    return CloudEvent(
        record.event_id,
        _source(record),
        record.type,
        meta.time,
        record.position,
        record.version,
        meta.actor,
        SPEC,
        f"schema/events/{record.type}.v{record.schema}.json",
        meta.subject,
        record.branch,
        meta.reason,
        meta.command,
        meta.correlation,
        meta.causation,
        msgspec.Raw(record.payload),
    )


def _source(record: Recorded) -> str:
    if record.branch:
        return f"/projects/{record.project}/branches/{record.branch}"
    return f"/projects/{record.project}" if record.project else f"/workspaces/{record.tenant}"


def subject(record: Recorded) -> str:
    """The bus subject: ids only, no names (S29)."""
    project = record.project or record.tenant
    return f"aiuteur.events.{project}.{record.branch or '-'}.{record.type}"
