"""Imaging for tests that need no pixels: every file is a small PNG."""

from hashlib import sha256

from domain.values import Image
from handlers.imaging import NotAnImage


class PlainImaging:
    async def examine(self, body: bytes) -> Image:
        if not body:
            raise NotAnImage("it is empty")
        return Image(sha256(body).hexdigest(), "image/png", 16, 9, len(body))

    async def thumbnail(self, body: bytes) -> bytes:
        return body[:8]
