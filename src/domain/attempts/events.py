"""Facts about attempts: what was asked for, what came of it, what was chosen.

Attempts belong to an asset in a scene, or, with `scene` None, to the asset itself: then the
selected one is its master image. A generated attempt has the id of the job that made it.
"""

from typing import Literal

from msgspec import Struct

from domain.values import AspectRatio, Image, Kind, Reference, Tone

Origin = Literal["inherited", "legacy", "master"]
CopySource = Literal["generated", "master_copy"]
Charge = Literal["no", "yes", "unknown"]


class Order(Struct, frozen=True):
    """All that a generator is given; what was sent can be read from it for ever."""

    kind: Kind
    name: str
    description: str
    tags: tuple[str, ...]
    tone: Tone
    references: tuple[Reference, ...]
    aspect_ratio: AspectRatio
    seed: int
    prompt: str


class AttemptRequested(Struct, frozen=True, tag="attempt.requested"):
    scene: str | None
    asset: str
    attempt: str
    order: Order
    batch: str | None = None


class AttemptGenerated(Struct, frozen=True, tag="attempt.generated"):
    """`cost` is in credits, with four decimals; `call` names the provider call that made it."""

    scene: str | None
    asset: str
    attempt: str
    image: Image
    cost: str
    call: str


class AttemptUploaded(Struct, frozen=True, tag="attempt.uploaded"):
    scene: str | None
    asset: str
    attempt: str
    image: Image
    filename: str


class AttemptCopied(Struct, frozen=True, tag="attempt.copied"):
    """An image that was there already became an attempt. `origin` says where it came from."""

    scene: str | None
    asset: str
    attempt: str
    image: str
    source: CopySource
    origin: Origin


class AttemptSelected(Struct, frozen=True, tag="attempt.selected"):
    """The former selection ends with it."""

    scene: str | None
    asset: str
    attempt: str


class AttemptEvicted(Struct, frozen=True, tag="attempt.evicted"):
    """Made room for a new one; its image stays readable in history."""

    scene: str | None
    asset: str
    attempt: str


class AttemptDeleted(Struct, frozen=True, tag="attempt.deleted"):
    scene: str | None
    asset: str
    attempt: str


class AttemptFailed(Struct, frozen=True, tag="attempt.failed"):
    scene: str | None
    asset: str
    attempt: str
    reason: str
    charge: Charge


class AttemptOutcomeUnknown(Struct, frozen=True, tag="attempt.outcome_unknown"):
    """The call may have been carried out and paid; it counts as cost and is not repeated."""

    scene: str | None
    asset: str
    attempt: str
    call: str
    cost: str


class AttemptLateResultAdopted(Struct, frozen=True, tag="attempt.late_result_adopted"):
    """A paid image that has no place in a carousel any more is kept here."""

    scene: str | None
    asset: str
    attempt: str
    image: Image
    cost: str
    call: str


Ending = AttemptFailed | AttemptOutcomeUnknown | AttemptLateResultAdopted
Arrival = AttemptGenerated | AttemptUploaded | AttemptCopied
Fact = AttemptRequested | Arrival | AttemptSelected | AttemptEvicted | AttemptDeleted | Ending
