"""Every error in one shape (S39): no stack, no SQL, no 5xx for what a caller sent."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    SerializationException,
    ValidationException,
)

from api.wire import PATTERNS, Problem
from domain.refusal import Refused
from handlers.actor import Forbidden
from handlers.blobs import BlobsUnavailable
from handlers.execute import Stale
from handlers.log import KeyReused, LogUnavailable
from handlers.reads import Lagging

log = logging.getLogger("aiuteur.api")

STATUS: Mapping[str, int] = {
    "STAGE_LOCKED": 423,
    "TAG_EMPTY": 422,
    "TAG_RESERVED": 422,
    "TAG_TOO_LONG": 422,
    "TOO_MANY_TAGS": 422,
    "TONE_EMPTY": 422,
    "STAGE_UNKNOWN": 422,
    "STAGE_IS_PROJECT_WIDE": 422,
    "STAGE_NEEDS_SCENE": 422,
    "BRANCH_NAME_INVALID": 422,
    "FORK_BEYOND_HEAD": 422,
    "VERSION_BEYOND_HEAD": 422,
    "REF_INVALID": 422,
    "ASSET_NOT_IN_EXTRACTION": 422,
    "SCRIPT_EMPTY": 422,
    "SEED_INVALID": 422,
    "ESTIMATE_INVALID": 422,
    "CURSOR_INVALID": 422,
    "HEADER_INVALID": 400,
    "UNAUTHENTICATED": 401,
    "TOO_LARGE": 413,
    "WRONG_MEDIA_TYPE": 415,
}
"""Refusals that are not 409 (a rule says no) or 404 (their code ends in _NOT_FOUND)."""


def status_of(refused: Refused) -> int:
    if isinstance(refused, Stale):
        return 412
    if isinstance(refused, Forbidden):
        return 403
    if refused.code.endswith("_NOT_FOUND"):
        return 404
    return STATUS.get(refused.code, 409)


def problem(
    status: int,
    code: str,
    error: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    body = Problem(
        type=f"/errors/{code.lower().replace('_', '-')}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=error,
        code=code,
        error=error,
        details=dict(details or {}),
    )
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )


def refused(_: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return problem(status, error.code, error.error, error.details, headers)


def invalid(_: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    extra = error.extra if isinstance(error.extra, list) else []
    fields = [
        {"field": field, "message": _readable(field, message)}
        for field, message in (
            (str(each.get("key", "")), str(each.get("message", "")))
            for each in extra
            if isinstance(each, dict)
        )
        if message != repr(field) or field == "data"  # the library's own look-ups, not the caller's
    ]
    said = "; ".join(f"{f['field']}: {f['message']}".strip(": ") for f in fields)
    return problem(422, "INVALID", said or "The request is not valid.", {"fields": fields})


def _readable(field: str, message: str) -> str:
    if message == repr(field):
        return "A JSON body is needed."
    return next((said for it, said in PATTERNS.items() if repr(it) in message), message)


def malformed(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return problem(400, "MALFORMED", "The body cannot be read as JSON.")


def http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    phrase = HTTPStatus(status).phrase
    if status == 400 and isinstance(error.__cause__, SerializationException | UnicodeError):
        return malformed(_, error)
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "TOO_LARGE"}.get(
        status, phrase.upper().replace(" ", "_").replace("-", "_")
    )
    return problem(status, code, error.detail if status < 500 else phrase, {}, error.headers)


def key_reused(_: Request[Any, Any, Any], error: KeyReused) -> Response[bytes]:
    return problem(
        422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used for another request."
    )


def away(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.warning("a store is away: %r", error)
    return problem(
        503, "UNAVAILABLE", "A store is away for a moment. Try again.", {}, {"Retry-After": "1"}
    )


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "INTERNAL", "Something went wrong on our side. It was recorded.")


HANDLERS: dict[Any, Any] = {
    Refused: refused,
    ValidationException: invalid,
    SerializationException: malformed,
    RecursionError: malformed,
    UnicodeDecodeError: malformed,
    HTTPException: http_error,
    KeyReused: key_reused,
    LogUnavailable: away,
    BlobsUnavailable: away,
    Lagging: away,
    Exception: unexpected,
}
