"""Contact sheets: a scene's assets side by side, as people pin them to a wall."""

import io
import textwrap
from collections.abc import Sequence

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

from adapters.imaging.writable import writable

COLUMNS = 4
CELL = (300, 240)
HEAD = 64


class Cell(Struct, frozen=True):
    """`image` is None where there is none yet; `chips` are shown as labels."""

    name: str
    note: str
    chips: tuple[str, ...]
    image: bytes | None


def sheet(title: str, subtitle: str, cells: Sequence[Cell]) -> bytes:
    rows = max(1, -(-len(cells) // COLUMNS))
    width, height = CELL[0] * COLUMNS + 20, HEAD + CELL[1] * rows + 16
    page = Image.new("RGB", (width, height), (22, 22, 26))
    pen = ImageDraw.Draw(page)
    pen.text((18, 12), writable(title), font=ImageFont.load_default(24), fill=(244, 242, 236))
    pen.text((18, 42), writable(subtitle), font=ImageFont.load_default(13), fill=(150, 150, 158))
    for number, cell in enumerate(cells):
        left = 10 + number % COLUMNS * CELL[0]
        top = HEAD + number // COLUMNS * CELL[1]
        _cell(page, pen, (left, top), cell)
    out = io.BytesIO()
    page.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _cell(page: Image.Image, pen: ImageDraw.ImageDraw, corner: tuple[int, int], cell: Cell) -> None:
    left, top = corner
    room = (CELL[0] - 16, CELL[1] - 66)
    pen.rectangle((left + 6, top + 4, left + CELL[0] - 8, top + CELL[1] - 8), fill=(36, 36, 42))
    if cell.image is not None:
        picture = Image.open(io.BytesIO(cell.image)).convert("RGB")
        picture.thumbnail(room)
        page.paste(picture, (left + (CELL[0] - picture.width) // 2, top + 6))
    else:
        pen.text(
            (left + 100, top + 76),
            "no image yet",
            font=ImageFont.load_default(14),
            fill=(110, 110, 118),
        )
    line = top + CELL[1] - 56
    name, small = ImageFont.load_default(15), ImageFont.load_default(11)
    pen.text((left + 14, line), writable(cell.name), font=name, fill=(244, 242, 236))
    note = textwrap.shorten(writable(cell.note), 52)
    pen.text((left + 14, line + 21), note, font=small, fill=(150, 150, 158))
    at = float(left + CELL[0] - 16)
    for chip in cell.chips:
        text = writable(chip)
        wide = pen.textlength(text, font=small) + 12
        at -= wide + 3
        pen.rounded_rectangle((at, line + 1, at + wide - 2, line + 17), 8, fill=(232, 196, 44))
        pen.text((at + 5, line + 3), text, font=small, fill=(24, 24, 24))
