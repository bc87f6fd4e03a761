"""Assets, with their master image."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct, field

from domain.assets.events import (
    AssetAdded,
    AssetDescribed,
    AssetExtracted,
    AssetRenamed,
    AssetRestored,
    AssetSidelined,
)
from domain.record import Told
from domain.values import Kind
from projections.engine import Projection
from projections.gallery import ATTEMPT_FACTS, Gallery


class AssetDocument(Struct):
    """`sidelined` holds the reason. `master` are the asset's own attempts."""

    id: str
    kind: Kind
    name: str
    description: str
    source: Literal["extracted", "manual"]
    created_at: str
    updated_at: str
    sidelined: str | None = None
    master: Gallery = field(default_factory=Gallery)


def keys(fact: object) -> Iterable[str]:
    if getattr(fact, "scene", None) is not None:
        return ()  # an attempt of a scene says nothing of the asset itself
    return (fact.asset,)  # type: ignore[attr-defined]


def apply(document: AssetDocument | None, told: Told) -> AssetDocument | None:
    fact, at = told.fact, told.meta.time
    match fact:
        case AssetExtracted(asset, kind, name, description):
            return AssetDocument(asset, kind, name, description, "extracted", at, at)
        case AssetAdded(asset, kind, name, description):
            return AssetDocument(asset, kind, name, description, "manual", at, at)
    assert document is not None
    match fact:
        case AssetRenamed(_, name):
            document.name = name
        case AssetDescribed(_, description):
            document.description = description
        case AssetSidelined(_, reason):
            document.sidelined = reason
        case AssetRestored():
            document.sidelined = None
        case _:
            document.master.turn(fact)
    document.updated_at = at
    return document


ASSETS = Projection(
    name="assets",
    document=AssetDocument,
    keys=keys,
    apply=apply,
    facts=(
        AssetExtracted,
        AssetAdded,
        AssetRenamed,
        AssetDescribed,
        AssetSidelined,
        AssetRestored,
        *ATTEMPT_FACTS,
    ),
)
