"""Projects and their branch trees."""

from collections.abc import Iterable

from msgspec import Struct

from domain.project import (
    BranchActivated,
    BranchCreated,
    Fact,
    ProjectAspectRatioSet,
    ProjectCreated,
    ProjectRenamed,
)
from domain.record import Recorded, Told
from domain.values import AspectRatio
from projections.engine import Projection, tenant_scope


class BranchEntry(Struct):
    id: str
    name: str
    parent: str | None
    forked_at: int
    created_at: str
    created_by: str


class BranchTree(Struct):
    """One project: its settings and its branches in the order in which they were made."""

    id: str
    title: str
    aspect_ratio: AspectRatio
    created_at: str
    updated_at: str
    active: str = ""
    branches: list[BranchEntry] = []


def keys(fact: Fact) -> Iterable[str]:
    return ("",)


def apply(document: BranchTree | None, told: Told) -> BranchTree:
    fact, meta = told.fact, told.meta
    if isinstance(fact, ProjectCreated):
        return BranchTree(told.record.stream, fact.title, fact.aspect_ratio, meta.time, meta.time)
    assert document is not None
    document.updated_at = meta.time
    match fact:
        case ProjectRenamed(title):
            document.title = title
        case ProjectAspectRatioSet(aspect_ratio):
            document.aspect_ratio = aspect_ratio
        case BranchActivated(branch):
            document.active = branch
        case BranchCreated(branch, name, parent, forked_at):
            entry = BranchEntry(branch, name, parent, forked_at, meta.time, meta.actor)
            document.branches = [*document.branches, entry]
            document.active = document.active or branch
    return document


def own_scope(record: Recorded) -> str | None:
    """The project's own stream."""
    return record.stream if record.stream == record.project else None


FACTS = (
    ProjectCreated,
    ProjectRenamed,
    ProjectAspectRatioSet,
    BranchCreated,
    BranchActivated,
)
BRANCH_TREES = Projection(
    name="branch_trees",
    document=BranchTree,
    keys=keys,
    apply=apply,
    facts=FACTS,
    scope=own_scope,
    follows_forks=False,
)


class ProjectCard(Struct):
    id: str
    title: str
    aspect_ratio: AspectRatio
    created_at: str


def apply_card(document: dict[str, ProjectCard] | None, told: Told) -> dict[str, ProjectCard]:
    cards, fact, project = document or {}, told.fact, told.record.stream
    match fact:
        case ProjectCreated(title, aspect_ratio):
            cards[project] = ProjectCard(project, title, aspect_ratio, told.meta.time)
        case ProjectRenamed(title):
            cards[project].title = title
        case ProjectAspectRatioSet(aspect_ratio):
            cards[project].aspect_ratio = aspect_ratio
    return cards


DASHBOARDS = Projection(
    name="dashboards",
    document=dict[str, ProjectCard],
    keys=keys,
    apply=apply_card,
    facts=(ProjectCreated, ProjectRenamed, ProjectAspectRatioSet),
    scope=tenant_scope,
    follows_forks=False,
)
