"""The event stream: server-sent events for whoever follows a project."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, HeaderParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.auth import bearer
from api.call import Call
from api.events import PAGE, feed
from handlers.cloud import cloud_event
from handlers.cursors import Cursor
from handlers.log import LogUnavailable
from handlers.warm import PROJECT

HEARTBEAT = 15.0
RECHECK = 3.0
"""With the seconds for which a key is remembered: a revoked key's streams end within five."""


@get("/events/stream", summary="The project's events as they happen (server-sent events)")
async def stream_events(
    call: NamedDependency[Call],
    after: FromQuery[str | None] = None,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", required=False)
    ] = None,
) -> ServerSentEvent:
    """Goes on behind `Last-Event-ID` (or `?after=`). The event `caught-up` says that what
    follows is new. A comment comes every 15 seconds when nothing else does."""
    await call.executor.state(PROJECT, call.project, call.actor)
    cursor = Cursor(await call.executor.log.head())
    position = cursor.position(last_event_id or after)
    return ServerSentEvent(follow(call, cursor, position))


async def follow(
    call: Call, cursor: Cursor, position: int
) -> AsyncIterator[ServerSentEventMessage]:
    """Ends when the log is away (the client comes back with its Last-Event-ID) or the key was
    revoked."""
    log, caught_up = call.executor.log, False
    told = checked = time.monotonic()
    while True:
        mark = log.mark()
        try:
            records = await feed(call, position, PAGE)
        except LogUnavailable:
            return
        for record in records:
            position = record.position
            event = msgspec.json.encode(cloud_event(record)).decode()
            yield ServerSentEventMessage(id=cursor.token(position), event=record.type, data=event)
        if len(records) == PAGE:
            continue
        now = time.monotonic()
        if not caught_up:
            caught_up, told = True, now
            token = cursor.token(position)
            yield ServerSentEventMessage(id=token, event="caught-up", data=token)
        elif records:
            told = now
        elif now - told >= HEARTBEAT:
            told = now
            yield ServerSentEventMessage(data=None, comment="alive")
        if now - checked > RECHECK:
            checked = now
            if not await _still_valid(call):
                return
        await log.wait(mark, min(HEARTBEAT, RECHECK))


async def _still_valid(call: Call) -> bool:
    """S29: a revoked key ends its streams."""
    token = bearer(call.request)
    return token is not None and await call.request.app.state.key_cache.actor(token) is not None


router = Router("/api/projects/{project_id:uuid}", route_handlers=[stream_events], tags=["history"])
