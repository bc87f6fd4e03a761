"""Counts and times of requests, by route and not by path, so that ids make no series."""

import time

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Meters:
    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "route", "status")
        self.requests = Counter(
            "aiuteur_requests_total", "Requests answered", labels, registry=registry
        )
        self.seconds = Histogram(
            "aiuteur_request_seconds", "Time to the first byte", labels[:2], registry=registry
        )
        self.under_way = Gauge(
            "aiuteur_open_requests", "Requests under way, streams included", registry=registry
        )


def metered(app: ASGIApp) -> ASGIApp:
    """The meters are made when the program starts, so they are looked up in its state."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        meters: Meters = scope["litestar_app"].state.meters
        method, began = str(scope["method"]), time.perf_counter()

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = str(scope.get("path_template") or "other")
                meters.seconds.labels(method, route).observe(time.perf_counter() - began)
                meters.requests.labels(method, route, str(message["status"])).inc()
            await send(message)

        with meters.under_way.track_inprogress():
            await app(scope, receive, measured)

    return call
