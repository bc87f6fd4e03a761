"""The state of every asset in every scene, nested by scene so that a change copies little."""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.instances.events import (
    Fact,
    InstanceCarryForwardSet,
    InstanceCreated,
    InstanceDescriptionOverridden,
    InstanceInherited,
    InstanceReferenceSelected,
    InstanceRemoved,
    InstanceTagAdded,
    InstanceTagRemoved,
)
from domain.values import Reference


class Inherited(Struct, frozen=True):
    source: str
    description: str | None
    image: str | None


class Instance(Struct, frozen=True):
    """`description` is a person's override; below it lies what was inherited, below that the
    asset's own description."""

    description: str | None = None
    tags: tuple[str, ...] = ()
    carry_forward: bool = True
    inherited: Inherited | None = None
    reference: Reference | None = None

    def own_description(self) -> str | None:
        """The override, else the inherited one; None where the asset's own holds (R144)."""
        if self.description is not None or self.inherited is None:
            return self.description
        return self.inherited.description


class Instances(Struct, frozen=True):
    scenes: dict[str, dict[str, Instance]] = {}

    def get(self, scene: str, asset: str) -> Instance | None:
        return self.scenes.get(scene, {}).get(asset)


def evolve(state: Instances, fact: Fact) -> Instances:
    match fact:
        case InstanceCreated(scene, asset, description, tags, carry_forward):
            return _put(state, scene, asset, Instance(description, tags, carry_forward))
        case InstanceInherited(scene, asset, source, description, tags, image):
            inherited = Inherited(source, description, image)
            return _put(state, scene, asset, Instance(tags=tags, inherited=inherited))
        case InstanceRemoved(scene, asset):
            left = {id: each for id, each in state.scenes[scene].items() if id != asset}
            return Instances({**state.scenes, scene: left})
        case _:
            changed = _changed(state.scenes[fact.scene][fact.asset], fact)
            return _put(state, fact.scene, fact.asset, changed)


Change = (
    InstanceDescriptionOverridden
    | InstanceTagAdded
    | InstanceTagRemoved
    | InstanceCarryForwardSet
    | InstanceReferenceSelected
)


def _changed(instance: Instance, fact: Change) -> Instance:
    match fact:
        case InstanceDescriptionOverridden(_, _, description):
            return replace(instance, description=description)
        case InstanceTagAdded(_, _, tag):
            return replace(instance, tags=(*instance.tags, tag))
        case InstanceTagRemoved(_, _, tag):
            return replace(instance, tags=tuple(t for t in instance.tags if t != tag))
        case InstanceCarryForwardSet(_, _, carry_forward):
            return replace(instance, carry_forward=carry_forward)
        case InstanceReferenceSelected(_, _, reference):
            return replace(instance, reference=reference)
        case _:
            assert_never(fact)


def _put(state: Instances, scene: str, asset: str, value: Instance) -> Instances:
    own = {**state.scenes.get(scene, {}), asset: value}
    return Instances({**state.scenes, scene: own})
