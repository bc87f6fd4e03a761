"""Scenes: the story order, their dependencies, and the board that a screen shows."""

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.call import Call
from api.instance_views import InstanceView, Surroundings, instance_views, surroundings_wishes
from api.wire import Body, Done, Id, Listing, View
from domain.refusal import not_found
from domain.scenes.decide import LinkAsset, MoveScene, RemoveScene, UnlinkAsset
from handlers.reads import Wish
from projections.assets import ASSETS
from projections.scene_dependencies import GROUPS, SCENE_DEPENDENCIES, grouped
from projections.scenes import SCENES, SceneDocument, in_story_order, numbers
from projections.stage_boards import PROJECT, STAGE_BOARDS, rows


class MoveBody(Body):
    """`after` is the scene that it follows; null puts it first."""

    after: Id | None


class SceneView(View):
    id: str
    scene_number: int
    slug: str
    int_ext: str
    location: str
    time: str
    script_excerpt: str


class DependenciesView(View):
    scene_id: str
    scene_number: int
    extracted_at: str | None
    characters: list[dict[str, object]]
    locations: list[dict[str, object]]
    props: list[dict[str, object]]
    extras: list[dict[str, object]]


class BoardView(View):
    """One answer for a screen: header, groups, counts, what is missing, stages."""

    scene: SceneView
    groups: dict[str, list[InstanceView]]
    counts: dict[str, int]
    missing: list[dict[str, object]]
    stages: list[dict[str, object]]
    previous_scene_id: str | None


def view(scene: SceneDocument, number: int) -> SceneView:
    return SceneView(
        id=scene.id,
        scene_number=number,
        slug=scene.heading.text,
        int_ext=scene.heading.int_ext,
        location=scene.heading.location,
        time=scene.heading.time,
        script_excerpt=scene.excerpt,
    )


@get("/", summary="The scenes in story order")
async def list_scenes(call: NamedDependency[Call]) -> Response[Listing[SceneView]]:
    page = await call.page(Wish(SCENES))
    ordered = in_story_order(page.all(SCENES))
    items = [view(scene, number) for number, scene in enumerate(ordered, 1)]
    return call.answer(Listing(items=items), page.version)


@get("/{scene_id:uuid}", summary="One scene")
async def get_scene(call: NamedDependency[Call]) -> Response[SceneView]:
    scene = _scene(call)
    page = await call.page(Wish(SCENES))
    found = page.get(SCENES, scene)
    if found is None:
        raise not_found("scene", scene)
    return call.answer(view(found, numbers(page.all(SCENES))[scene]), page.version)


@get("/{scene_id:uuid}/dependencies", summary="Which assets the scene needs")
async def get_dependencies(call: NamedDependency[Call]) -> Response[DependenciesView]:
    scene = _scene(call)
    page = await call.page(Wish(SCENES), Wish(SCENE_DEPENDENCIES, (scene,)), Wish(ASSETS))
    if page.get(SCENES, scene) is None:
        raise not_found("scene", scene)
    document = page.get(SCENE_DEPENDENCIES, scene)
    content = DependenciesView(
        scene_id=scene,
        scene_number=numbers(page.all(SCENES))[scene],
        extracted_at=document.extracted_at if document else None,
        **grouped(document, page.all(ASSETS)),
    )
    return call.answer(content, page.version)


@post(
    "/{scene_id:uuid}/dependencies/{asset_id:uuid}", status_code=200, summary="The scene needs it"
)
async def link_asset(call: NamedDependency[Call]) -> Response[Done]:
    asset = str(call.request.path_params["asset_id"])
    outcome = await call.command(LinkAsset(_scene(call), asset))
    return call.done(outcome)


@delete("/{scene_id:uuid}/dependencies/{asset_id:uuid}", summary="The scene does not need it")
async def unlink_asset(call: NamedDependency[Call]) -> Response[None]:
    asset = str(call.request.path_params["asset_id"])
    return call.gone(await call.command(UnlinkAsset(_scene(call), asset)))


@post("/{scene_id:uuid}/move", status_code=200, summary="Move it in the story")
async def move_scene(data: JSONBody[MoveBody], call: NamedDependency[Call]) -> Response[Done]:
    outcome = await call.command(MoveScene(_scene(call), data.after))
    return call.done(outcome)


@delete("/{scene_id:uuid}", summary="Take it out of the story; its history stays")
async def remove_scene(call: NamedDependency[Call]) -> Response[None]:
    return call.gone(await call.command(RemoveScene(_scene(call))))


@get("/{scene_id:uuid}/board", summary="Everything that a screen shows of a scene")
async def get_board(call: NamedDependency[Call]) -> Response[BoardView]:
    scene = _scene(call)
    page = await call.page(
        *surroundings_wishes(scene),
        Wish(SCENE_DEPENDENCIES, (scene,)),
        Wish(STAGE_BOARDS, (PROJECT, scene)),
    )
    around = Surroundings(call.project, scene, page)
    groups: dict[str, list[InstanceView]] = {name: [] for name in GROUPS.values()}
    for instance in instance_views(around):
        groups[GROUPS[instance.project_asset.asset_type]].append(instance)
    shown = [each for group in groups.values() for each in group]
    document = page.get(SCENE_DEPENDENCIES, scene)
    present = {each.project_asset_id for each in shown}
    missing = [
        asset
        for group in grouped(document, page.all(ASSETS)).values()
        for asset in group
        if asset["id"] not in present and not asset["sidelined"]
    ]
    stages = rows(page.get(STAGE_BOARDS, PROJECT), page.get(STAGE_BOARDS, scene))
    ordered = [each.id for each in in_story_order(page.all(SCENES))]
    at = ordered.index(scene)
    content = BoardView(
        scene=view(page.get(SCENES, scene), at + 1),
        groups=groups,
        counts={
            "assets": len(shown),
            "withVisuals": sum(1 for each in shown if each.image_key_url),
        },
        missing=missing,
        stages=stages,
        previous_scene_id=ordered[at - 1] if at else None,
    )
    return call.answer(content, page.version)


def _scene(call: Call) -> str:
    return str(call.request.path_params["scene_id"])


router = Router(
    "/api/projects/{project_id:uuid}/scenes",
    route_handlers=[
        list_scenes,
        get_scene,
        get_dependencies,
        link_asset,
        unlink_asset,
        move_scene,
        remove_scene,
        get_board,
    ],
    tags=["scenes"],
)
