"""Ids that follow from what they name, so that two branches that make the same thing agree."""

import unicodedata
from uuid import UUID, uuid5

_NAMESPACE = UUID("6f1f3a5e-7d0c-5c55-9d2b-6a1f0a7e5a10")


def derive(*parts: str) -> str:
    """The same parts give the same id, on every machine and for ever."""
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))


def instance_id(scene: str, asset: str) -> str:
    """The id of an asset's instance in a scene: unique per pair (R143), equal on every branch."""
    return derive("instance", scene, asset)


def asset_id(project: str, kind: str, name: str) -> str:
    """Two branches that extract the same asset give it the same id."""
    return derive("asset", project, kind, folded(name))


def folded(name: str) -> str:
    """The form in which two names count as one: case, width and spacing set aside."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
