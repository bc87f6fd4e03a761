"""Files: written once, named by their content, gone when deleted."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from adapters.blobs.memory import MemoryBlobs
from adapters.blobs.s3 import S3Blobs, S3Settings
from handlers.blobs import Blobs, BlobsUnavailable, blob_key, keep
from tests.support.logs import new


@pytest.fixture(params=["memory", "real"])
def s3(request: pytest.FixtureRequest) -> S3Settings | None:
    if request.param == "memory":
        return None
    stack: dict[str, str] = request.getfixturevalue("stack")
    return S3Settings(
        stack["AIUTEUR_S3_ENDPOINT"],
        stack["AIUTEUR_S3_BUCKET"],
        stack["AIUTEUR_S3_ACCESS_KEY"],
        stack["AIUTEUR_S3_SECRET_KEY"],
    )


@pytest.fixture
async def blobs(s3: S3Settings | None) -> AsyncIterator[Blobs]:
    if s3 is None:
        yield MemoryBlobs()
        return
    made = S3Blobs(s3)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.req("R012")
async def test_a_file_reads_back_byte_for_byte(blobs: Blobs) -> None:
    key, body = f"{new()}/file", bytes(range(256)) * 5000
    await blobs.put(key, body, "image/png")
    assert await blobs.get(key) == body


async def test_a_file_may_be_empty(blobs: Blobs) -> None:
    key = f"{new()}/empty"
    await blobs.put(key, b"", "application/octet-stream")
    assert await blobs.get(key) == b""


async def test_a_file_that_is_not_there_is_none(blobs: Blobs) -> None:
    assert await blobs.get(f"{new()}/nothing") is None


async def test_a_file_is_written_once(blobs: Blobs) -> None:
    key = f"{new()}/once"
    await blobs.put(key, b"first", "image/png")
    await blobs.put(key, b"second", "image/png")
    assert await blobs.get(key) == b"first"


async def test_the_same_file_may_come_from_many_at_once(blobs: Blobs) -> None:
    key = f"{new()}/same"
    await asyncio.gather(*(blobs.put(key, b"same", "image/png") for _ in range(8)))
    assert await blobs.get(key) == b"same"


async def test_a_deleted_file_is_gone_and_may_be_written_anew(blobs: Blobs) -> None:
    key = f"{new()}/gone"
    await blobs.put(key, b"first", "image/png")
    await blobs.delete(key)
    await blobs.delete(key)
    assert await blobs.get(key) is None
    await blobs.put(key, b"second", "image/png")
    assert await blobs.get(key) == b"second"


async def test_keys_are_listed_by_prefix(blobs: Blobs) -> None:
    folder = new()
    names = [f"{folder}/{letter}" for letter in "cab"]
    for name in [*names, f"{folder}-other/x"]:
        await blobs.put(name, b"x", "image/png")
    assert sorted(await blobs.keys(f"{folder}/")) == sorted(names)
    assert await blobs.keys(f"{folder}/a") == [f"{folder}/a"]
    assert await blobs.keys(f"{new()}/") == []
    await blobs.delete(names[0])
    assert sorted(await blobs.keys(f"{folder}/")) == sorted(names[1:])


async def test_a_kept_file_is_named_by_its_content(blobs: Blobs) -> None:
    tenant, body = new(), b"an image"
    digest = await keep(blobs, tenant, body, "image/png")
    assert digest == sha256(body).hexdigest()
    assert await keep(blobs, tenant, body, "image/png") == digest
    assert await blobs.keys(f"{tenant}/") == [blob_key(tenant, digest)]
    assert await blobs.get(blob_key(tenant, digest)) == body
    assert await blobs.get(blob_key(new(), digest)) is None


async def test_more_files_than_a_page_holds_are_all_listed(s3: S3Settings | None) -> None:
    if s3 is None:
        pytest.skip("pages are the object store's")
    made = S3Blobs(s3)
    await made.start()
    folder = new()
    try:
        for at in range(0, 1010, 101):
            part = range(at, at + 101)
            await asyncio.gather(*(made.put(f"{folder}/{n:04}", b"", "image/png") for n in part))
        assert len(await made.keys(f"{folder}/")) == 1010
    finally:
        await made.stop()


async def test_a_store_that_is_away_is_said_to_be_away() -> None:
    made = S3Blobs(S3Settings("http://127.0.0.1:9", "bucket", "key", "secret"))
    await made.start()
    try:
        with pytest.raises(BlobsUnavailable):
            await made.get("any")
    finally:
        await made.stop()
