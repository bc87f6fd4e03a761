"""Facts about scene asset instances: one asset's state in one scene.

An instance is named by its scene and asset; its id is derived from the two.
"""

from msgspec import Struct

from domain.values import Reference


class InstanceCreated(Struct, frozen=True, tag="instance.created"):
    """Starts from the asset's own description and master image."""

    scene: str
    asset: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    carry_forward: bool = True


class InstanceInherited(Struct, frozen=True, tag="instance.inherited"):
    """Starts from the state that the asset had in `source`, an earlier scene. `description` is
    None where that state rests on the asset's own description; `image` is a SHA-256."""

    scene: str
    asset: str
    source: str
    description: str | None
    tags: tuple[str, ...]
    image: str | None


class InstanceDescriptionOverridden(Struct, frozen=True, tag="instance.description_overridden"):
    """None takes the override back."""

    scene: str
    asset: str
    description: str | None


class InstanceTagAdded(Struct, frozen=True, tag="instance.tag_added"):
    scene: str
    asset: str
    tag: str


class InstanceTagRemoved(Struct, frozen=True, tag="instance.tag_removed"):
    scene: str
    asset: str
    tag: str


class InstanceCarryForwardSet(Struct, frozen=True, tag="instance.carry_forward_set"):
    scene: str
    asset: str
    carry_forward: bool


class InstanceReferenceSelected(Struct, frozen=True, tag="instance.reference_selected"):
    scene: str
    asset: str
    reference: Reference


class InstanceRemoved(Struct, frozen=True, tag="instance.removed"):
    scene: str
    asset: str


Fact = (
    InstanceCreated
    | InstanceInherited
    | InstanceDescriptionOverridden
    | InstanceTagAdded
    | InstanceTagRemoved
    | InstanceCarryForwardSet
    | InstanceReferenceSelected
    | InstanceRemoved
)
