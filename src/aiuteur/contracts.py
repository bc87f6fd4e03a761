"""Events are contracts for ever: what may change in the schema of one, and what needs a new
version with an upcaster."""

from collections.abc import Iterator
from typing import Any

from msgspec import json

Schema = dict[str, Any]


def breaks(old: Schema, new: Schema) -> list[str]:
    """Why bytes that were written by the old schema might not be read, or not mean the same, by
    the new. A new field with a default is the one change that breaks nothing."""
    return list(_parts(old, new))


def _parts(old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("$defs", {}), new.get("$defs", {})
    for name, part in before.items():
        if name not in after:
            yield f"{name} is gone"
        elif "properties" in part:
            yield from _fields(name, part, after[name])
        elif not _wider(part, after[name]):
            yield f"{name} changed"


def _fields(name: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old["properties"], new.get("properties", {})
    for field, kind in before.items():
        if field not in after:
            yield f"{name}.{field} is gone"
        elif not _wider(kind, after[field]):
            yield f"{name}.{field} changed its type"
    for field in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{name}.{field} is required now"


def _wider(old: Schema, new: Schema) -> bool:
    """Whether all that the old type holds fits the new one: it is the same, or one more word of
    an enumeration."""
    plain_old, plain_new = _without_words(old), _without_words(new)
    if plain_old == plain_new:
        return True
    if "enum" in plain_old and "enum" in plain_new:
        return set(plain_old["enum"]) <= set(plain_new["enum"])
    return False


def _without_words(schema: Schema) -> Schema:
    """Titles, descriptions and defaults may change: they are not in the bytes."""
    kept = {k: v for k, v in schema.items() if k not in ("title", "description", "default")}
    plain: Schema = json.decode(json.encode(kept))
    return plain
