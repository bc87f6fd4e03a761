"""Image jobs under random misfortune: busy, refusing and lost models, workers that die at any
step or stall past their lease while others take over. A seed gives the same run every time, and
names itself when something is not as it must be:

- what the model charged for is told, and a call whose outcome is not known is said to be so;
- an image whose bytes were safe is in the log, and nothing is left staged;
- a job ends once; what comes after is an image that was late, once per call;
- a call is repeated only where that costs nothing, or where nothing was done.

Each broken twin below lacks one of the steps that see to it, and must be caught.
"""

import pytest

from domain.attempts.state import Status
from handlers.jobs import Job
from handlers.perform import Performer
from tests.support.fates import SEEDS, Violation, simulate


class WithoutSweep(Performer, frozen=True):
    """Staged bytes that nobody reported are left where they are (2.4, step 7)."""

    async def adopt(self, call: str) -> bool:
        return False


class WithoutRecovery(Performer, frozen=True):
    """Goes straight to drawing, whatever was begun before (2.4, step 2)."""

    async def _recover(self, job: Job) -> bool:
        return False


class WithoutMemory(Performer, frozen=True):
    """Asks the calls alone, and not the log, whether the job has ended."""

    async def _status(self, job: Job) -> Status:
        return "open"


async def run(sort: type[Performer] = Performer, *, repeatable: bool = False) -> None:
    for seed in range(SEEDS):
        await simulate(seed, repeatable=repeatable, sort=sort)


@pytest.mark.req("R312")
@pytest.mark.parametrize("repeatable", [False, True])
async def test_no_misfortune_loses_an_image_or_hides_a_bill(repeatable: bool) -> None:
    await run(repeatable=repeatable)


@pytest.mark.parametrize("twin", [WithoutSweep, WithoutRecovery, WithoutMemory])
async def test_a_broken_twin_is_caught(twin: type[Performer]) -> None:
    with pytest.raises(Violation):
        await run(twin)
