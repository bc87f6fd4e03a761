"""One image job from claim to completion (design, section 7). Whatever step it dies at, the
next worker goes on from what is durable: no image that was paid for is lost, no call is
repeated in silence."""

import asyncio
import random
from contextlib import suppress
from hashlib import sha256

import msgspec
from msgspec import Struct

from domain import branch as rules
from domain.attempts.decide import Completion, RecordFailed, RecordGenerated, RecordOutcomeUnknown
from domain.attempts.events import Charge
from domain.attempts.state import Status
from domain.values import Image
from handlers.actor import worker
from handlers.blobs import Blobs, BlobsUnavailable, blob_key
from handlers.clock import Ids
from handlers.execute import Asked, Executor
from handlers.generation import CREDITS_PER_IMAGE
from handlers.imaging import Imaging, NotAnImage
from handlers.jobs import Job, Jobs
from handlers.models import Drawn, ImageModel, ModelBusy, ModelFailed, OutcomeLost
from handlers.warm import BRANCH

LEASE = 15.0
"""Seconds after which a silent worker's job goes to another."""
TRIES = 5
PATIENCE = 200
"""So many times, a tenth of a lease apart, bytes in hand are offered to a store that is away."""
STAGING = "staging/"


class Performer(Struct, frozen=True):
    executor: Executor
    jobs: Jobs
    blobs: Blobs
    imaging: Imaging
    model: ImageModel
    ids: Ids
    lease: float = LEASE

    async def perform(self, job_id: str) -> bool:
        """Whether there was anything to do."""
        job = await self.jobs.claim(job_id, self.lease)
        if job is None:
            return False
        beat = asyncio.create_task(self._heartbeat(job))
        try:
            if not await self._recover(job):
                await self._draw(job)
        finally:
            beat.cancel()
            with suppress(asyncio.CancelledError):
                await beat
        return True

    async def adopt(self, call: str) -> bool:
        """The sweep: bytes were staged, and no worker is on it any more."""
        job = await self.jobs.orphaned(call)
        return job is not None and await self._adopt_staged(job, call)

    async def _recover(self, job: Job) -> bool:
        """Ends the calls that were begun and not ended; True when the job has ended with them,
        or had before: then nothing is drawn again, whatever its last worker died of."""
        if not (calls := await self.jobs.calls(job.id)):
            return False
        free = self.model.repeatable or await self._status(job) != "open"
        for call in calls:
            if call.state in ("done", "failed") or await self._adopt_staged(job, call.id):
                continue
            await self.jobs.end_call(call.id, "failed" if free else "unknown")
        for call in await self.jobs.calls(job.id):  # its own worker may have been first to mark it
            if call.state == "unknown":
                await self._unknown(job, call.id)
        if await self._status(job) == "open":
            return False
        await self.jobs.finish(job.id)
        return True

    async def _status(self, job: Job) -> Status:
        """How the log says that the job stands."""
        state, _ = await self.executor.state(BRANCH, job.branch, worker(job.tenant))
        known = state.attempts.carousel(job.request.scene, job.request.asset).requests
        return known[job.id].status if job.id in known else "open"

    async def _draw(self, job: Job) -> None:
        if job.tries >= TRIES:
            await self._failed(job, "The job was tried five times and did not come through.")
            await self.jobs.finish(job.id)
            return
        references = await self._references(job)
        call, model = self.ids.new(), self.model
        cost = CREDITS_PER_IMAGE
        if not await self.jobs.begin_call(job, call, model.provider, model.name, cost):
            return  # the lease was lost: another worker has the job now
        try:
            drawn = await model.draw(job.request.order, references)
        except ModelBusy as busy:
            await self.jobs.end_call(call, "failed")
            await self.jobs.again(job, busy.delay * random.uniform(1, 1.5), tried=False)
            return
        except ModelFailed as failed:
            await self._failed(job, failed.reason, failed.charge)
            await self.jobs.end_call(call, "failed")
            await self.jobs.finish(job.id)
            return
        except OutcomeLost:
            if model.repeatable:
                await self.jobs.end_call(call, "failed")
                await self.jobs.again(job, 1.0, tried=True)
            elif await self.jobs.end_call(call, "unknown"):
                await self._unknown(job, call)
            return
        await self._stage(call, drawn)
        await self._complete(job, call, drawn)

    async def _stage(self, call: str, drawn: Drawn) -> None:
        """Holds on to what may have been paid for while the store is away."""
        body, tries = msgspec.msgpack.encode(drawn), 0
        while True:
            try:
                await self.blobs.put(STAGING + call, body, "application/octet-stream")
            except BlobsUnavailable:
                if (tries := tries + 1) > PATIENCE:
                    raise
                await asyncio.sleep(self.lease / 10)
            else:
                return

    async def _references(self, job: Job) -> list[bytes]:
        keys = [blob_key(job.tenant, each.image) for each in job.request.order.references]
        return [body for key in keys if (body := await self.blobs.get(key)) is not None]

    async def _adopt_staged(self, job: Job, call: str) -> bool:
        staged = await self.blobs.get(STAGING + call)
        if staged is None:
            return False
        await self._complete(job, call, msgspec.msgpack.decode(staged, type=Drawn))
        return True

    async def _complete(self, job: Job, call: str, drawn: Drawn) -> None:
        """Every step may be done twice: files are named by their content, the completion's
        command by the call."""
        try:
            image = await self._store(job, drawn)
        except NotAnImage as error:
            await self._failed(job, f"The provider sent no image: {error}", "yes")
        else:
            scene, asset = job.request.scene, job.request.asset
            made = RecordGenerated(scene, asset, job.id, image, drawn.cost, call)
            await self._record(job, made, f"gen:{call}")
        await self.jobs.end_call(call, "done")
        await self.jobs.finish(job.id)
        await self.blobs.delete(STAGING + call)

    async def _store(self, job: Job, drawn: Drawn) -> Image:
        image = await self.imaging.examine(drawn.body)
        small = await self.imaging.thumbnail(drawn.body)
        await self.blobs.put(blob_key(job.tenant, image.sha256), drawn.body, image.media_type)
        await self.blobs.put(thumbnail_key(job.tenant, image.sha256), small, "image/webp")
        return image

    async def _failed(self, job: Job, reason: str, charge: Charge = "no") -> None:
        request = job.request
        command = RecordFailed(request.scene, request.asset, job.id, reason, charge)
        await self._record(job, command, f"end:{job.id}")

    async def _unknown(self, job: Job, call: str) -> None:
        """Told after the call was marked so: whoever comes upon the mark tells it again, and
        nobody draws meanwhile."""
        scene, asset = job.request.scene, job.request.asset
        command = RecordOutcomeUnknown(scene, asset, job.id, call, CREDITS_PER_IMAGE)
        await self._record(job, command, f"unknown:{call}")
        await self.jobs.finish(job.id)

    async def _record(self, job: Job, command: Completion, id: str) -> None:
        fingerprint = sha256(id.encode()).digest()
        asked = Asked(worker(job.tenant), id, key=id, fingerprint=fingerprint, causation=job.id)
        await self.executor.execute(
            BRANCH, job.branch, job.project, lambda state: rules.decide(command, state), asked
        )

    async def _heartbeat(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self.lease / 3)
            with suppress(Exception):  # one beat that fails is no reason to lose the lease
                if not await self.jobs.heartbeat(job, self.lease):
                    return


def thumbnail_key(tenant: str, digest: str) -> str:
    return f"{blob_key(tenant, digest)}.thumbnail"
