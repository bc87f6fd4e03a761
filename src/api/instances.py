"""Scene asset instances: an asset's state in a scene."""

from typing import Any

from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType, field

from api.call import Call
from api.instance_views import (
    InstanceView,
    Surroundings,
    instance_view,
    instance_views,
    surroundings_wishes,
)
from api.wire import Body, Id, Listing, Name, Prose, Reason, View
from domain.across import InheritScene
from domain.ids import instance_id
from domain.instances.decide import (
    AddTag,
    CreateInstance,
    RemoveInstance,
    RemoveTag,
    UpdateInstance,
)
from domain.refusal import not_found
from domain.scenes.decide import find as find_scene
from handlers.reads import Wish
from handlers.warm import BRANCH
from projections.assets import ASSETS
from projections.scene_boards import SCENE_BOARDS


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


class InheritedView(View):
    message: str
    count: int
    instances: list[InstanceView]


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
    found = instance_view(around, around.numbers, page.get(ASSETS, asset), board.instances[asset])
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
    ],
    tags=["instances"],
)
