"""Every fact there is, by its stored tag: how it is written, and how old ones are read.

A fact is a contract for ever. A new field needs a default; anything else needs a new version
here: an upcaster that turns the older payload into the next form, with a test on its bytes.
"""

from collections.abc import Callable, Mapping
from typing import Any, get_args

import msgspec

from domain import branch, project, workspace

Fact = branch.Fact | project.Fact | workspace.Fact

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""(tag, n) turns a payload of version n into one of version n + 1."""


class UnknownFact(Exception):
    """A stored event that this program cannot read: it was written by a newer one."""


def tag_of(cls: type) -> str:
    tag: Any = cls.__struct_config__.tag  # type: ignore[attr-defined]
    return str(tag)


CLASSES: Mapping[str, type] = {tag_of(cls): cls for cls in get_args(Fact)}
VERSIONS: Mapping[str, int] = {
    tag: 1 + sum(1 for name, _ in UPCASTERS if name == tag) for tag in CLASSES
}
_DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = {
    tag: msgspec.json.Decoder(cls) for tag, cls in CLASSES.items()
}
_encoder = msgspec.json.Encoder(order="deterministic")


def encode(fact: Fact) -> tuple[str, int, bytes]:
    """The tag, the version and the bytes under which a fact is stored."""
    tag = tag_of(type(fact))
    return tag, VERSIONS[tag], _encoder.encode(fact)


def decode(tag: str, version: int, payload: bytes) -> Any:
    current = VERSIONS.get(tag)
    if current is None or version > current:
        raise UnknownFact(f"no rule to read {tag} in version {version}")
    if version == current:
        return _DECODERS[tag].decode(payload)
    fields = msgspec.json.decode(payload)
    for step in range(version, current):
        fields = UPCASTERS[tag, step](fields)
    return msgspec.convert(fields, CLASSES[tag])
