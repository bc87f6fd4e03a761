"""Scene boards: every asset instance of a scene in one document."""

from collections.abc import Iterable

from msgspec import Struct, field

from domain.instances.events import (
    InstanceCarryForwardSet,
    InstanceCreated,
    InstanceDescriptionOverridden,
    InstanceInherited,
    InstanceReferenceSelected,
    InstanceRemoved,
    InstanceTagAdded,
    InstanceTagRemoved,
)
from domain.record import Told
from domain.scenes.events import SceneAdded, SceneRemoved
from domain.values import Reference
from projections.engine import Projection
from projections.gallery import ATTEMPT_FACTS, Gallery


class InheritedFrom(Struct):
    scene: str
    description: str | None
    image: str | None


class InstanceDocument(Struct):
    asset: str
    created_at: str
    updated_at: str
    description_override: str | None = None
    tags: list[str] = []
    carry_forward: bool = True
    inherited: InheritedFrom | None = None
    reference: Reference | None = None
    gallery: Gallery = field(default_factory=Gallery)
    modification_count: int = 0
    last_modified_field: str | None = None
    modification_reason: str | None = None

    def image(self) -> str | None:
        """The selected attempt's, else the inherited one (R228)."""
        chosen = self.gallery.image()
        if chosen is not None:
            return chosen
        return self.inherited.image if self.inherited else None

    def own_description(self) -> str | None:
        """The override, else the inherited one; None where the asset's own holds (R144)."""
        if self.description_override is not None or self.inherited is None:
            return self.description_override
        return self.inherited.description


class SceneBoard(Struct):
    scene: str
    instances: dict[str, InstanceDocument] = {}


def keys(fact: object) -> Iterable[str]:
    scene: str | None = fact.scene  # type: ignore[attr-defined]
    return () if scene is None else (scene,)


def apply(document: SceneBoard | None, told: Told) -> SceneBoard | None:
    fact, at = told.fact, told.meta.time
    match fact:
        case SceneAdded(scene):
            return SceneBoard(scene)
        case SceneRemoved():
            return None
    if document is None:
        return None  # a result that came after its scene was removed
    match fact:
        case InstanceCreated(_, asset, description, tags, carry_forward):
            document.instances[asset] = InstanceDocument(
                asset, at, at, description, list(tags), carry_forward
            )
        case InstanceInherited(_, asset, source, description, tags, image):
            document.instances[asset] = InstanceDocument(
                asset, at, at, tags=list(tags), inherited=InheritedFrom(source, description, image)
            )
        case InstanceRemoved(_, asset):
            document.instances.pop(asset, None)
        case _:
            instance = document.instances.get(fact.asset)
            if instance is not None:
                _change(instance, told)
    return document


def _change(instance: InstanceDocument, told: Told) -> None:
    before = instance.image()
    changed = _changed_field(instance, told.fact)
    if changed is None and instance.image() != before:
        changed = "image_key_url"
    if changed is None:
        return
    instance.modification_count += 1
    instance.last_modified_field = changed
    instance.modification_reason = told.meta.reason
    instance.updated_at = told.meta.time


def _changed_field(instance: InstanceDocument, fact: object) -> str | None:
    match fact:
        case InstanceDescriptionOverridden(_, _, description):
            instance.description_override = description
            return "description_override"
        case InstanceTagAdded(_, _, tag):
            instance.tags = [*instance.tags, tag]
            return "status_tags"
        case InstanceTagRemoved(_, _, tag):
            instance.tags = [each for each in instance.tags if each != tag]
            return "status_tags"
        case InstanceCarryForwardSet(_, _, carry_forward):
            instance.carry_forward = carry_forward
            return "carry_forward"
        case InstanceReferenceSelected(_, _, reference):
            instance.reference = reference
            return "selected_master_reference"
        case _:
            instance.gallery.turn(fact)
            return None


SCENE_BOARDS = Projection(
    name="scene_boards",
    document=SceneBoard,
    keys=keys,
    apply=apply,
    facts=(
        SceneAdded,
        SceneRemoved,
        InstanceCreated,
        InstanceInherited,
        InstanceDescriptionOverridden,
        InstanceTagAdded,
        InstanceTagRemoved,
        InstanceCarryForwardSet,
        InstanceReferenceSelected,
        InstanceRemoved,
        *ATTEMPT_FACTS,
    ),
)
