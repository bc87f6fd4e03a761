"""What a read model is, and how one is folded. Pure: the same code runs live, in a replay, for
a branch's past, and when a branch is forked."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from domain.record import Recorded, Told, tell

Keys = Callable[[Any], Iterable[str]]
Apply = Callable[[Any, Told], Any]


def branch_scope(record: Recorded) -> str | None:
    return record.branch


def project_scope(record: Recorded) -> str | None:
    return record.project


def tenant_scope(record: Recorded) -> str | None:
    return record.tenant


class Projection(Struct, frozen=True, kw_only=True):
    """One read model.

    `keys` names the documents that a fact touches, `apply` turns a document (None where there is
    none) into the next (None removes it). `scope` says to which set of documents the event
    belongs. `follows_forks`: a new branch starts with its parent's documents as of the fork.
    """

    name: str
    document: type
    keys: Keys
    apply: Apply
    facts: tuple[type, ...]
    scope: Callable[[Recorded], str | None] = branch_scope
    follows_forks: bool = True

    def decode(self, body: bytes) -> Any:
        return msgspec.json.decode(body, type=self.document)


_encoder = msgspec.json.Encoder(order="deterministic")


def encode(document: Any) -> bytes:
    """Canonical: equal documents are equal bytes."""
    return _encoder.encode(document)


class Documents:
    """The documents of one projection in one scope, while facts are folded into them."""

    def __init__(self, projection: Projection, known: Mapping[str, Any] | None = None) -> None:
        self.projection = projection
        self.documents: dict[str, Any] = dict(known or {})
        self.touched: set[str] = set()

    def tell(self, told: Told) -> None:
        if not isinstance(told.fact, self.projection.facts):
            return
        for key in self.projection.keys(told.fact):
            after = self.projection.apply(self.documents.get(key), told)
            if after is None:
                self.documents.pop(key, None)
            else:
                self.documents[key] = after
            self.touched.add(key)


def fold(projection: Projection, told: Iterable[Told]) -> dict[str, Any]:
    """A scope's documents from its whole history."""
    documents = Documents(projection)
    for each in told:
        documents.tell(each)
    return documents.documents


def fold_all(
    projections: Iterable[Projection], records: Iterable[Recorded]
) -> dict[str, dict[str, bytes]]:
    """The documents of several read models over one history, as the bytes that are stored."""
    told = [tell(record) for record in records]
    return {
        each.name: {key: encode(doc) for key, doc in fold(each, told).items()}
        for each in projections
    }
