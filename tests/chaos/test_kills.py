"""`kill -9` of each process in the middle of a bulk generation, while commands go on: afterwards
every acknowledged command is there once, every job ended once, every subscriber saw everything
once, and the read models are what a replay makes of the log. And a job's end that is told twice,
because a worker died over it and because the bus delivers at least once."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from aiuteur.embedded.child import Keeper
from aiuteur.running import Running
from aiuteur.wiring import System
from handlers.blobs import blob_key
from handlers.models import Drawn
from handlers.perform import STAGING
from tests.support.chaos import PATIENCE, Errands, Film, Follower, Visit, kill, wait_until

Events = list[dict[str, Any]]
ENDINGS = ("attempt.generated", "attempt.failed", "attempt.outcome_unknown")
CRASH = pytest.mark.req("R308", "R312")
LEASED = """
update job set state = 'ready', lease_until = now() + interval '1 minute' where job = any ($1)
"""
RESUMES = pytest.mark.req("R320")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("api", marks=[CRASH, RESUMES]),
        pytest.param("worker1", marks=CRASH),
        pytest.param("nats", marks=CRASH),
        pytest.param("postgres", marks=CRASH),
    ],
)
def test_a_kill_in_the_middle_of_a_bulk_loses_nothing_and_doubles_nothing(
    system: Running, film: Film, audit: Callable[[], None], name: str
) -> None:
    with Follower(system, film) as follower:
        with Errands(system, film) as errands:
            film.draw()
            total = len(film.job_ids)
            wait_until("the first images", lambda: film.drawn() >= total // 6)
            assert film.drawn() < total, "there is no middle any more in which to kill"
            told = len(errands.acknowledged)
            kill(process(system, name))
            wait_until("more errands", lambda: len(errands.acknowledged) > told + 5)
            wait_until("the whole batch", lambda: film.drawn() == total)
        events = film.events()
        wait_until("the subscriber", lambda: follower.positions[-1:] == [events[-1]["position"]])

    assert times_recorded(events, errands.acknowledged) == once(errands.acknowledged)
    assert endings(events) == once(film.job_ids)
    assert follower.positions == [event["position"] for event in events]
    if name == "api":
        assert errands.sent_again, "no command met the kill"
        assert follower.cut_off, "the subscriber did not meet the kill"
    audit()


@pytest.mark.req("R005")
def test_while_the_bus_stands_still_commands_are_taken_and_nothing_is_drawn(
    system: Running, film: Film, audit: Callable[[], None]
) -> None:
    bus = process(system, "nats").child.pid
    assert bus is not None
    os.kill(bus, signal.SIGSTOP)
    try:
        film.draw()
        with Errands(system, film) as errands:
            wait_until("many errands", lambda: len(errands.acknowledged) > 30)
        assert film.drawn() == 0
    finally:
        os.kill(bus, signal.SIGCONT)
    wait_until("the whole batch", lambda: film.drawn() == len(film.job_ids))
    audit()


@pytest.mark.req("R309")
def test_a_completion_that_comes_twice_makes_one_attempt(
    film: Film, visit: Visit, audit: Callable[[], None]
) -> None:
    film.draw()
    wait_until("the whole batch", lambda: film.drawn() == len(film.job_ids))
    made = [event for event in film.events() if event["type"] == "attempt.generated"]

    visit(lambda opened: forget_the_end(opened, made))
    visit(lambda opened: hint_often(opened, film.job_ids))
    visit(lambda opened: ended_again(opened, film.job_ids))

    again = [event for event in film.events() if event["type"] == "attempt.generated"]
    assert [event["id"] for event in again] == [event["id"] for event in made]
    assert sorted(event["data"]["attempt"] for event in made) == sorted(film.job_ids)
    audit()


def process(system: Running, name: str) -> Keeper:
    return {**system.stack.keepers, **system.processes}[name]


def once(ids: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(ids, 1)


def times_recorded(events: Events, keys: Iterable[str]) -> dict[str, int]:
    """Of how many events each key's command is the origin."""
    found = Counter(event["commandId"].rpartition(":")[2] for event in events)
    return {key: found[key] for key in keys}


def endings(events: Events) -> dict[str, int]:
    return Counter(event["data"]["attempt"] for event in events if event["type"] in ENDINGS)


async def forget_the_end(opened: System, made: Events) -> None:
    """Leaves jobs, calls and staged images as a worker does that dies having just told the log.
    Under a lease until all is in place, or the sweeper would come in between."""
    jobs = [event["data"]["attempt"] for event in made]
    calls = [event["data"]["call"] for event in made]
    tenant = await opened.pool.fetchval("select tenant::text from job where job = $1", jobs[0])
    await opened.pool.execute(LEASED, jobs)
    await opened.pool.execute("update call set state = 'started' where call = any ($1)", calls)
    for event in made:
        image, cost = event["data"]["image"], event["data"]["cost"]
        body = await opened.blobs.get(blob_key(tenant, image["sha256"]))
        assert body is not None
        staged = msgspec.msgpack.encode(Drawn(body, image["media_type"], cost))
        key = STAGING + event["data"]["call"]
        await opened.blobs.put(key, staged, "application/octet-stream")
    await opened.pool.execute("update job set lease_until = now() where job = any ($1)", jobs)


async def hint_often(opened: System, jobs: list[str]) -> None:
    for _ in range(3):
        await opened.bus.hint(jobs)


async def ended_again(opened: System, jobs: list[str]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < end:
        undone = await opened.pool.fetchval(
            "select count(*) from job where job = any ($1::uuid[]) and state <> 'done'", jobs
        )
        if not undone:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the jobs do not come to their end again")
