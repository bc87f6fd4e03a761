"""Rules of an asset's state in a scene."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from msgspec import UNSET, Struct, UnsetType

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
from domain.instances.state import Instance, Instances
from domain.refusal import Refused
from domain.values import Reference

MAX_TAGS = 32
MAX_TAG_LENGTH = 64


class CreateInstance(Struct, frozen=True):
    scene: str
    asset: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    carry_forward: bool = True


class UpdateInstance(Struct, frozen=True):
    """UNSET leaves a field as it is; a description of None takes the override back."""

    scene: str
    asset: str
    description: str | None | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    carry_forward: bool | UnsetType = UNSET


class AddTag(Struct, frozen=True):
    scene: str
    asset: str
    tag: str


class RemoveTag(Struct, frozen=True):
    scene: str
    asset: str
    tag: str


class SelectReference(Struct, frozen=True):
    scene: str
    asset: str
    reference: Reference


class RemoveInstance(Struct, frozen=True):
    scene: str
    asset: str


Command = CreateInstance | UpdateInstance | AddTag | RemoveTag | SelectReference | RemoveInstance


def decide(command: Command, state: Instances) -> Sequence[Fact]:
    if isinstance(command, CreateInstance):
        return _create(command, state)
    scene, asset = command.scene, command.asset
    current = find(state, scene, asset)
    match command:
        case UpdateInstance(_, _, description, tags, carry_forward):
            return [
                *_override(scene, asset, current, description),
                *_retag(scene, asset, current, tags),
                *_carry(scene, asset, current, carry_forward),
            ]
        case AddTag(_, _, tag):
            return list(_retag(scene, asset, current, (*current.tags, tag)))
        case RemoveTag(_, _, tag):
            gone = normalised((tag,))
            return list(
                _retag(scene, asset, current, tuple(t for t in current.tags if t not in gone))
            )
        case SelectReference(_, _, reference):
            same = current.reference == reference
            return [] if same else [InstanceReferenceSelected(scene, asset, reference)]
        case RemoveInstance():
            return [InstanceRemoved(scene, asset)]
        case _:
            assert_never(command)


def find(state: Instances, scene: str, asset: str) -> Instance:
    found = state.get(scene, asset)
    if found is None:
        raise Refused(
            "INSTANCE_NOT_FOUND", "The asset is not in this scene.", scene=scene, asset=asset
        )
    return found


def inherit(
    scene: str, asset: str, source: str | None, state: Instances, image: str | None
) -> Fact:
    """The asset as it stood in `source`, its last appearance before `scene`. Where nothing is
    carried on (no appearance, or carry-forward off there), it starts from its master (R175)."""
    earlier = state.get(source, asset) if source else None
    if source is None or earlier is None or not earlier.carry_forward:
        return InstanceCreated(scene, asset)
    return InstanceInherited(scene, asset, source, earlier.own_description(), earlier.tags, image)


def normalised(tags: Sequence[str]) -> tuple[str, ...]:
    """Lower case, no doubles, in the order given (R200). `locked` is no tag (C3)."""
    seen: dict[str, None] = {}
    for tag in tags:
        plain = " ".join(tag.lower().split())
        if not plain:
            raise Refused("TAG_EMPTY", "A status tag needs at least one letter.", tag=tag)
        if plain == "locked":
            raise Refused(
                "TAG_RESERVED", "A lock is not a status tag: lock the instance instead.", tag=tag
            )
        if len(plain) > MAX_TAG_LENGTH:
            raise Refused(
                "TAG_TOO_LONG", f"A status tag has at most {MAX_TAG_LENGTH} characters.", tag=tag
            )
        seen[plain] = None
    if len(seen) > MAX_TAGS:
        raise Refused("TOO_MANY_TAGS", f"An instance has at most {MAX_TAGS} tags.", limit=MAX_TAGS)
    return tuple(seen)


def _create(command: CreateInstance, state: Instances) -> Sequence[Fact]:
    scene, asset = command.scene, command.asset
    if state.get(scene, asset) is not None:
        raise Refused(
            "INSTANCE_EXISTS", "The asset is in this scene already.", scene=scene, asset=asset
        )
    tags = normalised(command.tags)
    return [InstanceCreated(scene, asset, command.description, tags, command.carry_forward)]


def _override(
    scene: str, asset: str, current: Instance, description: str | None | UnsetType
) -> Iterator[Fact]:
    if description is not UNSET and description != current.description:
        yield InstanceDescriptionOverridden(scene, asset, description)


def _retag(
    scene: str, asset: str, current: Instance, tags: tuple[str, ...] | UnsetType
) -> Iterator[Fact]:
    if tags is UNSET:
        return
    wanted = normalised(tags)
    for tag in current.tags:
        if tag not in wanted:
            yield InstanceTagRemoved(scene, asset, tag)
    for tag in wanted:
        if tag not in current.tags:
            yield InstanceTagAdded(scene, asset, tag)


def _carry(
    scene: str, asset: str, current: Instance, carry_forward: bool | UnsetType
) -> Iterator[Fact]:
    if carry_forward is not UNSET and carry_forward != current.carry_forward:
        yield InstanceCarryForwardSet(scene, asset, carry_forward)
