"""The port to the files: content-addressed, written once, private."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol


class BlobsUnavailable(Exception):
    """The object store cannot be reached now."""


class Blobs(Protocol):
    async def put(self, key: str, body: bytes, media_type: str) -> None:
        """Writes once: a key that is there keeps what it has."""

    async def get(self, key: str) -> bytes | None: ...

    async def delete(self, key: str) -> None: ...

    async def keys(self, prefix: str) -> Sequence[str]: ...


def blob_key(tenant: str, digest: str) -> str:
    """Where a file of a workspace lies; the name is its SHA-256."""
    return f"{tenant}/{digest}"


async def keep(blobs: Blobs, tenant: str, body: bytes, media_type: str) -> str:
    """Stores a file and answers its SHA-256."""
    digest = sha256(body).hexdigest()
    await blobs.put(blob_key(tenant, digest), body, media_type)
    return digest
