"""Branches: fork, activate, compare."""

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec.structs import replace

from api.call import Call
from api.wire import Body, Listing, Name, View
from domain.project import ActivateBranch
from handlers import projects
from handlers.branches import fork, parse_ref
from handlers.diffs import Diff, diff
from handlers.warm import PROJECT
from projections.branch_trees import BranchTree


class CreateBranchBody(Body):
    """`source` is a ref: a branch as it is now, or `branch@version`; without it the active one."""

    name: Name
    source: Name | None = None
    activate: bool = False


class BranchView(View):
    id: str
    name: str
    parent: str | None
    forked_at: int
    active: bool
    created_at: str
    created_by: str


class ForkView(BranchView):
    version: int
    position: int


def branch_views(tree: BranchTree) -> list[BranchView]:
    return [
        BranchView(
            id=branch.id,
            name=branch.name,
            parent=branch.parent,
            forked_at=branch.forked_at,
            active=branch.id == tree.active,
            created_at=branch.created_at,
            created_by=branch.created_by,
        )
        for branch in tree.branches
    ]


def named(tree: BranchTree, branch: str) -> BranchView:
    return next(each for each in branch_views(tree) if each.id == branch)


@get("/", summary="The branch tree")
async def list_branches(call: NamedDependency[Call]) -> Response[Listing[BranchView]]:
    tree, version = await call.tree()
    return call.answer(Listing(items=branch_views(tree)), version)


@get("/{branch:str}", summary="One branch, by name or id")
async def get_branch(call: NamedDependency[Call], branch: FromPath[str]) -> Response[BranchView]:
    state, _ = await call.executor.state(PROJECT, call.project, call.actor)
    tree, version = await call.tree()
    return call.answer(named(tree, parse_ref(branch, state).branch), version)


@post("/", summary="Fork a branch off any point of history")
async def create_branch(
    data: JSONBody[CreateBranchBody], call: NamedDependency[Call]
) -> Response[ForkView]:
    asked = await call.asked()
    source = await call.services.reads.resolve(call.project, data.source, call.actor)
    forked = await fork(call.executor, call.project, data.name, source, asked)
    if data.activate:
        await activate(call, forked.branch)
    tree, _ = await call.tree()
    made = named(tree, forked.branch)
    content = ForkView(
        id=made.id,
        name=made.name,
        parent=made.parent,
        forked_at=made.forked_at,
        active=data.activate,
        created_at=made.created_at,
        created_by=made.created_by,
        version=made.forked_at,
        position=forked.outcome.position,
    )
    return call.answer(content, status=201, outcome=forked.outcome)


@post("/{branch:str}/activate", status_code=200, summary="Make it the project's active branch")
async def activate_branch(
    call: NamedDependency[Call], branch: FromPath[str]
) -> Response[BranchView]:
    state, _ = await call.executor.state(PROJECT, call.project, call.actor)
    wanted = parse_ref(branch, state).branch
    outcome = await projects.change(
        call.executor, call.project, ActivateBranch(wanted), await call.asked()
    )
    tree, _ = await call.tree(outcome)
    return call.answer(named(tree, wanted), outcome=outcome)


async def activate(call: Call, branch: str) -> None:
    """After a fork: a command of its own, so that a retry of the two ends with both done once."""
    asked = await call.asked()
    own = replace(asked, id=asked.made("activate"), expected=None)
    await projects.change(call.executor, call.project, ActivateBranch(branch), own)


@get(
    "/api/projects/{project_id:uuid}/refs/{left:str}/diff/{right:str}",
    summary="What differs between two points of history",
)
async def diff_refs(
    call: NamedDependency[Call],
    left: FromPath[str],
    right: FromPath[str],
    stat: FromQuery[bool] = False,
) -> Response[Diff]:
    state, _ = await call.executor.state(PROJECT, call.project, call.actor)
    found = await diff(
        call.services.reads, state, parse_ref(left, state), parse_ref(right, state), call.actor
    )
    if stat:
        found.entries = []
    return call.answer(found)


router = Router(
    "/api/projects/{project_id:uuid}/branches",
    route_handlers=[list_branches, get_branch, create_branch, activate_branch],
    tags=["branches"],
)
diff_router = Router("/", route_handlers=[diff_refs], tags=["branches"])
