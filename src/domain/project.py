"""The root decider of a project: its settings and its branches."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.ids import folded
from domain.refusal import Refused, not_found
from domain.values import AspectRatio


class ProjectCreated(Struct, frozen=True, tag="project.created"):
    title: str
    aspect_ratio: AspectRatio


class ProjectRenamed(Struct, frozen=True, tag="project.renamed"):
    title: str


class ProjectAspectRatioSet(Struct, frozen=True, tag="project.aspect_ratio_set"):
    aspect_ratio: AspectRatio


class BranchCreated(Struct, frozen=True, tag="branch.created"):
    """The branch shares its parent's history up to version `forked_at` and goes its own way from
    there. The first branch has no parent."""

    branch: str
    name: str
    parent: str | None
    forked_at: int


class BranchActivated(Struct, frozen=True, tag="branch.activated"):
    branch: str


Fact = ProjectCreated | ProjectRenamed | ProjectAspectRatioSet | BranchCreated | BranchActivated


class Line(Struct, frozen=True):
    name: str
    parent: str | None
    forked_at: int


class Project(Struct, frozen=True):
    title: str = ""
    aspect_ratio: AspectRatio = "16:9"
    branches: dict[str, Line] = {}
    active: str = ""

    def named(self, name: str) -> str | None:
        """The branch of that name."""
        wanted = folded(name)
        return next((b for b, line in self.branches.items() if folded(line.name) == wanted), None)


def evolve(state: Project, fact: Fact) -> Project:
    match fact:
        case ProjectCreated(title, aspect_ratio):
            return replace(state, title=title, aspect_ratio=aspect_ratio)
        case ProjectRenamed(title):
            return replace(state, title=title)
        case ProjectAspectRatioSet(aspect_ratio):
            return replace(state, aspect_ratio=aspect_ratio)
        case BranchCreated(branch, name, parent, forked_at):
            line = Line(name, parent, forked_at)
            return replace(
                state,
                branches={**state.branches, branch: line},
                active=state.active or branch,
            )
        case BranchActivated(branch):
            return replace(state, active=branch)
        case _:
            assert_never(fact)


def fold(facts: Iterable[Fact], state: Project | None = None) -> Project:
    return reduce(evolve, facts, state or Project())


class CreateProject(Struct, frozen=True):
    title: str
    aspect_ratio: AspectRatio
    main: str
    """The id of the first branch."""


class RenameProject(Struct, frozen=True):
    title: str


class SetAspectRatio(Struct, frozen=True):
    aspect_ratio: AspectRatio


class CreateBranch(Struct, frozen=True):
    """`head` is the parent's version now: no branch forks off what has not happened."""

    branch: str
    name: str
    parent: str
    forked_at: int
    head: int


class ActivateBranch(Struct, frozen=True):
    branch: str


Command = CreateProject | RenameProject | SetAspectRatio | CreateBranch | ActivateBranch


def decide(command: Command, state: Project) -> Sequence[Fact]:
    match command:
        case CreateProject(title, aspect_ratio, main):
            if state.title:
                raise Refused("PROJECT_EXISTS", "This project exists.")
            return [ProjectCreated(title, aspect_ratio), BranchCreated(main, "main", None, 0)]
        case RenameProject(title):
            return [] if title == state.title else [ProjectRenamed(title)]
        case SetAspectRatio(aspect_ratio):
            same = aspect_ratio == state.aspect_ratio
            return [] if same else [ProjectAspectRatioSet(aspect_ratio)]
        case CreateBranch():
            return _create_branch(command, state)
        case ActivateBranch(branch):
            if branch not in state.branches:
                raise not_found("branch", branch)
            return [] if branch == state.active else [BranchActivated(branch)]
        case _:
            assert_never(command)


def _create_branch(command: CreateBranch, state: Project) -> Sequence[Fact]:
    name = command.name.strip()
    if not name or "@" in name or "/" in name:
        raise Refused(
            "BRANCH_NAME_INVALID", "A branch has a name without '@' and '/'.", name=command.name
        )
    if command.parent not in state.branches:
        raise not_found("branch", command.parent)
    taken = state.named(name)
    if taken is not None:
        raise Refused("BRANCH_EXISTS", f"There is a branch called {name} already.", branch=taken)
    if not 0 <= command.forked_at <= command.head:
        raise Refused(
            "FORK_BEYOND_HEAD",
            f"The branch has {command.head} versions; it cannot be forked at {command.forked_at}.",
            forkedAt=command.forked_at,
            head=command.head,
        )
    return [BranchCreated(command.branch, name, command.parent, command.forked_at)]
