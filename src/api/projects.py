"""Projects."""

from typing import Any

from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.branches import BranchView, branch_views
from api.call import Call
from api.wire import Body, Listing, Title, View
from domain.project import Project, RenameProject, SetAspectRatio
from domain.project import decide as project_rules
from domain.values import AspectRatio
from handlers import projects
from handlers.reads import Wish
from handlers.warm import PROJECT
from projections.branch_trees import DASHBOARDS, BranchTree, ProjectCard


class CreateProjectBody(Body):
    title: Title
    aspect_ratio: AspectRatio = "16:9"


class ChangeProjectBody(Body):
    title: Title | None = None
    aspect_ratio: AspectRatio | None = None


class CardView(View):
    id: str
    title: str
    aspect_ratio: str
    created_at: str


class ProjectView(View):
    id: str
    title: str
    aspect_ratio: str
    active_branch: str
    branches: list[BranchView]
    created_at: str
    updated_at: str
    version: int


@get("/api/projects", summary="All projects of the workspace")
async def list_projects(call: NamedDependency[Call]) -> Response[Listing[CardView]]:
    page = await call.services.reads.of_scope(call.actor.tenant, call.actor, Wish(DASHBOARDS))
    cards: dict[str, ProjectCard] = page.get(DASHBOARDS, "") or {}
    newest_first = sorted(cards.values(), key=lambda card: card.created_at, reverse=True)
    items = [
        CardView(id=c.id, title=c.title, aspect_ratio=c.aspect_ratio, created_at=c.created_at)
        for c in newest_first
    ]
    return call.answer(Listing(items=items))


@post("/api/projects", summary="Create a project, with its branch main")
async def create_project(
    data: JSONBody[CreateProjectBody], call: NamedDependency[Call]
) -> Response[ProjectView]:
    outcome = await projects.create(
        call.executor, data.title, data.aspect_ratio, await call.asked()
    )
    content = view(*await call.tree(outcome))
    return call.answer(content, status=201, outcome=outcome)


@get("/api/projects/{project_id:uuid}", summary="A project and its branches")
async def get_project(call: NamedDependency[Call]) -> Response[ProjectView]:
    tree, version = await call.tree()
    return call.answer(view(tree, version), version)


@patch("/api/projects/{project_id:uuid}", summary="Rename it, or set its aspect ratio")
async def change_project(
    data: JSONBody[ChangeProjectBody], call: NamedDependency[Call]
) -> Response[ProjectView]:
    def decide(state: Project) -> list[Any]:
        title = project_rules(RenameProject(data.title), state) if data.title else []
        ratio = data.aspect_ratio
        return [*title, *(project_rules(SetAspectRatio(ratio), state) if ratio else [])]

    outcome = await call.executor.execute(
        PROJECT, call.project, call.project, decide, await call.asked()
    )
    content = view(*await call.tree(outcome))
    return call.answer(content, outcome=outcome)


def view(tree: BranchTree, version: int) -> ProjectView:
    return ProjectView(
        id=tree.id,
        title=tree.title,
        aspect_ratio=tree.aspect_ratio,
        active_branch=tree.active,
        branches=branch_views(tree),
        created_at=tree.created_at,
        updated_at=tree.updated_at,
        version=version,
    )


router = Router(
    "/",
    route_handlers=[list_projects, create_project, get_project, change_project],
    tags=["projects"],
)
