"""How a paid call can end, and what is told of it."""

from typing import Any

import pytest

from adapters.models.scripted import ScriptedModel
from domain.attempts.events import (
    AttemptFailed,
    AttemptGenerated,
    AttemptOutcomeUnknown,
    AttemptSelected,
    Order,
)
from handlers.blobs import blob_key
from handlers.generation import CREDITS_PER_IMAGE
from handlers.models import Drawn, ModelBusy, ModelFailed, OutcomeLost
from handlers.perform import TRIES, thumbnail_key
from tests.support.darkroom import darkroom
from tests.support.films import ASSET, CELLAR, KITCHEN, ORDER


async def test_an_image_that_was_drawn_is_kept_and_selected() -> None:
    made = await darkroom()
    job = await made.job()
    assert await made.worker().perform(job)
    (fact,) = await made.endings(job)
    assert isinstance(fact, AttemptGenerated)
    assert await made.film.selected() == job
    assert made.model.orders == [(ORDER, [])]
    tenant = made.film.tenant
    assert await made.system.blobs.get(blob_key(tenant, fact.image.sha256))
    assert await made.system.blobs.get(thumbnail_key(tenant, fact.image.sha256))
    assert (await made.calls(job), await made.staged()) == (["done"], [])
    assert not await made.worker().perform(job)


@pytest.mark.req("R302")
async def test_an_image_and_its_selection_are_one_command() -> None:
    made = await darkroom()
    for _ in range(9):
        await made.worker().perform(await made.job())
    records = await made.system.log.read(made.film.branch)
    types = [record.type for record in records[-3:]]
    assert types == ["attempt.evicted", "attempt.generated", "attempt.selected"]
    assert len({record.envelope for record in records[-3:-1]}) <= 2
    commands = {record.envelope.split(b'"command":')[1].split(b",")[0] for record in records[-3:]}
    assert len(commands) == 1
    assert len(await made.film.attempts()) == 8


async def test_a_busy_model_is_asked_again_later_and_costs_no_try() -> None:
    rounds = TRIES + 3
    made = await darkroom(*[ModelBusy(30)] * rounds)
    job = await made.job()
    for _ in range(rounds):
        await made.worker().perform(job)
        assert not await made.worker().perform(job), "its time has not come"
        assert await made.endings(job) == []
        made.clock.advance(60)
    await made.worker().perform(job)
    (fact,) = await made.endings(job)
    assert isinstance(fact, AttemptGenerated)
    assert await made.calls(job) == ["failed"] * rounds + ["done"]


@pytest.mark.parametrize("charge", ["no", "yes", "unknown"])
async def test_a_model_that_refuses_is_not_asked_again(charge: Any) -> None:
    made = await darkroom(ModelFailed("blocked for safety", charge))
    job = await made.job()
    await made.worker().perform(job)
    await made.settle()
    assert await made.endings(job) == [
        AttemptFailed(KITCHEN, ASSET, job, "blocked for safety", charge)
    ]
    assert (await made.calls(job), len(made.model.orders)) == (["failed"], 1)


async def test_a_lost_answer_counts_as_cost_and_is_not_asked_for_again() -> None:
    made = await darkroom(OutcomeLost("the line was cut"))
    job = await made.job()
    await made.worker().perform(job)
    await made.settle()
    (call,) = await made.system.jobs.calls(job)
    assert await made.endings(job) == [
        AttemptOutcomeUnknown(KITCHEN, ASSET, job, call.id, CREDITS_PER_IMAGE)
    ]
    assert (call.state, len(made.model.orders)) == ("unknown", 1)


class Blank(ScriptedModel):
    """Answers, and sends no image."""

    async def draw(self, order: Order, references: Any) -> Drawn:
        await super().draw(order, references)
        return Drawn(b"", "image/png", "1.0000")


async def test_an_answer_without_an_image_failed_and_was_charged() -> None:
    made = await darkroom()
    made.model = Blank()
    job = await made.job()
    await made.worker().perform(job)
    await made.settle()
    (fact,) = await made.endings(job)
    assert isinstance(fact, AttemptFailed)
    assert fact.charge == "yes"
    assert (await made.calls(job), await made.staged()) == (["done"], [])
    assert len(made.model.orders) == 1


async def test_an_unknown_job_is_nothing_to_do() -> None:
    made = await darkroom()
    assert not await made.worker().perform(made.system.ids.new())
    assert not await made.worker().adopt(made.system.ids.new())


@pytest.mark.req("R311")
async def test_the_last_to_complete_is_selected_on_every_replay() -> None:
    made = await darkroom()
    first, second = await made.job(), await made.job()
    await made.worker().perform(second)
    await made.worker().perform(first)
    assert await made.film.selected() == first
    chosen = [fact.attempt for fact in await made.film.facts(AttemptSelected)]
    assert chosen == [second, first]
    again = made.worker().executor
    replayed = await type(made.film)(
        again, made.film.tenant, made.film.project, made.film.branch
    ).selected()
    assert replayed == first


async def test_a_reference_goes_with_the_order() -> None:
    made = await darkroom()
    one, two = await made.job(KITCHEN), await made.job(CELLAR)
    await made.worker().perform(one)
    await made.worker().perform(two)
    assert (await made.film.selected(KITCHEN), await made.film.selected(CELLAR)) == (one, two)
