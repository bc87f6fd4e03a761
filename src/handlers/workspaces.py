"""Workspaces and the keys that open them (S15)."""

import hmac
import secrets
from hashlib import sha256

from msgspec import Struct

from domain import workspace as rules
from domain.workspace import Role
from handlers.actor import Actor
from handlers.execute import Asked, Executor
from handlers.log import Write
from handlers.views import Views, Want
from handlers.warm import WORKSPACE
from projections.key_rings import EVERYWHERE, KEY_RINGS

PREFIX = "aiu"


class Issued(Struct, frozen=True):
    """`token` is shown this once: what is stored of its secret is a digest."""

    key: str
    token: str


async def open_workspace(executor: Executor, name: str) -> tuple[str, Issued]:
    """A new workspace with its first key, which may do everything."""
    tenant, key, secret = executor.ids.new(), executor.ids.new(), secrets.token_urlsafe(32)
    asked = Asked(Actor(tenant, "console", "admin"), executor.ids.new())
    facts = [
        rules.WorkspaceCreated(name),
        rules.KeyIssued(key, "first key", _digest(secret), "admin"),
    ]
    write = Write(tenant, 0, executor.events(facts, asked), None, opens=True)
    await executor.log.append(executor.append(asked, (write,), tenant, len(facts)))
    return tenant, Issued(key, f"{PREFIX}_{key}_{secret}")


async def issue_key(executor: Executor, name: str, role: Role, asked: Asked) -> Issued:
    key, secret = executor.ids.new(), secrets.token_urlsafe(32)
    command = rules.IssueKey(key, name, _digest(secret), role)
    tenant = asked.actor.tenant
    await executor.execute(
        WORKSPACE, tenant, tenant, lambda state: rules.decide(command, state), asked
    )
    return Issued(key, f"{PREFIX}_{key}_{secret}")


async def who(views: Views, token: str) -> Actor | None:
    """The actor whom the token names, if its secret is right."""
    prefix, _, rest = token.partition("_")
    key, _, secret = rest.partition("_")
    if prefix != PREFIX or len(key) != 36 or not secret:
        return None
    found = await views.find([Want(KEY_RINGS.name, EVERYWHERE, (key,))])
    body = found.documents.get((KEY_RINGS.name, EVERYWHERE, key))
    digest = _digest(secret)
    if body is None:
        return None
    known = KEY_RINGS.decode(body)
    if not hmac.compare_digest(known.digest, digest):
        return None
    return Actor(known.tenant, known.id, known.role)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
