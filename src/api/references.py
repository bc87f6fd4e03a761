"""Reference chains: the images that an instance can start from, and the choice among them."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.call import Call
from api.images import image_url, thumbnail_url
from api.instance_views import InstanceView
from api.instances import asset_of, one, scene_of
from api.wire import Body, Id, View
from domain import branch as rules
from domain.branch import Branch
from domain.ids import instance_id
from domain.instances.decide import (
    SelectReference,
)
from domain.instances.decide import find as find_instance
from domain.references import chain
from domain.refusal import Refused
from domain.values import Reference, ReferenceSource
from handlers.reads import Page, Wish
from projections.reference_chains import REFERENCE_CHAINS, chosen, links
from projections.scene_boards import SCENE_BOARDS
from projections.scenes import SCENES, numbers


class SelectReferenceBody(Body):
    """`instanceId` names the earlier scene's instance; the master needs none."""

    source: ReferenceSource
    instance_id: Id | None = None


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
    route_handlers=[get_chain, select_reference],
    tags=["instances"],
)
