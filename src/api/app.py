"""The application: routes, errors, the way in, the documentation page."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import offapi
from litestar import Litestar, Router
from litestar.datastructures import ResponseHeader, State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

from api import (
    assets,
    attempts,
    branches,
    events,
    images,
    instances,
    jobs,
    operations,
    projects,
    references,
    scenes,
    scripts,
    stages,
    stream,
)
from api.auth import OPEN, KeyMiddleware, Keys
from api.call import Services, provide_call
from api.documentation import Documentation
from api.guards import MAX_BODY, strict_bodies
from api.metering import Meters, metered
from api.problems import HANDLERS

Lifespan = Callable[[], AbstractAsyncContextManager[Services]]

ROUTERS: Sequence[Router] = (
    projects.router,
    branches.router,
    branches.diff_router,
    stages.router,
    scripts.router,
    scripts.style_router,
    assets.router,
    scenes.router,
    instances.router,
    references.router,
    attempts.router,
    attempts.master_router,
    jobs.router,
    images.router,
    events.router,
    stream.router,
    operations.router,
)
_UI = "/docs/ui"


def create_app(lifespan: Lifespan) -> Litestar:
    """`lifespan` opens and closes what the routes use."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with lifespan() as services:
            install(app, services)
            yield

    return Litestar(
        route_handlers=[*ROUTERS, _ui_files()],
        lifespan=[running],
        dependencies={"call": Provide(provide_call)},
        exception_handlers=HANDLERS,
        middleware=[
            metered,
            strict_bodies,
            DefineMiddleware(KeyMiddleware, exclude=[f"^{path}" for path in OPEN]),
        ],
        openapi_config=_openapi(),
        request_max_body_size=MAX_BODY,
        response_headers=[ResponseHeader(name="X-Content-Type-Options", value="nosniff")],
        state=State(),
        logging_config=None,
    )


def install(app: Litestar, services: Services) -> None:
    """Gives the routes what they use."""
    app.state.services = services
    app.state.key_cache = Keys(services.views)
    app.state.meters = Meters(services.metrics)


def _ui_files() -> Router:
    """The documentation page's files come from a package: no CDN is asked."""
    folder = Path(offapi.__file__).parent
    return create_static_files_router(path=_UI, directories=[folder], include_in_schema=False)


def _openapi() -> OpenAPIConfig:
    return Documentation(
        title="Aiuteur",
        version="1",
        path="/docs",
        render_plugins=[
            SwaggerRenderPlugin(
                path="/",
                js_url=f"{_UI}/swagger_bundle.js",
                css_url=f"{_UI}/swagger_style.css",
                standalone_preset_js_url=f"{_UI}/swagger_preset.js",
                favicon='<link rel="icon" href="data:,">',
            )
        ],
        components=Components(
            security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}
        ),
        security=[{"key": []}],
    )
