"""The root decider of a workspace: its name and the keys that open it."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Literal, assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.refusal import not_found

Role = Literal["viewer", "editor", "admin"]


class WorkspaceCreated(Struct, frozen=True, tag="workspace.created"):
    name: str


class KeyIssued(Struct, frozen=True, tag="key.issued"):
    """`digest` is the SHA-256 of the key's secret half, in hex; the secret is shown once and
    stored nowhere."""

    key: str
    name: str
    digest: str
    role: Role


class KeyRevoked(Struct, frozen=True, tag="key.revoked"):
    key: str


Fact = WorkspaceCreated | KeyIssued | KeyRevoked


class Workspace(Struct, frozen=True):
    name: str = ""
    keys: dict[str, KeyIssued] = {}


def evolve(state: Workspace, fact: Fact) -> Workspace:
    match fact:
        case WorkspaceCreated(name):
            return replace(state, name=name)
        case KeyIssued(key):
            return replace(state, keys={**state.keys, key: fact})
        case KeyRevoked(key):
            left = {id: each for id, each in state.keys.items() if id != key}
            return replace(state, keys=left)
        case _:
            assert_never(fact)


def fold(facts: Iterable[Fact], state: Workspace | None = None) -> Workspace:
    return reduce(evolve, facts, state or Workspace())


class CreateWorkspace(Struct, frozen=True):
    name: str


class IssueKey(Struct, frozen=True):
    key: str
    name: str
    digest: str
    role: Role


class RevokeKey(Struct, frozen=True):
    key: str


Command = CreateWorkspace | IssueKey | RevokeKey


def decide(command: Command, state: Workspace) -> Sequence[Fact]:
    match command:
        case CreateWorkspace(name):
            return [] if state.name else [WorkspaceCreated(name)]
        case IssueKey(key, name, digest, role):
            return [] if key in state.keys else [KeyIssued(key, name, digest, role)]
        case RevokeKey(key):
            if key not in state.keys:
                raise not_found("key", key)
            return [KeyRevoked(key)]
        case _:
            assert_never(command)
