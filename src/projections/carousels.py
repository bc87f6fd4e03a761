"""Carousels: the attempts of an instance, or of an asset itself, with all that is known of each."""

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct

from domain.attempts.events import (
    AttemptCopied,
    AttemptDeleted,
    AttemptEvicted,
    AttemptGenerated,
    AttemptRequested,
    AttemptSelected,
    AttemptUploaded,
    Order,
    Origin,
)
from domain.ids import instance_id
from domain.instances.events import InstanceRemoved
from domain.record import Told
from domain.values import Image
from projections.engine import Projection


class AttemptDocument(Struct):
    id: str
    number: int
    source: Literal["generated", "uploaded", "master_copy"]
    image: str
    created_at: str
    updated_at: str
    storage_path: str
    details: Image | None = None
    job: str | None = None
    order: Order | None = None
    cost: str | None = None
    filename: str | None = None
    origin: Origin | None = None


class Carousel(Struct):
    """`attempts` in the order in which they came; `orders` of jobs that have not ended."""

    scene: str | None
    asset: str
    highest: int = 0
    selected: str | None = None
    attempts: list[AttemptDocument] = []
    orders: dict[str, Order] = {}


def key_of(scene: str | None, asset: str) -> str:
    return f"{scene or 'master'}:{asset}"


def keys(fact: Any) -> Iterable[str]:
    return (key_of(fact.scene, fact.asset),)


def apply(document: Carousel | None, told: Told) -> Carousel | None:
    fact = told.fact
    carousel = document or Carousel(fact.scene, fact.asset)
    match fact:
        case InstanceRemoved():
            return None
        case AttemptRequested():
            carousel.orders[fact.attempt] = fact.order
        case AttemptGenerated() | AttemptUploaded() | AttemptCopied():
            _arrive(carousel, told)
        case AttemptSelected():
            carousel.selected = fact.attempt
            for each in carousel.attempts:
                if each.id == fact.attempt:
                    each.updated_at = told.meta.time
        case _:
            carousel.attempts = [each for each in carousel.attempts if each.id != fact.attempt]
    return carousel


def _arrive(carousel: Carousel, told: Told) -> None:
    fact, at = told.fact, told.meta.time
    carousel.highest += 1
    attempt = AttemptDocument(
        fact.attempt, carousel.highest, "generated", "", at, at, storage_path(told)
    )
    match fact:
        case AttemptGenerated():
            attempt.image, attempt.details = fact.image.sha256, fact.image
            attempt.job, attempt.cost = fact.attempt, fact.cost
            attempt.order = carousel.orders.pop(fact.attempt, None)
        case AttemptUploaded():
            attempt.source, attempt.filename = "uploaded", fact.filename
            attempt.image, attempt.details = fact.image.sha256, fact.image
        case AttemptCopied():
            attempt.source, attempt.origin = fact.source, fact.origin
            attempt.image = fact.image
    carousel.attempts = [*carousel.attempts, attempt]


def storage_path(told: Told) -> str:
    """R036, R257, R268: a logical name that holds project and branch of origin (C9); the file
    itself is found by its hash."""
    fact, record = told.fact, told.record
    place = f"project_{record.project}/branch_{record.stream}"
    stamp = "".join(c for c in told.meta.time if c.isdigit())[:14]
    if fact.scene is None:
        return f"{place}/assets/{fact.asset}_{stamp}_{fact.attempt[-8:]}.png"
    folder = f"{place}/scene_{fact.scene}/scene-assets"
    if isinstance(fact, AttemptUploaded):
        ending = fact.image.media_type.removeprefix("image/")
        return f"{folder}/uploads/{instance_id(fact.scene, fact.asset)}_{stamp}.{ending}"
    return f"{folder}/{fact.asset}_{stamp}_{fact.attempt[-8:]}.png"


CAROUSELS = Projection(
    name="carousels",
    document=Carousel,
    keys=keys,
    apply=apply,
    facts=(
        AttemptRequested,
        AttemptGenerated,
        AttemptUploaded,
        AttemptCopied,
        AttemptSelected,
        AttemptEvicted,
        AttemptDeleted,
        InstanceRemoved,
    ),
)
