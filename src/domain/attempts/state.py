"""Carousels: the attempts of each subject, nested by scene so that a change copies little."""

from typing import Literal, assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.attempts.events import (
    AttemptCopied,
    AttemptDeleted,
    AttemptEvicted,
    AttemptFailed,
    AttemptGenerated,
    AttemptLateResultAdopted,
    AttemptOutcomeUnknown,
    AttemptRequested,
    AttemptSelected,
    AttemptUploaded,
    Fact,
)

Status = Literal["open", "done", "failed", "unknown", "late"]
MASTER = ""
"""The scene under which an asset's own carousel is kept."""


class Request(Struct, frozen=True):
    """How a job stands, and the provider calls whose images it has."""

    status: Status
    calls: tuple[str, ...] = ()


class Attempt(Struct, frozen=True):
    id: str
    image: str


class Carousel(Struct, frozen=True):
    """`attempts` are in the order in which they came; `requests` holds how each job stands."""

    attempts: tuple[Attempt, ...] = ()
    selected: str | None = None
    requests: dict[str, Request] = {}

    def get(self, attempt: str) -> Attempt | None:
        return next((each for each in self.attempts if each.id == attempt), None)

    def image(self) -> str | None:
        """The SHA-256 of the selected attempt's image."""
        chosen = self.get(self.selected) if self.selected else None
        return chosen.image if chosen else None


EMPTY = Carousel()


class Attempts(Struct, frozen=True):
    scenes: dict[str, dict[str, Carousel]] = {}

    def carousel(self, scene: str | None, asset: str) -> Carousel:
        return self.scenes.get(scene or MASTER, {}).get(asset, EMPTY)

    def without(self, scene: str, asset: str) -> "Attempts":
        """The carousel ends; jobs that are still open stay known, so that their results can be
        told from strangers'."""
        old = self.carousel(scene, asset)
        return self.put(scene, asset, Carousel(requests=old.requests))

    def put(self, scene: str | None, asset: str, carousel: Carousel) -> "Attempts":
        key = scene or MASTER
        return Attempts({**self.scenes, key: {**self.scenes.get(key, {}), asset: carousel}})


def evolve(state: Attempts, fact: Fact) -> Attempts:
    carousel = state.carousel(fact.scene, fact.asset)
    return state.put(fact.scene, fact.asset, _turned(carousel, fact))


def _turned(carousel: Carousel, fact: Fact) -> Carousel:
    match fact:
        case AttemptRequested():
            return _settle(carousel, fact.attempt, "open")
        case AttemptGenerated():
            settled = _settle(carousel, fact.attempt, "done", fact.call)
            return _arrive(settled, Attempt(fact.attempt, fact.image.sha256))
        case AttemptUploaded():
            return _arrive(carousel, Attempt(fact.attempt, fact.image.sha256))
        case AttemptCopied():
            return _arrive(carousel, Attempt(fact.attempt, fact.image))
        case AttemptSelected():
            return replace(carousel, selected=fact.attempt)
        case AttemptEvicted() | AttemptDeleted():
            left = tuple(each for each in carousel.attempts if each.id != fact.attempt)
            return replace(carousel, attempts=left)
        case AttemptFailed():
            return _settle(carousel, fact.attempt, "failed")
        case AttemptOutcomeUnknown():
            return _settle(carousel, fact.attempt, "unknown")
        case AttemptLateResultAdopted():
            return _settle(carousel, fact.attempt, "late", fact.call)
        case _:
            assert_never(fact)


def _arrive(carousel: Carousel, attempt: Attempt) -> Carousel:
    return replace(carousel, attempts=(*carousel.attempts, attempt))


def _settle(carousel: Carousel, attempt: str, status: Status, call: str | None = None) -> Carousel:
    before = carousel.requests.get(attempt)
    calls = before.calls if before else ()
    request = Request(status, (*calls, call) if call else calls)
    return replace(carousel, requests={**carousel.requests, attempt: request})
