"""Assets: characters, locations, props, archetypes of extras; and their master images."""

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from api.call import Call
from api.images import image_url, thumbnail_url
from api.wire import Body, Done, Listing, Prose, Reason, Title, View
from domain import branch as rules
from domain.assets.decide import (
    AddAsset,
    DescribeAsset,
    RenameAsset,
    RestoreAsset,
    SidelineAsset,
)
from domain.ids import asset_id
from domain.refusal import not_found
from domain.values import Kind
from handlers.reads import Wish
from projections.assets import ASSETS, AssetDocument
from projections.scene_dependencies import SCENE_DEPENDENCIES
from projections.scenes import SCENES, numbers


class AddAssetBody(Body):
    name: Title
    type: Kind
    description: Prose = ""


class ChangeAssetBody(Body):
    name: Title | None = None
    description: Prose | None = None
    reason: Reason | None = None


class SidelineBody(Body):
    reason: Reason = "removed by the user"


class AssetView(View):
    id: str
    name: str
    asset_type: Kind
    description: str
    source: str
    sidelined: bool
    sidelined_reason: str | None
    has_image: bool
    image_key_url: str | None
    thumbnail_url: str | None
    created_at: str
    updated_at: str


class CastView(View):
    scene_id: str
    scene_number: int
    slug: str


def view(project: str, asset: AssetDocument) -> AssetView:
    image = asset.master.image()
    return AssetView(
        id=asset.id,
        name=asset.name,
        asset_type=asset.kind,
        description=asset.description,
        source=asset.source,
        sidelined=asset.sidelined is not None,
        sidelined_reason=asset.sidelined,
        has_image=image is not None,
        image_key_url=image_url(project, image),
        thumbnail_url=thumbnail_url(project, image),
        created_at=asset.created_at,
        updated_at=asset.updated_at,
    )


@get("/", summary="The assets; sidelined ones only when asked for")
async def list_assets(
    call: NamedDependency[Call], sidelined: FromQuery[bool] = False
) -> Response[Listing[AssetView]]:
    page = await call.page(Wish(ASSETS))
    found = [a for a in page.all(ASSETS).values() if (a.sidelined is not None) == sidelined]
    found.sort(key=lambda asset: (asset.kind, asset.name.casefold()))
    return call.answer(Listing(items=[view(call.project, a) for a in found]), page.version)


@get("/{asset_id:uuid}", summary="One asset")
async def get_asset(call: NamedDependency[Call]) -> Response[AssetView]:
    asset = _asset(call)
    page = await call.page(Wish(ASSETS, (asset,)))
    found = page.get(ASSETS, asset)
    if found is None:
        raise not_found("asset", asset)
    return call.answer(view(call.project, found), page.version)


@post("/", summary="Add an asset by hand")
async def add_asset(
    data: JSONBody[AddAssetBody], call: NamedDependency[Call]
) -> Response[AssetView]:
    id = asset_id(call.project, data.type, data.name)
    outcome = await call.command(AddAsset(id, data.type, data.name, data.description))
    page = await call.after(outcome, Wish(ASSETS, (id,)))
    return call.answer(view(call.project, page.get(ASSETS, id)), status=201, outcome=outcome)


@patch("/{asset_id:uuid}", summary="Rename or describe an asset")
async def change_asset(
    data: JSONBody[ChangeAssetBody], call: NamedDependency[Call]
) -> Response[AssetView]:
    asset = _asset(call)

    def decide(branch: rules.Branch) -> list[rules.Fact]:
        facts: list[rules.Fact] = []
        if data.name is not None:
            facts.extend(rules.decide(RenameAsset(asset, data.name), branch))
        if data.description is not None:
            facts.extend(rules.decide(DescribeAsset(asset, data.description), branch))
        return facts

    outcome = await call.decide(decide, data.reason)
    page = await call.after(outcome, Wish(ASSETS, (asset,)))
    found = page.get(ASSETS, asset)
    if found is None:
        raise not_found("asset", asset)
    return call.answer(view(call.project, found), outcome=outcome)


@post("/{asset_id:uuid}/sideline", status_code=200, summary="Take it out of the work; it is kept")
async def sideline_asset(
    call: NamedDependency[Call], data: JSONBody[SidelineBody | None] = None
) -> Response[Done]:
    reason = (data or SidelineBody()).reason
    outcome = await call.command(SidelineAsset(_asset(call), reason), reason)
    return call.done(outcome)


@delete("/{asset_id:uuid}", status_code=204, summary="The same as sideline: nothing is deleted")
async def delete_asset(call: NamedDependency[Call]) -> Response[None]:
    return call.gone(await call.command(SidelineAsset(_asset(call), "removed by the user")))


@post("/{asset_id:uuid}/restore", status_code=200, summary="Bring a sidelined asset back")
async def restore_asset(call: NamedDependency[Call]) -> Response[Done]:
    outcome = await call.command(RestoreAsset(_asset(call)))
    return call.done(outcome)


@get("/{asset_id:uuid}/cast-in", summary="The scenes that need the asset")
async def cast_in(call: NamedDependency[Call]) -> Response[Listing[CastView]]:
    asset = _asset(call)
    page = await call.page(Wish(SCENES), Wish(SCENE_DEPENDENCIES), Wish(ASSETS, (asset,)))
    if page.get(ASSETS, asset) is None:
        raise not_found("asset", asset)
    number, scenes = numbers(page.all(SCENES)), page.all(SCENES)
    needing = [d.scene for d in page.all(SCENE_DEPENDENCIES).values() if asset in d.assets]
    items = [
        CastView(scene_id=scene, scene_number=number[scene], slug=scenes[scene].heading.text)
        for scene in sorted(needing, key=number.__getitem__)
    ]
    return call.answer(Listing(items=items), page.version)


def _asset(call: Call) -> str:
    return str(call.request.path_params["asset_id"])


router = Router(
    "/api/projects/{project_id:uuid}/assets",
    route_handlers=[
        list_assets,
        get_asset,
        add_asset,
        change_asset,
        sideline_asset,
        delete_asset,
        restore_asset,
        cast_in,
    ],
    tags=["assets"],
)
