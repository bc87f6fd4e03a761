"""Scene asset instances: an asset's state in a scene."""

from collections.abc import Iterator
from typing import Any, Literal

from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, Struct, UnsetType, field

from api.call import Call
from api.images import image_url, thumbnail_url
from api.wire import Body, Id, Listing, Name, Prose, Reason, View
from domain import branch as rules
from domain.across import InheritScene
from domain.branch import Branch
from domain.ids import instance_id
from domain.instances.decide import (
    AddTag,
    CreateInstance,
    RemoveInstance,
    RemoveTag,
    SelectReference,
    UpdateInstance,
)
from domain.instances.decide import find as find_instance
from domain.references import chain
from domain.refusal import Refused, not_found
from domain.scenes.decide import find as find_scene
from domain.values import Kind, Reference, ReferenceSource
from handlers.reads import Page, Wish
from handlers.warm import BRANCH
from projections.assets import ASSETS, AssetDocument
from projections.reference_chains import REFERENCE_CHAINS, chosen, links
from projections.scene_boards import SCENE_BOARDS, InstanceDocument
from projections.scene_dependencies import GROUPS
from projections.scenes import SCENES, numbers

KINDS = tuple(GROUPS)


class CreateInstanceBody(Body):
    project_asset_id: Id
    description_override: Prose | None = None
    status_tags: list[Name] = field(default_factory=list)
    carry_forward: bool = True


class UpdateInstanceBody(Body):
    """A field that is absent stays; `descriptionOverride: null` takes the override back."""

    description_override: Prose | None | UnsetType = UNSET
    status_tags: list[Name] | UnsetType = UNSET
    carry_forward: bool | UnsetType = UNSET
    modification_reason: Reason | None = None


class TagBody(Body):
    tag: Name
    modification_reason: Reason | None = None


class SelectReferenceBody(Body):
    """`instanceId` names the earlier scene's instance; the master needs none."""

    source: ReferenceSource
    instance_id: Id | None = None


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


class LinkView(View):
    source: ReferenceSource
    image_url: str
    thumbnail_url: str | None
    scene_number: int | None
    instance_id: str | None
    label: str
    selected: bool
    default: bool


class ChainView(View):
    items: list[LinkView]


class InheritedView(View):
    message: str
    count: int
    instances: list[InstanceView]


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
            yield _view(around, number, asset, board.instances[asset.id])


def _view(
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


def scene_of(call: Call) -> str:
    return str(call.request.path_params["scene_id"])


async def asset_of(call: Call) -> str:
    """The asset whose instance the path names. Ids are derived, so the scene's own assets are
    tried; a foreign or unknown id matches none."""
    wanted = str(call.request.path_params["instance_id"])
    scene = scene_of(call)
    page = await call.services.reads.page(
        await call.ref(), call.actor, Wish(SCENE_BOARDS, (scene,))
    )
    board = page.get(SCENE_BOARDS, scene)
    if board is not None:
        for asset in board.instances:
            if instance_id(scene, asset) == wanted:
                return str(asset)
    return await _asset_from_log(call, scene, wanted)


async def _asset_from_log(call: Call, scene: str, wanted: str) -> str:
    """The read models may lag behind an instance that was just made."""
    ref = await call.ref()
    if ref.version is None:
        state, _ = await call.executor.state(BRANCH, ref.branch, call.actor)
        find_scene(state.scenes, scene)
        for asset in state.instances.scenes.get(scene, {}):
            if instance_id(scene, asset) == wanted:
                return asset
    raise not_found("instance", wanted)


async def one(call: Call, outcome: Any, asset: str, status: int = 200) -> Response[InstanceView]:
    """As the command left it, also where others have taken it out of sight or away since."""
    scene = scene_of(call)
    page = await call.after(outcome, *surroundings_wishes(scene))
    around = Surroundings(call.project, scene, page)
    board = page.get(SCENE_BOARDS, scene)
    if board is None or asset not in board.instances:
        around.page = page = await call.past(outcome, *surroundings_wishes(scene))
        board = page.get(SCENE_BOARDS, scene)
    found = _view(around, around.numbers, page.get(ASSETS, asset), board.instances[asset])
    return call.answer(found, status=status, outcome=outcome)


@get("/", summary="The scene's instances")
async def list_instances(call: NamedDependency[Call]) -> Response[Listing[InstanceView]]:
    scene = scene_of(call)
    page = await call.page(*surroundings_wishes(scene))
    items = list(instance_views(Surroundings(call.project, scene, page)))
    return call.answer(Listing(items=items), page.version)


@post("/", summary="Put an asset into the scene")
async def create_instance(
    data: JSONBody[CreateInstanceBody], call: NamedDependency[Call]
) -> Response[InstanceView]:
    command = CreateInstance(
        scene_of(call),
        data.project_asset_id,
        data.description_override,
        tuple(data.status_tags),
        data.carry_forward,
    )
    return await one(call, await call.command(command), data.project_asset_id, status=201)


@post("/inherit", status_code=201, summary="Give the scene its assets, as they last appeared")
async def inherit(call: NamedDependency[Call]) -> Response[InheritedView]:
    scene = scene_of(call)
    outcome = await call.command(InheritScene(scene))
    page = await call.after(outcome, *surroundings_wishes(scene))
    views = list(instance_views(Surroundings(call.project, scene, page)))
    message = f"{len(views)} asset instance(s) created"
    content = InheritedView(message=message, count=len(views), instances=views)
    return call.answer(content, status=201, outcome=outcome)


@put("/{instance_id:uuid}", summary="Change its description, tags or carry-forward")
async def update_instance(
    data: JSONBody[UpdateInstanceBody], call: NamedDependency[Call]
) -> Response[InstanceView]:
    asset = await asset_of(call)
    tags = data.status_tags
    command = UpdateInstance(
        scene_of(call),
        asset,
        data.description_override,
        UNSET if isinstance(tags, UnsetType) else tuple(tags),
        data.carry_forward,
    )
    return await one(call, await call.command(command, data.modification_reason), asset)


@delete("/{instance_id:uuid}", summary="Take it out of the scene; the asset stays")
async def remove_instance(call: NamedDependency[Call]) -> Response[None]:
    return call.gone(await call.command(RemoveInstance(scene_of(call), await asset_of(call))))


@post("/{instance_id:uuid}/tags", summary="Add a status tag")
async def add_tag(data: JSONBody[TagBody], call: NamedDependency[Call]) -> Response[InstanceView]:
    asset = await asset_of(call)
    command = AddTag(scene_of(call), asset, data.tag)
    return await one(call, await call.command(command, data.modification_reason), asset, 201)


@delete("/{instance_id:uuid}/tags/{tag:path}", status_code=200, summary="Remove a status tag")
async def remove_tag(call: NamedDependency[Call]) -> Response[InstanceView]:
    asset = await asset_of(call)
    tag = str(call.request.path_params["tag"]).removeprefix("/")  # a tag may hold one
    return await one(call, await call.command(RemoveTag(scene_of(call), asset, tag)), asset)


@get("/{instance_id:uuid}/reference-chain", summary="The images that it can start from")
async def get_chain(call: NamedDependency[Call]) -> Response[ChainView]:
    scene, asset = scene_of(call), await asset_of(call)
    page = await call.page(
        Wish(REFERENCE_CHAINS, (asset,)), Wish(SCENES), Wish(SCENE_BOARDS, (scene,))
    )
    return call.answer(chain_view(call.project, scene, asset, page), page.version)


def chain_view(project: str, scene: str, asset: str, page: Page) -> ChainView:
    board = page.get(SCENE_BOARDS, scene)
    wanted = board.instances[asset].reference if asset in board.instances else None
    found = links(page.get(REFERENCE_CHAINS, asset), page.all(SCENES), scene)
    picked, default = chosen(found, wanted), found[-1] if found else None
    number = numbers(page.all(SCENES))
    items = [
        LinkView(
            source=link.source,
            image_url=image_url(project, link.image) or "",
            thumbnail_url=thumbnail_url(project, link.image),
            scene_number=number[link.scene] if link.scene else None,
            instance_id=instance_id(link.scene, asset) if link.scene else None,
            label=f"Scene {number[link.scene]}" if link.scene else "Stage 5 Master",
            selected=link == picked,
            default=link == default,
        )
        for link in found
    ]
    return ChainView(items=items)


@post("/{instance_id:uuid}/select-master-reference", status_code=200, summary="Start from this one")
async def select_reference(
    data: JSONBody[SelectReferenceBody], call: NamedDependency[Call]
) -> Response[InstanceView]:
    scene, asset = scene_of(call), await asset_of(call)

    def decide(branch: Branch) -> Any:
        find_instance(branch.instances, scene, asset)
        reference = _wanted(branch, scene, asset, data)
        return rules.decide(SelectReference(scene, asset, reference), branch)

    return await one(call, await call.decide(decide), asset)


def _wanted(branch: Branch, scene: str, asset: str, data: SelectReferenceBody) -> Reference:
    for link in chain(branch, scene, asset):
        id = instance_id(link.scene, asset) if link.scene else None
        if link.source == data.source and (id is None or id == data.instance_id):
            return link
    raise Refused(
        "REFERENCE_NOT_FOUND",
        "There is no such image in the reference chain of this instance.",
        source=data.source,
        instanceId=data.instance_id,
    )


router = Router(
    "/api/projects/{project_id:uuid}/scenes/{scene_id:uuid}/assets",
    route_handlers=[
        list_instances,
        create_instance,
        inherit,
        update_instance,
        remove_instance,
        add_tag,
        remove_tag,
        get_chain,
        select_reference,
    ],
    tags=["instances"],
)
