"""Who asks, and what he may do (S17): one function for every way in."""

from typing import Literal

from msgspec import Struct

from domain.refusal import Refused
from domain.workspace import Role

Action = Literal["read", "write", "administer"]

_MAY: dict[Role, tuple[Action, ...]] = {
    "viewer": ("read",),
    "editor": ("read", "write"),
    "admin": ("read", "write", "administer"),
}


class Actor(Struct, frozen=True):
    """`id` names the key (or the worker) in the log; people's names stay out of it."""

    tenant: str
    id: str
    role: Role


class Forbidden(Refused):
    """The actor is known and may not do this."""


def authorise(actor: Actor, action: Action) -> None:
    if action not in _MAY[actor.role]:
        raise Forbidden(
            "FORBIDDEN", f"A key with the role {actor.role} may not {action}.", role=actor.role
        )


def worker(tenant: str) -> Actor:
    """The program itself, on behalf of a workspace."""
    return Actor(tenant, "worker", "editor")
