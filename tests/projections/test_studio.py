"""A studio at random work: branches, locks, inheritance, attempts; and after every step the
rules hold, and every read model equals its replay, also on a fork. Each property is shown to
catch the bug that it is there for."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from msgspec.structs import replace

from adapters.store.memory import MemoryLog
from aiuteur import replaying
from domain.attempts import decide as attempt_rules
from domain.attempts.events import AttemptEvicted
from domain.attempts.state import Carousel
from domain.record import Recorded
from projections.register import OF_BRANCH
from projections.scene_boards import SCENE_BOARDS
from tests.support.studio import Studio

BASE = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    print_blob=False,
    database=None,
)
GOOD = settings(BASE, max_examples=60, stateful_step_count=40)
HUNT = settings(
    BASE,
    max_examples=300,
    stateful_step_count=40,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


@pytest.mark.req("R004", "R143", "R217", "R219", "R307", "R308", "R311", "R315", "R316")
def test_rules_hold_and_replay_equals_live_on_every_branch_after_every_step() -> None:
    run_state_machine_as_test(Studio, settings=GOOD)


def hunt(studio: type[Studio]) -> None:
    with pytest.raises((AssertionError, KeyError, Flaky)):
        run_state_machine_as_test(studio, settings=HUNT)


def test_a_store_that_leaks_the_parents_later_events_is_caught() -> None:
    class Leaky(MemoryLog):
        async def read(
            self, stream: str, after: int = 0, upto: int | None = None, limit: int | None = None
        ) -> Sequence[Recorded]:
            own = self._streams.get(stream)
            if own is not None and own.parent is not None:
                self._streams[stream].forked_at = self._streams[own.parent].version
            return await super().read(stream, after, upto, limit)

    class Broken(Studio):
        log = Leaky

    hunt(Broken)


def test_an_eviction_that_takes_the_selected_one_is_caught(monkeypatch: Any) -> None:
    def oldest(carousel: Carousel, scene: str | None, asset: str) -> Iterator[AttemptEvicted]:
        if len(carousel.attempts) >= attempt_rules.CAP:
            yield AttemptEvicted(scene, asset, carousel.attempts[0].id)

    monkeypatch.setattr(attempt_rules, "_evictions", oldest)
    monkeypatch.setattr(attempt_rules, "CAP", 2)
    hunt(Studio)


def test_a_fold_that_depends_on_more_than_its_document_is_caught(monkeypatch: Any) -> None:
    """It counts its calls: live it has been called otherwise than in a replay."""
    whole = SCENE_BOARDS.apply
    calls = iter(range(10**9))

    def counting(document: Any, told: Any) -> Any:
        after = whole(document, told)
        if after is not None:
            for instance in after.instances.values():
                instance.modification_reason = str(next(calls))
        return after

    moody = replace(SCENE_BOARDS, apply=counting)
    rest = tuple(each for each in OF_BRANCH if each is not SCENE_BOARDS)
    monkeypatch.setattr(replaying, "OF_BRANCH", (*rest, moody))
    hunt(Studio)
