"""Files on any S3 that honours `If-None-Match: *`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import aioboto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from handlers.blobs import BlobsUnavailable

Result = TypeVar("Result")
TRIES = 4


class S3Settings(Struct, frozen=True):
    endpoint: str
    bucket: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"

    def __repr__(self) -> str:  # S30: secrets do not end up in logs
        return f"S3Settings(endpoint={self.endpoint!r}, bucket={self.bucket!r})"


class S3Blobs:
    """One client per process. Puts are safe to repeat, so a store that is away for a moment is
    asked again."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self._client: Any = None

    async def start(self) -> None:
        session = aioboto3.Session(
            aws_access_key_id=self._settings.access_key,
            aws_secret_access_key=self._settings.secret_key,
            region_name=self._settings.region,
        )
        config = Config(
            connect_timeout=3,
            read_timeout=20,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        )
        client = session.client("s3", endpoint_url=self._settings.endpoint, config=config)
        self._client = await self._stack.enter_async_context(client)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def put(self, key: str, body: bytes, media_type: str) -> None:
        async def once() -> None:
            try:
                await self._client.put_object(
                    Bucket=self._settings.bucket,
                    Key=key,
                    Body=body,
                    ContentType=media_type,
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if _status(error) != 412:  # 412: it is there already, which is as good
                    raise

        await self._persist(once)

    async def get(self, key: str) -> bytes | None:
        async def once() -> bytes | None:
            try:
                answer = await self._client.get_object(Bucket=self._settings.bucket, Key=key)
            except ClientError as error:
                if _status(error) == 404:
                    return None
                raise
            async with answer["Body"] as stream:
                body: bytes = await stream.read()
                return body

        return await self._persist(once)

    async def delete(self, key: str) -> None:
        async def once() -> None:
            await self._client.delete_object(Bucket=self._settings.bucket, Key=key)

        await self._persist(once)

    async def keys(self, prefix: str) -> Sequence[str]:
        async def once() -> Sequence[str]:
            found: list[str] = []
            pages = self._client.get_paginator("list_objects_v2")
            async for page in pages.paginate(Bucket=self._settings.bucket, Prefix=prefix):
                found.extend(each["Key"] for each in page.get("Contents", ()))
            return found

        return await self._persist(once)

    async def _persist(self, once: Callable[[], Awaitable[Result]]) -> Result:
        for attempt in range(TRIES):
            try:
                return await once()
            except ClientError as error:
                if _status(error) < 500 or attempt == TRIES - 1:
                    raise BlobsUnavailable(str(error)) from error
            except (BotoCoreError, OSError) as error:
                if attempt == TRIES - 1:
                    raise BlobsUnavailable(str(error)) from error
            await asyncio.sleep(0.2 * 2**attempt)
        raise AssertionError("not reached")


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
