"""Rules of the carousel: at most eight, one selected, nothing that was paid for is refused."""

from collections.abc import Iterator, Sequence
from typing import Literal, assert_never

from msgspec import Struct

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
    Charge,
    CopySource,
    Fact,
    Order,
    Origin,
)
from domain.attempts.state import Attempt, Attempts, Carousel, Status
from domain.refusal import Refused
from domain.values import Image

CAP = 8
Subject = Literal["open", "locked", "gone"]
"""How the owner of the carousel stands: may be changed, is protected, or is not there."""


class RequestAttempt(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str
    order: Order
    batch: str | None = None


class RecordGenerated(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str
    image: Image
    cost: str
    call: str


class RecordFailed(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str
    reason: str
    charge: Charge


class RecordOutcomeUnknown(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str
    call: str
    cost: str


class RecordUpload(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str
    image: Image
    filename: str


class CopyImage(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str
    image: str
    source: CopySource
    origin: Origin


class SelectAttempt(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str


class DeleteAttempt(Struct, frozen=True):
    scene: str | None
    asset: str
    attempt: str


Completion = RecordGenerated | RecordFailed | RecordOutcomeUnknown
Command = RequestAttempt | Completion | RecordUpload | CopyImage | SelectAttempt | DeleteAttempt


def decide(command: Command, state: Attempts, subject: Subject) -> Sequence[Fact]:
    scene, asset, attempt = command.scene, command.asset, command.attempt
    carousel = state.carousel(scene, asset)
    match command:
        case RequestAttempt(_, _, _, order, batch):
            known = attempt in carousel.requests
            return [] if known else [AttemptRequested(scene, asset, attempt, order, batch)]
        case RecordGenerated():
            return _generated(command, carousel, subject)
        case RecordFailed(_, _, _, reason, charge):
            pending = _status(carousel, attempt) == "open"
            return [AttemptFailed(scene, asset, attempt, reason, charge)] if pending else []
        case RecordOutcomeUnknown(_, _, _, call, cost):
            pending = _status(carousel, attempt) == "open"
            return [AttemptOutcomeUnknown(scene, asset, attempt, call, cost)] if pending else []
        case RecordUpload(_, _, _, image, filename):
            uploaded = AttemptUploaded(scene, asset, attempt, image, filename)
            return _add(carousel, uploaded)
        case CopyImage(_, _, _, image_key, source, origin):
            copied = AttemptCopied(scene, asset, attempt, image_key, source, origin)
            return _add(carousel, copied)
        case SelectAttempt():
            find(carousel, attempt)
            chosen = carousel.selected == attempt
            return [] if chosen else [AttemptSelected(scene, asset, attempt)]
        case DeleteAttempt():
            find(carousel, attempt)
            if carousel.selected == attempt:
                raise Refused(
                    "ATTEMPT_SELECTED",
                    "The selected attempt cannot be deleted. Select another one first.",
                    attempt=attempt,
                )
            return [AttemptDeleted(scene, asset, attempt)]
        case _:
            assert_never(command)


def find(carousel: Carousel, attempt: str) -> Attempt:
    found = carousel.get(attempt)
    if found is None:
        raise Refused("ATTEMPT_NOT_FOUND", "There is no such attempt.", attempt=attempt)
    return found


def _generated(command: RecordGenerated, carousel: Carousel, subject: Subject) -> Sequence[Fact]:
    """A finished generation is a fact, whatever happened meanwhile: it is recorded, and selected
    only where the subject is open still and the job had not been given up."""
    request = carousel.requests.get(command.attempt)
    status = _status(carousel, command.attempt)
    if request is not None and command.call in request.calls:
        return []
    if status == "open" and subject == "open":
        return _add(carousel, _made(command))
    has_room = subject != "gone" and len(carousel.attempts) < CAP
    if status in ("open", "failed", "unknown") and has_room:
        return [_made(command)]
    return [
        AttemptLateResultAdopted(
            command.scene,
            command.asset,
            command.attempt,
            command.image,
            command.cost,
            command.call,
        )
    ]


def _status(carousel: Carousel, attempt: str) -> Status | None:
    request = carousel.requests.get(attempt)
    return request.status if request else None


def _made(command: RecordGenerated) -> AttemptGenerated:
    return AttemptGenerated(
        command.scene, command.asset, command.attempt, command.image, command.cost, command.call
    )


def _add(
    carousel: Carousel, arrived: AttemptGenerated | AttemptUploaded | AttemptCopied
) -> Sequence[Fact]:
    if carousel.get(arrived.attempt) is not None:
        return []
    scene, asset = arrived.scene, arrived.asset
    return [
        *_evictions(carousel, scene, asset),
        arrived,
        AttemptSelected(scene, asset, arrived.attempt),
    ]


def _evictions(carousel: Carousel, scene: str | None, asset: str) -> Iterator[AttemptEvicted]:
    """R217, R219: the oldest that is not selected makes room."""
    if len(carousel.attempts) >= CAP:
        oldest = next(each.id for each in carousel.attempts if each.id != carousel.selected)
        yield AttemptEvicted(scene, asset, oldest)
