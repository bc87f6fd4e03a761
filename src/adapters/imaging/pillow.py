"""Image files with Pillow: content decides, not the name; nothing is decoded before its size is
known."""

import asyncio
import io
import warnings
from hashlib import sha256

from PIL import Image as Pillow
from PIL import ImageOps

from domain.values import Image
from handlers.imaging import NotAnImage

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
MAX_PIXELS = 40_000_000
THUMBNAIL = 320


class PillowImaging:
    """In threads: Pillow lets go of the interpreter while it codes."""

    async def examine(self, body: bytes) -> Image:
        return await asyncio.to_thread(_examine, body)

    async def thumbnail(self, body: bytes) -> bytes:
        return await asyncio.to_thread(_thumbnail, body)


def _examine(body: bytes) -> Image:
    picture = _open(body)
    width, height = picture.size
    return Image(sha256(body).hexdigest(), FORMATS[picture.format or ""], width, height, len(body))


def _thumbnail(body: bytes) -> bytes:
    picture = ImageOps.exif_transpose(_open(body))
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    out = io.BytesIO()
    picture.convert("RGB").save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


def _open(body: bytes) -> Pillow.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            picture = Pillow.open(io.BytesIO(body), formats=list(FORMATS))
            if picture.width * picture.height > MAX_PIXELS:
                raise NotAnImage(f"more than {MAX_PIXELS // 1_000_000} megapixels")
            picture.load()
            return picture
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError, Warning) as error:
        raise NotAnImage(str(error) or type(error).__name__) from error
