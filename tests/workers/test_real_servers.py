"""A job on its whole way through the real servers: asked for in PostgreSQL, hinted at by NATS,
drawn by a worker, kept in S3, told in PostgreSQL and seen in a read model."""

import pytest

from adapters.bus.nats import EVENTS
from adapters.imaging.memory import PlainImaging
from adapters.models.scripted import ScriptedModel
from aiuteur.wiring import System
from aiuteur.working import rounds
from domain.attempts.events import AttemptGenerated, AttemptOutcomeUnknown
from handlers.blobs import blob_key
from handlers.models import OutcomeLost
from handlers.views import Want
from projections.jobs import JOBS, JobDocument
from tests.support.films import Film, film_of


async def document(system: System, film: Film, job: str) -> JobDocument:
    await system.projector.catch_up()
    found = await system.views.find([Want(JOBS.name, film.project, (job,))])
    body: JobDocument = JOBS.decode(found.documents[JOBS.name, film.project, job])
    return body


@pytest.mark.req("R012", "R005")
async def test_an_image_is_drawn_by_a_worker_that_was_woken_through_nats(real: System) -> None:
    film = await film_of(real.executor)
    job = await film.request()
    work = rounds(real)
    while await work["reactor"]():
        pass
    assert (await document(real, film, job)).status == "pending"
    while not await film.facts(AttemptGenerated):
        await work["images"]()
    (fact,) = await film.facts(AttemptGenerated)
    assert fact.attempt == job
    assert await real.blobs.get(blob_key(film.tenant, fact.image.sha256))
    shown = await document(real, film, job)
    assert (shown.status, shown.image, shown.cost) == ("completed", fact.image.sha256, fact.cost)
    assert await film.selected() == job


@pytest.mark.req("R005")
async def test_the_completion_goes_out_on_the_bus(real: System) -> None:
    film = await film_of(real.executor)
    job = await film.request()
    work = rounds(real)
    while await work["reactor"]():
        pass
    await real.performer.perform(job)
    while await work["relay"]():
        pass
    subject = f"aiuteur.events.{film.project}.{film.branch}.attempt.generated"
    message = await real.bus._js.get_last_msg(EVENTS, subject)  # type: ignore[attr-defined]
    assert job.encode() in message.data


async def test_a_jobs_status_tells_its_error_and_its_cost(real: System) -> None:
    film = await film_of(real.executor)
    model = ScriptedModel(OutcomeLost("the line was cut"))
    job = await film.request()
    while await rounds(real)["reactor"]():
        pass
    performer = type(real.performer)(
        real.executor, real.jobs, real.blobs, PlainImaging(), model, real.ids
    )
    await performer.perform(job)
    assert len(await film.facts(AttemptOutcomeUnknown)) == 1
    shown = await document(real, film, job)
    assert (shown.status, shown.charge, shown.cost) == ("failed", "unknown", "1.0000")
    assert shown.error
