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
from domain.attempts.decide import (
    Completion,
    RecordFailed,
    RecordGenerated,
    RecordOutcomeUnknown,
)
from domain.values import Image
from handlers.actor import worker
from handlers.blobs import Blobs, blob_key
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
STAGING = "staging/"


class LeaseLost(Exception):
    """Another worker has the job now."""


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
        except LeaseLost:
            return True
        finally:
            beat.cancel()
            with suppress(asyncio.CancelledError):
                await beat
        return True

    async def adopt(self, call: str) -> bool:
        """The sweep: bytes were staged, and no worker is on it any more."""
        job = await self.jobs.orphaned(call)
        if job is None:
            return False
        await self._adopt_staged(job, call)
        return True

    async def _recover(self, job: Job) -> bool:
        """Looks at calls that were begun and not ended; True when one of them ends the job."""
        for call in await self.jobs.calls(job.id):
            if call.state == "done":
                await self.jobs.finish(job.id)
                return True
            if call.state != "started":
                continue
            if await self._adopt_staged(job, call.id):
                return True
            if self.model.repeatable:
                await self.jobs.end_call(call.id, "failed")
                continue
            await self._unknown(job, call.id)
            return True
        return False

    async def _draw(self, job: Job) -> None:
        if job.tries >= TRIES:
            await self._failed(job, "The job was tried five times and did not come through.")
            return
        references = await self._references(job)
        call, model = self.ids.new(), self.model
        begun = await self.jobs.begin_call(job, call, model.provider, model.name, CREDITS_PER_IMAGE)
        if not begun:
            raise LeaseLost
        try:
            drawn = await model.draw(job.request.order, references)
        except ModelBusy as busy:
            await self.jobs.end_call(call, "failed")
            await self.jobs.again(job, busy.delay * random.uniform(1, 1.5), tried=False)
            return
        except ModelFailed as failed:
            await self.jobs.end_call(call, "failed")
            await self._failed(job, failed.reason, failed)
            return
        except OutcomeLost:
            await self._unknown(job, call)
            return
        await self.blobs.put(STAGING + call, _pack(drawn), "application/octet-stream")
        await self._complete(job, call, drawn)

    async def _references(self, job: Job) -> list[bytes]:
        found = []
        for reference in job.request.order.references:
            body = await self.blobs.get(blob_key(job.tenant, reference.image))
            if body is not None:
                found.append(body)
        return found

    async def _adopt_staged(self, job: Job, call: str) -> bool:
        staged = await self.blobs.get(STAGING + call)
        if staged is None:
            return False
        await self._complete(job, call, _unpack(staged))
        return True

    async def _complete(self, job: Job, call: str, drawn: Drawn) -> None:
        """Every step may be done twice: files are named by their content, the completion's
        command by the call."""
        try:
            image = await self._store(job, drawn)
        except NotAnImage as error:
            await self._failed(job, f"The provider sent no image: {error}", charged=True)
        else:
            request = job.request
            await self._record(
                job,
                RecordGenerated(request.scene, request.asset, job.id, image, drawn.cost, call),
                f"gen:{call}",
            )
        await self.jobs.end_call(call, "done")
        await self.jobs.finish(job.id)
        await self.blobs.delete(STAGING + call)

    async def _store(self, job: Job, drawn: Drawn) -> Image:
        image = await self.imaging.examine(drawn.body)
        small = await self.imaging.thumbnail(drawn.body)
        key = blob_key(job.tenant, image.sha256)
        await self.blobs.put(key, drawn.body, image.media_type)
        await self.blobs.put(thumbnail_key(job.tenant, image.sha256), small, "image/webp")
        return image

    async def _failed(
        self, job: Job, reason: str, failure: ModelFailed | None = None, charged: bool = False
    ) -> None:
        charge = failure.charge if failure else ("yes" if charged else "no")
        request = job.request
        await self._record(
            job, RecordFailed(request.scene, request.asset, job.id, reason, charge), f"end:{job.id}"
        )
        await self.jobs.finish(job.id)

    async def _unknown(self, job: Job, call: str) -> None:
        request = job.request
        command = RecordOutcomeUnknown(
            request.scene, request.asset, job.id, call, CREDITS_PER_IMAGE
        )
        await self._record(job, command, f"unknown:{call}")
        await self.jobs.end_call(call, "unknown")
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
            if not await self.jobs.heartbeat(job, self.lease):
                return


def thumbnail_key(tenant: str, digest: str) -> str:
    return f"{blob_key(tenant, digest)}.thumbnail"


def _pack(drawn: Drawn) -> bytes:
    return msgspec.msgpack.encode(drawn)


def _unpack(staged: bytes) -> Drawn:
    return msgspec.msgpack.decode(staged, type=Drawn)
