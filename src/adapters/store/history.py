"""Branches through the eventsourcing library: its Application reads them, at any version, with
our facts and our fold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    ApplicationRecorder,
    Mapper,
    StoredEvent,
)

from adapters.store.bridge import LogRecorder, type_of
from domain import catalogue
from domain.branch import Branch, evolve


@dataclass(frozen=True)
class BranchEvent:
    originator_id: UUID
    originator_version: int
    fact: Any


@dataclass(frozen=True)
class BranchAt:
    """A branch as it was: what the library calls an aggregate."""

    id: UUID
    version: int
    state: Branch


class FactMapper(Mapper[UUID]):
    """Topic = our tag, state = our JSON. Reading only: facts are written by deciders."""

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        tag, schema = type_of(stored_event.topic)
        fact = catalogue.decode(tag, schema, stored_event.state)
        assert isinstance(stored_event.originator_id, UUID)
        return BranchEvent(stored_event.originator_id, stored_event.originator_version, fact)


class BranchHistory(Application[UUID]):
    def __init__(self, recorder: LogRecorder) -> None:
        self._given = recorder
        super().__init__(env={"PERSISTENCE_MODULE": "eventsourcing.popo"})

    def construct_mapper(self) -> Mapper[UUID]:
        return FactMapper(self.construct_transcoder())

    def construct_recorder(self) -> ApplicationRecorder:
        return self._given

    def at(self, branch: str, version: int | None = None) -> BranchAt:
        """The branch at a version, or as it is now; one without events is empty."""
        try:
            found: BranchAt = self.repository.get(
                UUID(branch), version=version, projector_func=project
            )
        except AggregateNotFoundError:
            return BranchAt(UUID(branch), 0, Branch())
        return found


def project(initial: BranchAt | None, events: Iterable[BranchEvent]) -> BranchAt | None:
    for event in events:
        before = initial.state if initial else Branch()
        initial = BranchAt(
            event.originator_id, event.originator_version, evolve(before, event.fact)
        )
    return initial
