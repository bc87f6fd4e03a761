"""Attempts: the carousel of an instance or of an asset's own images, and asking for more."""

from typing import Any

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.attempt_views import CarouselView, view
from api.call import Call
from api.instances import asset_of, one, scene_of
from api.wire import Body, Done, Ids
from domain.attempts.decide import CopyImage, DeleteAttempt, SelectAttempt
from domain.ids import derive, instance_id
from domain.references import image_of
from domain.refusal import Refused, not_found
from handlers.generation import Requested, Subject, request
from handlers.reads import Wish
from handlers.warm import BRANCH
from projections.assets import ASSETS
from projections.carousels import CAROUSELS, key_of


class GenerateBody(Body):
    """`seed` makes the same attempt again; without it every job has its own."""

    seed: int | None = None


class BulkBody(Body):
    instance_ids: Ids


class BulkMastersBody(Body):
    asset_ids: Ids


class RequestedView(Done):
    job_id: str
    status: str = "pending"


class BatchRequestedView(Done):
    batch_id: str
    job_ids: list[str]


@post("/{instance_id:uuid}/generate-image", status_code=202, summary="Ask for an image")
async def generate(
    call: NamedDependency[Call], data: JSONBody[GenerateBody | None] = None
) -> Response[RequestedView]:
    subject = Subject(scene_of(call), await asset_of(call))
    return await _request(call, subject, data)


async def _request(
    call: Call, subject: Subject, data: GenerateBody | None
) -> Response[RequestedView]:
    seed = data.seed if data else None
    if seed is not None and not 0 <= seed < 2**31:
        raise Refused("SEED_INVALID", "A seed lies between 0 and 2147483647.", seed=seed)
    requested = await request(
        call.executor, call.project, await call.target(), [subject], await call.asked(), seed
    )
    outcome = requested.outcome
    content = RequestedView(
        version=outcome.version, position=outcome.position, job_id=requested.jobs[0]
    )
    return call.answer(content, status=202, outcome=outcome)


@post("/generate-images", status_code=202, summary="Ask for one image each, all or none admitted")
async def generate_many(
    data: JSONBody[BulkBody], call: NamedDependency[Call]
) -> Response[BatchRequestedView]:
    scene = scene_of(call)
    state, _ = await call.executor.state(BRANCH, (await call.target()).branch, call.actor)
    there = {instance_id(scene, a): a for a in state.instances.scenes.get(scene, {})}
    unknown = [id for id in data.instance_ids if id not in there]
    if unknown:
        raise Refused("INSTANCE_NOT_FOUND", "Not all of these are in the scene.", unknown=unknown)
    subjects = [Subject(scene, there[id]) for id in dict.fromkeys(data.instance_ids)]
    return await _request_many(call, subjects)


async def _request_many(call: Call, subjects: list[Subject]) -> Response[BatchRequestedView]:
    requested: Requested = await request(
        call.executor,
        call.project,
        await call.target(),
        subjects,
        await call.asked(),
        bulk=True,
    )
    outcome = requested.outcome
    content = BatchRequestedView(
        version=outcome.version,
        position=outcome.position,
        batch_id=requested.batch or "",
        job_ids=list(requested.jobs),
    )
    return call.answer(content, status=202, outcome=outcome)


@get("/{instance_id:uuid}/attempts", summary="The carousel")
async def list_attempts(call: NamedDependency[Call]) -> Response[CarouselView]:
    scene, asset = scene_of(call), await asset_of(call)
    await _backfill(call, scene, asset)
    key = key_of(scene, asset)
    page = await call.page(Wish(CAROUSELS, (key,)))
    return call.answer(view(call.project, page.get(CAROUSELS, key)), page.version)


async def _backfill(call: Call, scene: str, asset: str) -> None:
    """R180, R220: an inherited image becomes an attempt when somebody first looks, once."""
    ref = await call.ref()
    if ref.version is not None or call.actor.role == "viewer":
        return
    state, _ = await call.executor.state(BRANCH, ref.branch, call.actor)
    image = image_of(state, scene, asset)
    locked = state.stages.locked(8, scene)
    if image is None or locked or state.attempts.carousel(scene, asset).attempts:
        return
    attempt = derive("backfill", scene, asset, image)
    command = CopyImage(scene, asset, attempt, image, "generated", "inherited")
    outcome = await call.command(command)
    call.expect(outcome.version)


@post("/{instance_id:uuid}/attempts/{attempt_id:uuid}/select", status_code=200, summary="Choose it")
async def select_attempt(call: NamedDependency[Call]) -> Response[Any]:
    asset = await asset_of(call)
    outcome = await call.command(SelectAttempt(scene_of(call), asset, _id(call)))
    return await one(call, outcome, asset)


@delete("/{instance_id:uuid}/attempts/{attempt_id:uuid}", summary="Delete it; not the selected one")
async def delete_attempt(call: NamedDependency[Call]) -> Response[None]:
    command = DeleteAttempt(scene_of(call), await asset_of(call), _id(call))
    return call.gone(await call.command(command))


@post("/{asset_id:uuid}/generate-image", status_code=202, summary="Ask for a master image")
async def generate_master(
    call: NamedDependency[Call], data: JSONBody[GenerateBody | None] = None
) -> Response[RequestedView]:
    return await _request(call, Subject(None, _asset(call)), data)


@post("/generate-images", status_code=202, summary="Ask for master images, all or none admitted")
async def generate_masters(
    data: JSONBody[BulkMastersBody], call: NamedDependency[Call]
) -> Response[BatchRequestedView]:
    return await _request_many(call, [Subject(None, id) for id in dict.fromkeys(data.asset_ids)])


@get("/{asset_id:uuid}/attempts", summary="The asset's own carousel: its master images")
async def list_masters(call: NamedDependency[Call]) -> Response[CarouselView]:
    asset = _asset(call)
    key = key_of(None, asset)
    page = await call.page(Wish(CAROUSELS, (key,)), Wish(ASSETS, (asset,)))
    if page.get(ASSETS, asset) is None:
        raise not_found("asset", asset)
    return call.answer(view(call.project, page.get(CAROUSELS, key)), page.version)


@post("/{asset_id:uuid}/attempts/{attempt_id:uuid}/select", status_code=200, summary="Choose it")
async def select_master(call: NamedDependency[Call]) -> Response[Done]:
    outcome = await call.command(SelectAttempt(None, _asset(call), _id(call)))
    return call.done(outcome)


def _asset(call: Call) -> str:
    return str(call.request.path_params["asset_id"])


def _id(call: Call) -> str:
    return str(call.request.path_params["attempt_id"])


router = Router(
    "/api/projects/{project_id:uuid}/scenes/{scene_id:uuid}/assets",
    route_handlers=[generate, generate_many, list_attempts, select_attempt, delete_attempt],
    tags=["attempts"],
)
master_router = Router(
    "/api/projects/{project_id:uuid}/assets",
    route_handlers=[generate_master, generate_masters, list_masters, select_master],
    tags=["attempts"],
)
