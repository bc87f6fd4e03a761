"""Jobs and batches: how the work stands, and what it would cost."""

import re
from typing import Any, Literal

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from api.call import Call
from api.images import image_url
from api.wire import Body, Id, Listing, View
from domain.refusal import Refused, not_found
from handlers.jobs import Jobs
from handlers.reads import Page, Wish
from handlers.warm import PROJECT
from projections.jobs import BATCHES, JOBS, JobDocument, summary

Status = Literal["pending", "in_progress", "completed", "failed"]
MAX_PAGE = 200
_CURSOR = re.compile(r"[0-9TZ:.+-]{10,40}~[0-9a-f-]{36}")


class EstimateBody(Body):
    """Name the instances or assets, or just say how many images."""

    instance_ids: list[Id] | None = None
    asset_ids: list[Id] | None = None
    images: int | None = None


class EstimateView(View):
    images: int
    credits: str
    question: str


class JobView(View):
    id: str
    type: str
    status: Status
    branch_id: str
    scene_id: str | None
    asset_id: str
    batch_id: str | None
    prompt: str
    public_url: str | None
    error: str | None
    cost: str | None
    charge: str | None
    late: bool
    created_at: str
    ended_at: str | None
    poll_after_ms: int = 2000


async def view(jobs: Jobs, project: str, documents: list[JobDocument]) -> list[JobView]:
    open_ = [job.id for job in documents if job.status == "pending"]
    held = await jobs.states(open_) if open_ else {}
    return [
        JobView(
            id=job.id,
            type=job.type,
            status="in_progress" if job.id in held else job.status,
            branch_id=job.branch,
            scene_id=job.scene,
            asset_id=job.asset,
            batch_id=job.batch,
            prompt=job.order.prompt,
            public_url=image_url(project, job.image),
            error=job.error,
            cost=job.cost,
            charge=job.charge,
            late=job.late,
            created_at=job.created_at,
            ended_at=job.ended_at,
        )
        for job in documents
    ]


@get("/api/projects/{project_id:uuid}/jobs", summary="Jobs, newest first")
async def list_jobs(
    call: NamedDependency[Call],
    status: FromQuery[Status | None] = None,
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str | None] = None,
) -> Response[Listing[JobView]]:
    page = await _page(call, Wish(JOBS))
    found = sorted(page.all(JOBS).values(), key=lambda j: (j.created_at, j.id), reverse=True)
    views = await view(call.services.jobs, call.project, found)
    views = [job for job in views if status is None or job.status == status]
    if cursor is not None:
        if not _CURSOR.fullmatch(cursor):
            raise Refused("CURSOR_INVALID", "This is no cursor of the job list.", cursor=cursor)
        views = [job for job in views if f"{job.created_at}~{job.id}" < cursor]
    count = max(1, min(limit, MAX_PAGE))
    part = views[:count]
    more = len(views) > count
    last = f"{part[-1].created_at}~{part[-1].id}" if more else None
    return call.answer(Listing(items=part, cursor=last))


@get("/api/projects/{project_id:uuid}/jobs/{job_id:uuid}", summary="One job")
async def get_job(call: NamedDependency[Call]) -> Response[JobView]:
    return call.answer(await _job(call, call.project))


@get("/api/images/jobs/{job_id:uuid}", summary="One job, by its id alone")
async def get_image_job(call: NamedDependency[Call]) -> Response[JobView]:
    project = await call.services.jobs.project_of(_id(call), call.actor.tenant)
    if project is None:
        raise not_found("job", _id(call))
    return call.answer(await _job(call, project))


async def _job(call: Call, project: str) -> JobView:
    await call.executor.state(PROJECT, project, call.actor)
    job = _id(call)
    page = await call.services.reads.of_scope(project, call.actor, Wish(JOBS, (job,)))
    found = page.get(JOBS, job)
    if found is None:
        raise not_found("job", job)
    return (await view(call.services.jobs, project, [found]))[0]


@get("/api/projects/{project_id:uuid}/batches/{batch_id:uuid}", summary="How far a batch has come")
async def get_batch(call: NamedDependency[Call]) -> Response[dict[str, Any]]:
    batch = str(call.request.path_params["batch_id"])
    page = await _page(call, Wish(BATCHES, (batch,)))
    found = page.get(BATCHES, batch)
    if found is None:
        raise not_found("batch", batch)
    jobs = await _page(call, Wish(JOBS, tuple(found.jobs)))
    return call.answer(summary(found, jobs.all(JOBS).values()))


@post(
    "/api/projects/{project_id:uuid}/generation/estimate",
    status_code=200,
    summary="What so many images would cost",
)
async def estimate(
    data: JSONBody[EstimateBody], call: NamedDependency[Call]
) -> Response[EstimateView]:
    await call.executor.state(PROJECT, call.project, call.actor)
    named = [*(data.instance_ids or []), *(data.asset_ids or [])]
    images = data.images if data.images is not None else len(dict.fromkeys(named))
    if not 0 <= images <= 10_000:
        raise Refused("ESTIMATE_INVALID", "Between 0 and 10000 images.", images=images)
    question = (
        f"This action will use approximately {images} credit(s) and generate {images} image(s). "
        "Continue?"
    )
    return call.answer(EstimateView(images=images, credits=f"{images}.0000", question=question))


async def _page(call: Call, *wishes: Wish) -> Page:
    await call.executor.state(PROJECT, call.project, call.actor)
    return await call.services.reads.of_scope(call.project, call.actor, *wishes)


def _id(call: Call) -> str:
    return str(call.request.path_params["job_id"])


router = Router(
    "/",
    route_handlers=[list_jobs, get_job, get_image_job, get_batch, estimate],
    tags=["jobs"],
)
