"""Scene dependencies: which assets each scene needs."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from domain.record import Told
from domain.scenes.events import (
    SceneAdded,
    SceneAssetLinked,
    SceneAssetUnlinked,
    SceneRemoved,
)
from projections.assets import AssetDocument
from projections.engine import Projection


class DependencyDocument(Struct):
    """`assets` in the order in which they were linked; `extracted_at` of the last change."""

    scene: str
    assets: list[str] = []
    extracted_at: str | None = None


Fact = SceneAdded | SceneAssetLinked | SceneAssetUnlinked | SceneRemoved


def keys(fact: Fact) -> Iterable[str]:
    return (fact.scene,)


def apply(document: DependencyDocument | None, told: Told) -> DependencyDocument | None:
    fact = told.fact
    if isinstance(fact, SceneAdded):
        return DependencyDocument(fact.scene)
    if isinstance(fact, SceneRemoved):
        return None
    assert document is not None
    if isinstance(fact, SceneAssetLinked):
        document.assets = [*document.assets, fact.asset]
    else:
        document.assets = [each for each in document.assets if each != fact.asset]
    document.extracted_at = told.meta.time
    return document


SCENE_DEPENDENCIES = Projection(
    name="scene_dependencies",
    document=DependencyDocument,
    keys=keys,
    apply=apply,
    facts=(SceneAdded, SceneAssetLinked, SceneAssetUnlinked, SceneRemoved),
)

GROUPS = {
    "character": "characters",
    "location": "locations",
    "prop": "props",
    "extra_archetype": "extras",
}


def grouped(
    document: DependencyDocument | None, assets: Mapping[str, AssetDocument]
) -> dict[str, list[dict[str, object]]]:
    """C14: `{characters, locations, props, extras}`, sidelined assets marked as such."""
    groups: dict[str, list[dict[str, object]]] = {name: [] for name in GROUPS.values()}
    for id in document.assets if document else ():
        asset = assets[id]
        groups[GROUPS[asset.kind]].append(
            {"id": id, "name": asset.name, "sidelined": asset.sidelined is not None}
        )
    return groups
