"""What is looked at before any route: the media type and size of a body (S20, S32)."""

from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.problems import problem

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
MAX_BODY = 4_000_000


def strict_bodies(app: ASGIApp) -> ASGIApp:
    """JSON must say that it is JSON: a body that a page could send unasked is refused."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] in WITH_BODY:
            headers = dict(scope["headers"])
            length = headers.get(b"content-length", b"")
            chunked = b"transfer-encoding" in headers
            kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
            if (chunked or length not in (b"", b"0")) and kind != b"application/json":
                refusal = problem(415, "WRONG_MEDIA_TYPE", "Send application/json.")
                await _send(refusal, scope, receive, send)
                return
        await app(scope, receive, send)

    return call


async def _send(refusal: Any, scope: Scope, receive: Receive, send: Send) -> None:
    body = refusal.content
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": refusal.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
