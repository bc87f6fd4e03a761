"""The event feed in pages for audit, and timelines for people."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from api.call import Call
from api.wire import Listing, View
from domain.record import Recorded, tell
from domain.refusal import not_found
from handlers.cloud import CloudEvent, cloud_event
from handlers.cursors import Cursor
from handlers.reads import Wish
from handlers.warm import PROJECT
from projections.assets import ASSETS
from projections.scenes import SCENES, numbers
from projections.timeline import Names, sentence

PAGE = 200
MAX_PAGE = 1000
AfterVersion = Annotated[int, QueryParameter(name="after", required=False, ge=0, le=2**53)]


class EventPage(View):
    """`cursor` goes on from here, also when nothing more is there now."""

    items: list[CloudEvent]
    cursor: str
    caught_up: bool


class Moment(View):
    """`seq` is the version of the branch; `branch` where it was recorded."""

    version: int
    position: int
    type: str
    sentence: str
    time: str
    actor: str
    reason: str | None
    subject: str | None


@get("/events", summary="The project's events, oldest first")
async def list_events(
    call: NamedDependency[Call],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = PAGE,
    types: FromQuery[str | None] = None,
    subject: FromQuery[str | None] = None,
    actor: FromQuery[str | None] = None,
) -> Response[EventPage]:
    await call.executor.state(PROJECT, call.project, call.actor)
    head = await call.executor.log.head()
    cursor = Cursor(head)
    position = cursor.position(after)
    wanted = set(types.split(",")) if types else None
    found: list[CloudEvent] = []
    count = max(1, min(limit, MAX_PAGE))
    records: Sequence[Recorded] = ()
    for _ in range(10):  # a rare filter ends a page early: the cursor goes on
        records = await feed(call, position, MAX_PAGE)
        for record in records:
            position = record.position
            event = cloud_event(record)
            if _matches(event, wanted, subject, actor):
                found.append(event)
            if len(found) == count:
                break
        if len(found) == count or len(records) < MAX_PAGE:
            break
    done = not await feed(call, position, 1)
    content = EventPage(items=found, cursor=cursor.token(position), caught_up=done)
    return call.answer(content)


def _matches(
    event: CloudEvent, types: set[str] | None, subject: str | None, actor: str | None
) -> bool:
    return (
        (types is None or event.type in types)
        and (subject is None or event.subject == subject)
        and (actor is None or event.actor == actor)
    )


async def feed(call: Call, after: int, limit: int) -> Sequence[Recorded]:
    return await call.executor.log.feed(after, limit, call.project, call.actor.tenant)


@get(
    ["/timeline", "/assets/{asset_id:uuid}/timeline"],
    summary="The branch's history, or one asset's, in sentences",
)
async def get_timeline(
    call: NamedDependency[Call], limit: FromQuery[int] = PAGE, after: AfterVersion = 0
) -> Response[Listing[Moment]]:
    ref = await call.ref()
    page = await call.page(Wish(ASSETS), Wish(SCENES))
    asset = call.request.path_params.get("asset_id")
    if asset is not None and page.get(ASSETS, str(asset)) is None:
        raise not_found("asset", str(asset))
    names = Names(
        {id: each.name for id, each in page.all(ASSETS).items()},
        {id: f"Scene {number}" for id, number in numbers(page.all(SCENES)).items()},
    )
    count = max(1, min(limit, MAX_PAGE))
    found: list[Moment] = []
    seen, more = after, True
    while len(found) < count and more:
        records = await call.executor.log.read(ref.branch, seen, ref.version, MAX_PAGE)
        more = len(records) == MAX_PAGE
        for record in records:
            seen = record.version
            moment = _moment(record, names, str(asset) if asset else None)
            if moment is not None:
                found.append(moment)
            if len(found) == count:
                more = True
                break
    cursor = str(seen) if more else None
    return call.answer(Listing(items=found, cursor=cursor), page.version)


def _moment(record: Recorded, names: Names, asset: str | None) -> Moment | None:
    told = tell(record)
    if asset is not None and getattr(told.fact, "asset", None) != asset:
        return None
    return Moment(
        version=record.version,
        position=record.position,
        type=record.type,
        sentence=sentence(told, names),
        time=told.meta.time,
        actor=told.meta.actor,
        reason=told.meta.reason,
        subject=told.meta.subject,
    )


router = Router(
    "/api/projects/{project_id:uuid}",
    route_handlers=[list_events, get_timeline],
    tags=["history"],
)
