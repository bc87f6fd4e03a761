"""How the program is: alive, ready, measured."""

from typing import Any

from litestar import Request, Response, Router, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


@get("/healthz", summary="The process answers")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@get("/readyz", summary="The stores answer, and no read model stands still")
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    checks = await request.app.state.services.ready()
    ready = all(check["ok"] for check in checks.values())
    return Response({"ready": ready, "checks": checks}, status_code=200 if ready else 503)


@get("/metrics", summary="Prometheus metrics")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    body = generate_latest(request.app.state.services.metrics)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


router = Router("/", route_handlers=[healthz, readyz, metrics], tags=["operations"])
