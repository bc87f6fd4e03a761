"""Branches: forking one costs two events, whatever the history before it."""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from domain import branch as branch_rules
from domain import project as rules
from domain.branch import Branch
from domain.record import tell
from domain.refusal import Refused, not_found
from domain.stages.decide import UnlockStage
from handlers.actor import Actor, authorise
from handlers.execute import Answer, Asked, Executor, Outcome
from handlers.log import Append, Conflict, Write
from handlers.warm import BRANCH, PROJECT

TRIES = 20


class Ref(Struct, frozen=True):
    """A point of history. `version` None means the branch as it is now."""

    branch: str
    version: int | None = None


def parse_ref(text: str | None, project: rules.Project) -> Ref:
    """`branch` or `branch@version`, by name or id; nothing means the active branch."""
    if not text:
        return Ref(project.active)
    name, at, version = text.partition("@")
    branch = name if name in project.branches else project.named(name)
    if branch is None or (at and not (version.isascii() and version.isdigit())):
        raise Refused("REF_NOT_FOUND", f"There is no such point of history: {text}", ref=text)
    return Ref(branch, int(version[:18]) if at else None)


async def resolve(executor: Executor, project: str, text: str | None, actor: Actor) -> Ref:
    state, _ = await executor.state(PROJECT, project, actor)
    return parse_ref(text, state)


class Forked(Struct, frozen=True):
    branch: str
    outcome: Outcome[Branch]


async def fork(
    executor: Executor,
    project: str,
    name: str,
    source: Ref,
    asked: Asked,
    then: Sequence[branch_rules.Command] = (),
) -> Forked:
    """A new branch off a point of history, with the first commands on it: all or nothing."""
    authorise(asked.actor, "write")
    child = asked.made("branch")
    for _ in range(TRIES):
        known = await executor.log.known(asked.actor.tenant, asked.id, asked.fingerprint)
        if known is not None:
            state, _ = await executor.state(BRANCH, child, asked.actor)
            answer = msgspec.json.decode(known.answer, type=Answer)
            return Forked(child, Outcome(child, answer.version, known.last, state, replayed=True))
        try:
            return await _fork(executor, project, child, name, source, asked, then)
        except Conflict:
            await asyncio.sleep(0.01)
    raise Refused("BUSY", "Others changed this project at the same time. Try again.")


async def _fork(
    executor: Executor,
    project: str,
    child: str,
    name: str,
    source: Ref,
    asked: Asked,
    then: Sequence[branch_rules.Command],
) -> Forked:
    settings, settings_version = await executor.state(PROJECT, project, asked.actor)
    if source.branch not in settings.branches:
        raise not_found("branch", source.branch)
    parent, head = await executor.state(BRANCH, source.branch, asked.actor)
    at = head if source.version is None else source.version
    created = rules.decide(rules.CreateBranch(child, name, source.branch, at, head), settings)
    state = parent if at == head else await state_at(executor, source.branch, at)
    facts: list[branch_rules.Fact] = []
    for command in then:
        step = branch_rules.decide(command, state)
        state = branch_rules.fold(step, state)
        facts.extend(step)
    version = at + len(facts)
    writes = (
        Write(project, settings_version, executor.events(created, asked), project),
        Write(child, at, executor.events(facts, asked), project, True, source.branch),
    )
    append: Append = executor.append(asked, writes, child, version)
    done = await executor.log.append(append)
    executor.warm.seed(BRANCH, child, asked.actor.tenant, state, version)
    return Forked(child, Outcome(child, version, done.last, state, facts))


async def state_at(executor: Executor, branch: str, version: int) -> Branch:
    """The branch as it was: folded from its history."""
    records = await executor.log.read(branch, 0, version)
    return branch_rules.fold(tell(record).fact for record in records)


async def unlock_into_branch(
    executor: Executor, project: str, name: str, source: Ref, command: UnlockStage, asked: Asked
) -> Forked:
    """R029: the stage stays locked where it is, and is open on a new branch."""
    known = await executor.log.known(asked.actor.tenant, asked.id, asked.fingerprint)
    state, _ = await executor.state(BRANCH, source.branch, asked.actor)
    if known is None and not state.stages.locked(command.stage, command.scene):
        raise Refused("STAGE_NOT_LOCKED", "The stage is not locked.", stage=command.stage)
    return await fork(executor, project, name, source, asked, [command])
