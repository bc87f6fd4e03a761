"""How an instance is shown: with its asset, its place in the story, where its state came from."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from api.images import image_url, thumbnail_url
from api.wire import View
from domain.ids import instance_id
from domain.refusal import not_found
from domain.values import Kind, ReferenceSource
from handlers.reads import Page, Wish
from projections.assets import ASSETS, AssetDocument
from projections.scene_boards import SCENE_BOARDS, InstanceDocument
from projections.scene_dependencies import GROUPS
from projections.scenes import SCENES, numbers

KINDS = tuple(GROUPS)


class AssetInScene(View):
    id: str
    name: str
    asset_type: Kind
    description: str
    image_key_url: str | None
    visual_style_capsule_id: str | None = None


class InstanceView(View):
    id: str
    scene_id: str
    scene_number: int
    project_asset_id: str
    project_asset: AssetInScene
    description_override: str | None
    effective_description: str
    status_tags: list[str]
    carry_forward: bool
    inherited_from_instance_id: str | None
    inherited_from: str
    source_badge: Literal["master", "prior_scene"]
    image_key_url: str | None
    thumbnail_url: str | None
    review_status: Literal["unreviewed", "generated", "edited"]
    attempts: int
    selected_attempt_id: str | None
    selected_master_reference_url: str | None
    selected_master_reference_source: ReferenceSource | None
    selected_master_reference_instance_id: str | None
    modification_count: int
    last_modified_field: str | None
    modification_reason: str | None
    created_at: str
    updated_at: str


class Surroundings(Struct):
    """What an instance is shown with: its scene's board, the assets, the story order."""

    project: str
    scene: str
    page: Page

    @property
    def numbers(self) -> dict[str, int]:
        return numbers(self.page.all(SCENES))


def surroundings_wishes(scene: str) -> tuple[Wish, ...]:
    return (Wish(SCENE_BOARDS, (scene,)), Wish(ASSETS), Wish(SCENES))


def instance_views(around: Surroundings) -> Iterator[InstanceView]:
    """The scene's instances, grouped and by name; a sidelined asset's stay out of sight."""
    board = around.page.get(SCENE_BOARDS, around.scene)
    if board is None:
        raise not_found("scene", around.scene)
    number = around.numbers
    cast: list[AssetDocument] = [around.page.get(ASSETS, id) for id in board.instances]
    for asset in sorted(cast, key=lambda a: (KINDS.index(a.kind), a.name.casefold())):
        if asset.sidelined is None:
            yield instance_view(around, number, asset, board.instances[asset.id])


def instance_view(
    around: Surroundings, number: dict[str, int], asset: AssetDocument, instance: InstanceDocument
) -> InstanceView:
    project, scene = around.project, around.scene
    own, inherited = instance.own_description(), instance.inherited
    image, reference = instance.image(), instance.reference
    source = inherited.scene if inherited else None
    return InstanceView(
        id=instance_id(scene, asset.id),
        scene_id=scene,
        scene_number=number[scene],
        project_asset_id=asset.id,
        project_asset=AssetInScene(
            id=asset.id,
            name=asset.name,
            asset_type=asset.kind,
            description=asset.description,
            image_key_url=image_url(project, asset.master.image()),
        ),
        description_override=instance.description_override,
        effective_description=asset.description if own is None else own,
        status_tags=instance.tags,
        carry_forward=instance.carry_forward,
        inherited_from_instance_id=instance_id(source, asset.id) if source else None,
        inherited_from=_origin(source, number),
        source_badge="prior_scene" if source else "master",
        image_key_url=image_url(project, image),
        thumbnail_url=thumbnail_url(project, image),
        review_status=_review(instance),
        attempts=len(instance.gallery.images),
        selected_attempt_id=instance.gallery.selected,
        selected_master_reference_url=image_url(project, reference.image if reference else None),
        selected_master_reference_source=reference.source if reference else None,
        selected_master_reference_instance_id=(
            instance_id(reference.scene, asset.id) if reference and reference.scene else None
        ),
        modification_count=instance.modification_count,
        last_modified_field=instance.last_modified_field,
        modification_reason=instance.modification_reason,
        created_at=instance.created_at,
        updated_at=instance.updated_at,
    )


def _origin(source: str | None, number: dict[str, int]) -> str:
    if source is None:
        return "From Master Assets"
    return f"Inheriting from Scene {number[source]}" if source in number else "From a removed scene"


def _review(instance: InstanceDocument) -> Literal["unreviewed", "generated", "edited"]:
    """C5: edited by a person counts for more than generated."""
    if instance.description_override is not None:
        return "edited"
    return "generated" if instance.image() else "unreviewed"
