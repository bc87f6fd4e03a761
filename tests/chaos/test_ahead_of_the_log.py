"""Commands that are decided on a state which runs ahead of the log, while another process writes
to the same branch: what never came to be must not be built upon."""

import asyncio
from collections.abc import Sequence
from typing import Any

from adapters.memory_clock import Counted, MemoryClock
from adapters.store.memory import MemoryLog
from domain import branch as rules
from domain.assets.decide import AddAsset, DescribeAsset
from domain.branch import Branch
from domain.record import tell
from handlers.actor import Actor
from handlers.execute import Asked, Executor, Outcome
from handlers.log import Append, Appended, Write
from handlers.warm import BRANCH, Warm

TENANT, STREAM, PROJECT = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(3))
LAMP, ROPE, BELL = (f"00000000-0000-4000-8000-0000000000a{n}" for n in range(3))


class SlowLog(MemoryLog):
    """Keeps named commands on their way into it until they are let through."""

    def __init__(self) -> None:
        super().__init__()
        self.on_the_way: dict[str, asyncio.Event] = {}

    async def append(self, command: Append) -> Appended:
        if gate := self.on_the_way.pop(command.command_id, None):
            await gate.wait()
        return await super().append(command)


def asked(id: str) -> Asked:
    return Asked(Actor(TENANT, "somebody", "editor"), id, id, id.encode())


def process(log: MemoryLog) -> Executor:
    return Executor(log, MemoryClock(), Counted(), Warm(log))


async def send(executor: Executor, id: str, command: rules.Command) -> Outcome[Branch]:
    def decide(state: Branch) -> Sequence[Any]:
        return rules.decide(command, state)

    return await executor.execute(BRANCH, STREAM, PROJECT, decide, asked(id))


async def open_branch(executor: Executor) -> None:
    facts = rules.decide(AddAsset(LAMP, "prop", "Lamp", ""), Branch())
    opening = asked("open")
    write = Write(STREAM, 0, executor.events(facts, opening), PROJECT, opens=True)
    await executor.log.append(Append(TENANT, "open", b"open", b"{}", (write,)))


async def test_nothing_is_built_on_a_command_that_lost_to_another_process() -> None:
    log = SlowLog()
    here, elsewhere = process(log), process(log)
    await open_branch(here)
    await here.state(BRANCH, STREAM, asked("look").actor)
    first, second = asyncio.Event(), asyncio.Event()
    log.on_the_way = {"rope": first, "lamp": second}

    rope = asyncio.create_task(send(here, "rope", AddAsset(ROPE, "prop", "Rope", "")))
    await asyncio.sleep(0)
    lamp = asyncio.create_task(send(here, "lamp", DescribeAsset(LAMP, "made of brass")))
    await asyncio.sleep(0.01)
    await send(elsewhere, "bell", AddAsset(BELL, "prop", "Bell", ""))
    first.set()
    await asyncio.sleep(0)
    second.set()
    await asyncio.gather(rope, lamp)

    told = [tell(record).fact for record in await log.read(STREAM)]
    assert {fact.asset for fact in told} == {LAMP, ROPE, BELL}
    state, _ = await here.state(BRANCH, STREAM, asked("look").actor)
    folded = Branch()
    for fact in told:
        folded = rules.evolve(folded, fact)
    assert state == folded
