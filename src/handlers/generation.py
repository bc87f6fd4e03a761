"""Asking for images. Nothing is drawn here: a fact is appended, a worker does the rest."""

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from domain import branch as rules
from domain.attempts.decide import RequestAttempt
from domain.branch import Branch
from domain.orders import master_order, scene_order
from handlers.branches import Ref
from handlers.execute import Asked, Executor, Outcome
from handlers.warm import BRANCH, PROJECT

CREDITS_PER_IMAGE = "1.0000"


class Subject(Struct, frozen=True):
    """What is to be drawn: an asset's instance in a scene, or (None) its master image."""

    scene: str | None
    asset: str


class Requested(Struct, frozen=True):
    """One job per subject, in the order asked."""

    jobs: tuple[str, ...]
    batch: str | None
    outcome: Outcome[Branch]


async def request(
    executor: Executor,
    project: str,
    ref: Ref,
    subjects: Sequence[Subject],
    asked: Asked,
    seed: int | None = None,
    bulk: bool = False,
) -> Requested:
    """All of them are admitted or none; each is a job of its own."""
    settings, _ = await executor.state(PROJECT, project, asked.actor)
    ratio = settings.aspect_ratio
    jobs = tuple(asked.made("attempt", s.scene or "", s.asset) for s in subjects)
    batch = asked.made("batch") if bulk else None

    def decide(branch: Branch) -> list[rules.Fact]:
        facts: list[rules.Fact] = []
        for subject, job in zip(subjects, jobs, strict=True):
            number = seed_of(job) if seed is None else seed
            if subject.scene is None:
                order = master_order(branch, subject.asset, ratio, number)
            else:
                order = scene_order(branch, subject.scene, subject.asset, ratio, number)
            command = RequestAttempt(subject.scene, subject.asset, job, order, batch)
            facts.extend(rules.decide(command, branch))
        return facts

    outcome = await executor.execute(BRANCH, ref.branch, project, decide, asked)
    return Requested(jobs, batch, outcome)


def seed_of(job: str) -> int:
    """A job's own seed, so that two attempts differ and each can be made again."""
    return int.from_bytes(sha256(job.encode()).digest()[:4], "big") >> 1
