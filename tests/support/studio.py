"""A studio that works at random: a state machine whose commands are drawn from the state that
they meet (random scripts rarely fill a carousel, choose its oldest and go on)."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.store.memory import MemoryLog
from aiuteur.replaying import replay_branch
from aiuteur.wiring import System
from domain import branch as rules
from domain.across import InheritScene
from domain.attempts.decide import (
    CAP,
    DeleteAttempt,
    RecordFailed,
    RecordGenerated,
    RequestAttempt,
    SelectAttempt,
)
from domain.attempts.events import AttemptEvicted
from domain.branch import Branch
from domain.instances.decide import AddTag, CreateInstance, RemoveInstance, RemoveTag
from domain.record import tell
from domain.refusal import Refused
from domain.scenes.decide import MoveScene, RemoveScene
from domain.stages.decide import LockStage, UnlockStage
from domain.values import Image
from handlers.actor import Actor
from handlers.branches import Ref, fork
from handlers.execute import Asked
from handlers.projects import create
from handlers.warm import BRANCH
from tests.support.facts import PHASE_A, asset, linked, order, scene
from tests.support.memory import memory_system

ACTOR = Actor("00000000-0000-4000-8000-000000000001", "studio", "admin")
SCENES = tuple(f"scene-{n}" for n in range(1, 5))
ASSETS = ("mara", "lamp", "hall")
TAGS = ("wet", "muddy", "torn")


class Studio(RuleBasedStateMachine):
    """`log` makes the store, so that a broken one can be put in its place."""

    log: Callable[[], MemoryLog] = MemoryLog

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.system: System = memory_system()
        self.system.log = self.log()
        for part in (self.system.executor, self.system.projector, self.system.executor.warm):
            setattr(part, "log" if hasattr(part, "log") else "_log", self.system.log)
        self.branches: list[str] = []
        self.histories: dict[str, list[str]] = {}
        self.count = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        try:
            if self.branches:
                self.audit()
        finally:
            self.runner.close()

    def asked(self) -> Asked:
        self.count += 1
        return Asked(ACTOR, f"command {self.count}")

    @initialize()
    def open(self) -> None:
        made = self.run(create(self.system.executor, "A film", "16:9", self.asked()))
        self.project = made.stream
        self.branches = [made.state.active]
        start = [
            *(scene(each, rank * 100) for rank, each in enumerate(SCENES, 1)),
            *(asset(each) for each in ASSETS),
            *(linked(s, a) for s in SCENES for a in ASSETS[:2]),
            *PHASE_A,
        ]
        self.run(self.do(self.branches[0], lambda _: start))

    async def do(self, branch: str, decide: Callable[[Branch], Sequence[Any]]) -> None:
        def watched(state: Branch) -> Sequence[Any]:
            facts = decide(state)
            for fact in facts:
                if isinstance(fact, AttemptEvicted):
                    chosen = state.attempts.carousel(fact.scene, fact.asset).selected
                    assert fact.attempt != chosen, "the selected attempt was evicted"
            return facts

        try:
            await self.system.executor.execute(BRANCH, branch, self.project, watched, self.asked())
        except Refused:
            return

    def state(self, branch: str) -> Branch:
        state: Branch = self.run(self.system.executor.state(BRANCH, branch, ACTOR))[0]
        return state

    @rule(data=st.data())
    def command(self, data: st.DataObject) -> None:
        branch = data.draw(st.sampled_from(self.branches))
        command = data.draw(st.sampled_from(possible(self.state(branch), self.count)))
        self.run(self.do(branch, lambda state: rules.decide(command, state)))

    @rule(data=st.data(), steps=st.integers(1, 8))
    def work_on_the_lead(self, data: st.DataObject, steps: int) -> None:
        """One instance gets most of the work, as in any film: only so do carousels fill."""
        branch = data.draw(st.sampled_from(self.branches))
        for _ in range(steps):
            commands = _of_instance(self.state(branch), SCENES[0], ASSETS[0], self.count)
            command = data.draw(st.sampled_from(commands))
            self.run(self.do(branch, partial(rules.decide, command)))

    @rule(data=st.data())
    def fork(self, data: st.DataObject) -> None:
        if len(self.branches) > 5:
            return
        parent = data.draw(st.sampled_from(self.branches))
        _, head = self.run(self.system.executor.state(BRANCH, parent, ACTOR))
        at = data.draw(st.sampled_from([head, head, max(0, head - 1), head // 2]))
        source, name = Ref(parent, at), f"branch {len(self.branches)}"
        forked = self.run(fork(self.system.executor, self.project, name, source, self.asked()))
        self.branches.append(forked.branch)

    @rule()
    def follow(self) -> None:
        """The read models take a batch, whatever its borders are."""
        self.run(self.system.projector.run_once())

    @rule()
    def audit(self) -> None:
        """Live read models equal a replay, and warm state a fold of the stored bytes."""
        self.run(self.system.projector.catch_up())
        for branch in self.branches:
            replayed = self.run(replay_branch(self.system.log, self.system.views, branch))
            assert not replayed.differences
            records = self.run(self.system.log.read(branch))
            assert rules.fold(tell(record).fact for record in records) == self.state(branch)

    @invariant()
    def carousels_hold_at_most_eight_and_the_selected_one(self) -> None:
        for branch in self.branches:
            for carousels in self.state(branch).attempts.scenes.values():
                for carousel in carousels.values():
                    assert len(carousel.attempts) <= CAP
                    ids = [each.id for each in carousel.attempts]
                    assert len(set(ids)) == len(ids)
                    assert carousel.selected is None or carousel.selected in ids

    @invariant()
    def locks_have_no_hole(self) -> None:
        for branch in self.branches:
            stages = self.state(branch).stages
            for each in SCENES:
                assert not stages.locked(8, each) or stages.status(5) != "draft"

    @invariant()
    def history_only_grows_and_is_shared_up_to_the_fork(self) -> None:
        for branch in self.branches:
            ids = [record.event_id for record in self.run(self.system.log.read(branch))]
            before = self.histories.get(branch, [])
            assert ids[: len(before)] == before
            self.histories[branch] = ids


def possible(branch: Branch, count: int) -> list[Any]:
    """Commands that mean something here, some of which will be refused."""
    found: list[Any] = [UnlockStage(5), LockStage(5)]
    for each in branch.scenes.scenes:
        found += [InheritScene(each), LockStage(8, each), UnlockStage(8, each)]
        for own in ASSETS:
            found += _of_instance(branch, each, own, count)
    if len(branch.scenes.order) > 2:
        last, first = branch.scenes.order[-1][1], branch.scenes.order[0][1]
        found += [MoveScene(first, last), MoveScene(last, None), RemoveScene(last)]
    return found


def _of_instance(branch: Branch, scene: str, asset: str, count: int) -> list[Any]:
    instance = branch.instances.get(scene, asset)
    carousel = branch.attempts.carousel(scene, asset)
    found: list[Any] = []
    for job, request in carousel.requests.items():
        if request.status != "done":
            picture = Image(f"image of {job}", "image/png", 16, 9, 100)
            found.append(RecordGenerated(scene, asset, job, picture, "1.0000", f"call {count}"))
            found.append(RecordFailed(scene, asset, job, "refused", "no"))
    if instance is None:
        return [*found, CreateInstance(scene, asset)]
    found += [RequestAttempt(scene, asset, f"job {count}", order())] * 3
    found += [SelectAttempt(scene, asset, each.id) for each in carousel.attempts[:2]]
    found += [DeleteAttempt(scene, asset, each.id) for each in carousel.attempts[:1]]
    found += [AddTag(scene, asset, tag) for tag in TAGS if tag not in instance.tags]
    found += [RemoveTag(scene, asset, tag) for tag in instance.tags]
    return [*found, RemoveInstance(scene, asset)]
