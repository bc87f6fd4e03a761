"""The port to image files."""

from typing import Protocol

from domain.values import Image


class NotAnImage(Exception):
    """The bytes are no image that this product takes; the message says why."""


class Imaging(Protocol):
    async def examine(self, body: bytes) -> Image:
        """What the file is, from its content. Raises NotAnImage."""

    async def thumbnail(self, body: bytes) -> bytes:
        """A WebP of at most 320 pixels a side."""
