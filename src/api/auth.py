"""Who asks: a bearer key, checked against its digest, remembered for two seconds (S15: a revoked
key is out within five)."""

import time
from collections import OrderedDict
from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from domain.refusal import Refused
from handlers.actor import Actor
from handlers.views import Views
from handlers.workspaces import who

REMEMBER = 2.0
OPEN = ("/healthz", "/readyz", "/metrics", "/docs")


class Keys:
    def __init__(self, views: Views) -> None:
        self._views = views
        self._known: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    async def actor(self, token: str) -> Actor | None:
        known = self._known.get(token)
        if known and known[0] > time.monotonic():
            return known[1]
        actor = await who(self._views, token)
        self._known.pop(token, None)
        if actor is not None:
            self._known[token] = (time.monotonic() + REMEMBER, actor)
            while len(self._known) > 1000:
                self._known.popitem(last=False)
        return actor


class KeyMiddleware(AbstractAuthenticationMiddleware):
    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        token = bearer(connection)
        actor = await connection.app.state.key_cache.actor(token) if token else None
        if actor is None:
            raise Refused("UNAUTHENTICATED", "Send a valid key: Authorization: Bearer aiu_...")
        return AuthenticationResult(user=actor, auth=token)


def bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 300 or not token.isascii():
        return None
    return token
