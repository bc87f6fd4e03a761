"""Image files, through the API: private, immutable, and never taken for anything else (S23)."""

import re
from typing import Annotated, Any, Literal

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.call import Call
from domain.refusal import not_found
from handlers.blobs import blob_key
from handlers.perform import thumbnail_key
from handlers.warm import PROJECT

_DIGEST = re.compile(r"[0-9a-f]{64}")
_KINDS = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"RIFF", "image/webp"))


def image_url(project: str, digest: str | None) -> str | None:
    return f"/api/projects/{project}/images/{digest}" if digest else None


def thumbnail_url(project: str, digest: str | None) -> str | None:
    return f"{image_url(project, digest)}?size=thumbnail" if digest else None


@get("/api/projects/{project_id:uuid}/images/{digest:str}", summary="An image file")
async def get_image(
    call: NamedDependency[Call],
    digest: FromPath[str],
    size: Annotated[
        Literal["original", "thumbnail"], QueryParameter(name="size", required=False)
    ] = "original",
) -> Response[bytes]:
    await call.executor.state(PROJECT, call.project, call.actor)
    if not _DIGEST.fullmatch(digest):
        raise not_found("image", digest)
    tenant = call.actor.tenant
    key = thumbnail_key(tenant, digest) if size == "thumbnail" else blob_key(tenant, digest)
    body = await call.services.blobs.get(key)
    kind = next((media for magic, media in _KINDS if body and body.startswith(magic)), None)
    if body is None or kind is None:
        raise not_found("image", digest)
    headers: dict[str, Any] = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline",
    }
    return Response(body, media_type=kind, headers=headers)


router = Router("/", route_handlers=[get_image], tags=["images"])
