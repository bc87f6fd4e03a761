"""How a carousel and its attempts are shown."""

from typing import Any

from api.images import image_url, thumbnail_url
from api.wire import View
from domain.ids import instance_id
from projections.carousels import AttemptDocument, Carousel


class AttemptView(View):
    id: str
    scene_asset_instance_id: str | None
    attempt_number: int
    source: str
    origin: str | None
    is_selected: bool
    image_url: str
    thumbnail_url: str | None
    storage_path: str
    image_generation_job_id: str | None
    prompt_snapshot: str | None
    references: list[dict[str, Any]]
    tone: dict[str, Any] | None
    seed: int | None
    cost_credits: str | None
    original_filename: str | None
    file_size_bytes: int | None
    mime_type: str | None
    copied_from_url: str | None
    created_at: str
    updated_at: str


class CarouselView(View):
    """Newest first. `position` is the selected one's place in that order, from 1."""

    items: list[AttemptView]
    total: int
    position: int | None
    limit: int = 8


def view(project: str, carousel: Carousel | None) -> CarouselView:
    attempts = list(reversed(carousel.attempts)) if carousel else []
    items = [_attempt(project, carousel, each) for each in attempts if carousel]
    place = next((n for n, each in enumerate(items, 1) if each.is_selected), None)
    return CarouselView(items=items, total=len(items), position=place)


def _attempt(project: str, carousel: Carousel, attempt: AttemptDocument) -> AttemptView:
    order, details = attempt.order, attempt.details
    copied = attempt.source == "master_copy"
    return AttemptView(
        id=attempt.id,
        scene_asset_instance_id=(
            instance_id(carousel.scene, carousel.asset) if carousel.scene else None
        ),
        attempt_number=attempt.number,
        source=attempt.source,
        origin=attempt.origin,
        is_selected=attempt.id == carousel.selected,
        image_url=image_url(project, attempt.image) or "",
        thumbnail_url=thumbnail_url(project, attempt.image),
        storage_path=attempt.storage_path,
        image_generation_job_id=attempt.job,
        prompt_snapshot=order.prompt if order else None,
        references=[
            {"source": r.source, "sha256": r.image, "sceneId": r.scene} for r in order.references
        ]
        if order
        else [],
        tone={"preset": order.tone.preset, "description": order.tone.description}
        if order
        else None,
        seed=order.seed if order else None,
        cost_credits=attempt.cost,
        original_filename=attempt.filename,
        file_size_bytes=details.size if details else None,
        mime_type=details.media_type if details else None,
        copied_from_url=image_url(project, attempt.image) if copied else None,
        created_at=attempt.created_at,
        updated_at=attempt.updated_at,
    )
