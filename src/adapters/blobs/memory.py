"""Files in memory: the same contract."""

from collections.abc import Sequence


class MemoryBlobs:
    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    async def put(self, key: str, body: bytes, media_type: str) -> None:
        self._files.setdefault(key, body)

    async def get(self, key: str) -> bytes | None:
        return self._files.get(key)

    async def delete(self, key: str) -> None:
        self._files.pop(key, None)

    async def keys(self, prefix: str) -> Sequence[str]:
        return sorted(key for key in self._files if key.startswith(prefix))
