"""The keys that open workspaces, found by their id alone: that is all that a request brings."""

from collections.abc import Iterable

from msgspec import Struct

from domain.record import Recorded, Told
from domain.workspace import KeyIssued, KeyRevoked, Role
from projections.engine import Projection

EVERYWHERE = "00000000-0000-0000-0000-000000000000"


class KeyDocument(Struct):
    """`digest` is the SHA-256 of the secret half, in hex."""

    id: str
    tenant: str
    name: str
    digest: str
    role: Role
    created_at: str


def keys(fact: KeyIssued | KeyRevoked) -> Iterable[str]:
    return (fact.key,)


def apply(document: KeyDocument | None, told: Told) -> KeyDocument | None:
    match told.fact:
        case KeyIssued(key, name, digest, role):
            tenant = told.record.tenant
            return KeyDocument(key, tenant, name, digest, role, told.meta.time)
        case _:
            return None


def everywhere(record: Recorded) -> str | None:
    return EVERYWHERE


KEY_RINGS = Projection(
    name="key_rings",
    document=KeyDocument,
    keys=keys,
    apply=apply,
    facts=(KeyIssued, KeyRevoked),
    scope=everywhere,
    follows_forks=False,
)
