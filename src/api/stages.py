"""Stages: the board, locks, unlocks in place or into a branch."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.branches import activate
from api.call import Call
from api.wire import Body, Done, Name, Reason
from domain.branch import Branch
from domain.record import tell
from domain.refusal import not_found
from domain.stages.decide import LockStage, SkipStage, UnlockStage
from handlers.branches import unlock_into_branch
from handlers.execute import Outcome
from handlers.reads import Wish
from projections.scenes import SCENES, numbers
from projections.stage_boards import PROJECT, STAGE_BOARDS, rows


class ReasonBody(Body):
    reason: Reason | None = None


class NewBranch(Body):
    name: Name
    activate: bool = False


class UnlockBody(Body):
    """`branch` leaves the stage locked where it is and opens it on a new branch (R029)."""

    reason: Reason | None = None
    branch: NewBranch | None = None


class UnlockView(Done):
    """`unlocked` are the stages that are open again: with one, all that rested on it."""

    branch: str
    unlocked: list[dict[str, Any]]


def scene_of(call: Call) -> str | None:
    scene = call.request.path_params.get("scene_id")
    return str(scene) if scene else None


@get(["/stages", "/scenes/{scene_id:uuid}/stages"], summary="The status of every stage")
async def get_stages(call: NamedDependency[Call]) -> Response[dict[str, Any]]:
    scene = scene_of(call)
    page = await call.page(Wish(STAGE_BOARDS, (PROJECT, *([scene] if scene else []))), Wish(SCENES))
    number = numbers(page.all(SCENES))
    own = page.get(STAGE_BOARDS, scene) if scene else None
    if scene and scene not in number:
        raise not_found("scene", scene)
    content: dict[str, Any] = {"stages": rows(page.get(STAGE_BOARDS, PROJECT), own)}
    if scene:
        content |= {"sceneId": scene, "sceneNumber": number[scene]}
    return call.answer(content, page.version)


@post(
    ["/stages/{stage:int}/lock", "/scenes/{scene_id:uuid}/stages/{stage:int}/lock"],
    status_code=200,
    summary="Lock a stage; the one before it must be locked",
)
async def lock_stage(
    call: NamedDependency[Call], stage: FromPath[int], data: JSONBody[ReasonBody | None] = None
) -> Response[Done]:
    reason = data.reason if data else None
    outcome = await call.command(LockStage(stage, scene_of(call)), reason)
    return call.done(outcome)


@post(
    ["/stages/{stage:int}/skip", "/scenes/{scene_id:uuid}/stages/{stage:int}/skip"],
    status_code=200,
    summary="Say that a stage is not needed",
)
async def skip_stage(
    call: NamedDependency[Call], stage: FromPath[int], data: JSONBody[ReasonBody | None] = None
) -> Response[Done]:
    reason = data.reason if data else None
    outcome = await call.command(SkipStage(stage, scene_of(call)), reason)
    return call.done(outcome)


@post(
    ["/stages/{stage:int}/unlock", "/scenes/{scene_id:uuid}/stages/{stage:int}/unlock"],
    status_code=200,
    summary="Unlock a stage, in place or into a new branch",
)
async def unlock_stage(
    call: NamedDependency[Call], stage: FromPath[int], data: JSONBody[UnlockBody | None] = None
) -> Response[UnlockView]:
    body = data or UnlockBody()
    command = UnlockStage(stage, scene_of(call))
    if body.branch is None:
        outcome = await call.command(command, body.reason)
    else:
        asked = await call.asked(body.reason)
        forked = await unlock_into_branch(
            call.executor, call.project, body.branch.name, await call.ref(), command, asked
        )
        outcome = forked.outcome
        if body.branch.activate:
            await activate(call, forked.branch)
    content = UnlockView(
        version=outcome.version,
        position=outcome.position,
        branch=outcome.stream,
        unlocked=[
            {"stage": fact.stage, "sceneId": fact.scene} for fact in await _facts(call, outcome)
        ],
    )
    return call.answer(content, outcome=outcome)


async def _facts(call: Call, outcome: Outcome[Branch]) -> Sequence[Any]:
    """What the command made; from the log, when the answer is given again."""
    asked, log = await call.asked(), call.executor.log
    known = None
    if outcome.replayed:
        known = await log.known(call.actor.tenant, asked.id, asked.fingerprint)
    if known is None:
        return outcome.facts
    count = known.last - known.first + 1
    records = await log.feed(known.first - 1, count, call.project, call.actor.tenant)
    return [tell(record).fact for record in records if record.stream == outcome.stream]


router = Router(
    "/api/projects/{project_id:uuid}",
    route_handlers=[get_stages, lock_stage, skip_stage, unlock_stage],
    tags=["stages"],
)
