"""One request on its way: who asks, of which project and branch, what he has seen, and how the
answer goes back with its version."""

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any

from litestar import Request, Response
from litestar.params import QueryParameter
from msgspec import Struct

from api.wire import Done
from domain import branch as rules
from domain.branch import Branch
from domain.project import Project
from domain.refusal import Refused
from handlers.actor import Action, Actor, authorise
from handlers.blobs import Blobs
from handlers.branches import Ref
from handlers.execute import Asked, Executor, Outcome
from handlers.jobs import Jobs
from handlers.reads import Lagging, Page, Reads, Wish
from handlers.views import Views
from handlers.warm import BRANCH, PROJECT
from projections.branch_trees import BRANCH_TREES, BranchTree

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,18})"?')


class Services(Struct, frozen=True, kw_only=True):
    """What the routes use."""

    executor: Executor
    reads: Reads
    views: Views
    blobs: Blobs
    jobs: Jobs
    ready: Callable[[], Any]
    metrics: Any


class Call:
    def __init__(
        self,
        services: Services,
        request: Request[Any, Any, Any],
        ref: str | None,
        min_version: int | None,
    ) -> None:
        self.services = services
        self.request = request
        self.actor: Actor = request.user
        self._ref_text = ref
        self._min_version = min_version
        self._ref: Ref | None = None

    @property
    def executor(self) -> Executor:
        return self.services.executor

    @property
    def project(self) -> str:
        return str(self.request.path_params["project_id"])

    async def ref(self) -> Ref:
        """`?ref=`, else the active branch."""
        if self._ref is None:
            self._ref = await self.services.reads.resolve(self.project, self._ref_text, self.actor)
        return self._ref

    async def target(self) -> Ref:
        """The branch that a command goes to: the past cannot be changed."""
        ref = await self.ref()
        if ref.version is not None:
            raise Refused("REF_INVALID", "Only a branch can be changed, not a past version of it.")
        return ref

    async def asked(self, reason: str | None = None, action: Action = "write") -> Asked:
        """What comes with a command. Who may not give it hears so before anything is done."""
        authorise(self.actor, action)
        headers = self.request.headers
        key = headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise Refused(
                "HEADER_INVALID", "An Idempotency-Key has 1 to 200 visible ASCII characters."
            )
        id = f"{self.actor.id}:{key}" if key else self.executor.ids.new()
        body = await self.request.body()
        where = f"{self.request.method} {self.request.url.path}?{self.request.url.query}\n"
        return Asked(
            self.actor,
            id,
            key,
            sha256(where.encode() + body).digest(),
            self._expected(),
            reason,
            headers.get("x-correlation-id", "")[:200] or None,
            action=action,
        )

    def _expected(self) -> int | None:
        given = self.request.headers.get("if-match")
        if given is None or given == "*":
            return None
        matched = _ETAG.fullmatch(given)
        if matched is None:
            raise Refused("HEADER_INVALID", "If-Match takes the version that an ETag gave.")
        return int(matched[1])

    async def command(self, command: rules.Command, reason: str | None = None) -> Outcome[Branch]:
        return await self.decide(lambda branch: rules.decide(command, branch), reason)

    async def decide(
        self, decide: Callable[[Branch], Sequence[Any]], reason: str | None = None
    ) -> Outcome[Branch]:
        ref, asked = await self.target(), await self.asked(reason)
        return await self.executor.execute(BRANCH, ref.branch, self.project, decide, asked)

    async def page(self, *wishes: Wish) -> Page:
        ref = await self.ref()
        if self._min_version is not None and ref.version is None:
            head = await self.executor.log.version(ref.branch) or 0
            if self._min_version > head:  # it would be waited for in vain
                raise Refused(
                    "VERSION_BEYOND_HEAD",
                    f"The branch has {head} versions.",
                    minVersion=self._min_version,
                    head=head,
                )
        return await self.services.reads.page(
            ref, self.actor, *wishes, min_version=self._min_version
        )

    def expect(self, version: int) -> None:
        """What is read from now on is at this version at least."""
        self._min_version = max(version, self._min_version or 0)

    async def after(self, outcome: Outcome[Any], *wishes: Wish) -> Page:
        """What a command made. From the read models when they have come as far, else from a
        fold in memory: a command that was carried out is never answered with an error. A
        replayed one is answered as of its own version."""
        if outcome.replayed:
            return await self.past(outcome, *wishes)
        live, version = Ref(outcome.stream), outcome.version
        try:
            return await self.services.reads.page(
                live, self.actor, *wishes, min_version=version, patience=0.5
            )
        except Lagging:
            return await self.past(outcome, *wishes)

    async def past(self, outcome: Outcome[Branch], *wishes: Wish) -> Page:
        """As of the command, whatever came after it."""
        ref = Ref(outcome.stream, outcome.version)
        return await self.services.reads.page(ref, self.actor, *wishes)

    async def tree(self, outcome: Outcome[Project] | None = None) -> tuple[BranchTree, int]:
        """The project and its branches, as a command left them, else as they are now; and the
        version of the project's own stream."""
        if outcome is None:
            state, version = await self.executor.state(PROJECT, self.project, self.actor)
            outcome = Outcome(self.project, version, 0, state)
        page = await self.after(outcome, Wish(BRANCH_TREES, ("",)))
        tree: BranchTree = page.get(BRANCH_TREES, "")
        return tree, outcome.version

    def done(self, outcome: Outcome[Any]) -> Response[Done]:
        """For a command that makes nothing to show."""
        content = Done(version=outcome.version, position=outcome.position)
        return self.answer(content, outcome=outcome)

    def gone(self, outcome: Outcome[Any]) -> Response[None]:
        """204, with the version that a reader may wait for."""
        return self.answer(None, status=204, outcome=outcome)

    def answer(
        self,
        content: Any,
        version: int | None = None,
        status: int = 200,
        outcome: Outcome[Any] | None = None,
    ) -> Response[Any]:
        """With the version as ETag; 304 when the caller has it already."""
        headers = {"Cache-Control": "no-store" if outcome else "private, no-cache"}
        if outcome is not None:
            version = outcome.version
            headers["Aiuteur-Position"] = str(outcome.position)
            if outcome.replayed:
                headers["Idempotency-Replayed"] = "true"
        if version is not None:
            headers["ETag"] = f'"{version}"'
            if outcome is None and self.request.headers.get("if-none-match") == headers["ETag"]:
                return Response(None, status_code=304, headers=headers)
        return Response(content, status_code=status, headers=headers)


RefParameter = Annotated[
    str | None,
    QueryParameter(
        name="ref",
        required=False,
        description="branch or branch@version; without it, the project's active branch",
        max_length=300,
    ),
]
MinVersion = Annotated[
    int | None,
    QueryParameter(
        name="min_version",
        required=False,
        ge=0,
        le=2**53,
        description="waits until the branch can be read at this version at least",
    ),
]


async def provide_call(
    request: Request[Any, Any, Any],
    ref: RefParameter = None,
    min_version: MinVersion = None,
) -> Call:
    return Call(request.app.state.services, request, ref, min_version)
