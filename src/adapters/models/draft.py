"""The embedded image model: draws offline, and always the same for the same order. It shows what
it was given (kind, description, tags, tone, references, ratio, seed), so that a person can tell
attempts apart and see what a reference does; and it says on its face that it is a draft."""

import asyncio
import io
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from adapters.imaging.writable import writable
from adapters.models import draft_figures as figures
from adapters.models.draft_palette import (
    LIGHTS,
    Colour,
    mix,
    number,
    own_colours,
    toned,
)
from domain.attempts.events import Order
from handlers.models import Drawn

SIZES = {
    "16:9": (768, 432),
    "9:16": (432, 768),
    "1:1": (576, 576),
    "4:3": (672, 504),
    "2.35:1": (846, 360),
}
CAPTION = 52
STAINS: dict[str, Colour] = {
    "muddy": (92, 66, 40),
    "dirty": (88, 76, 60),
    "bloody": (140, 20, 24),
    "wet": (120, 170, 220),
    "soaked": (100, 150, 210),
    "burnt": (28, 24, 22),
    "dusty": (190, 176, 150),
    "snowy": (244, 246, 250),
}
_SHAPES = {
    "character": figures.figure,
    "location": figures.place,
    "prop": figures.thing,
    "extra_archetype": figures.group,
}


class DraftModel:
    provider = "aiuteur"
    name = "draft-1"
    repeatable = True
    cost = "1.0000"

    async def draw(self, order: Order, references: Sequence[bytes]) -> Drawn:
        body = await asyncio.to_thread(render, order, references)
        return Drawn(body, "image/png", self.cost)


def render(order: Order, references: Sequence[bytes]) -> bytes:
    size = SIZES[order.aspect_ratio]
    chance = random.Random(number(order.seed, order.name, order.kind))
    light = toned(LIGHTS[order.tone.preset], order.tone)
    light = mix(light, _tint(order.tone.description), 0.25)
    picture = figures.backdrop(size, light, chance.uniform(0.1, 0.9))
    pen = ImageDraw.Draw(picture, "RGBA")
    colours = [toned(c, order.tone) for c in own_colours(order.name, order.description)]
    samples = [Image.open(io.BytesIO(body)).convert("RGB") for body in references]
    if samples:
        colours = _drawn_from(samples[0], colours)
    box = _frame(order, size, chance)
    _SHAPES[order.kind](pen, box, colours, chance)
    stains = [STAINS.get(tag, own_colours(tag, tag)[0]) for tag in order.tags]
    figures.marks(pen, box, order.tags, stains, chance)
    _insets(picture, samples)
    _caption(pen, size, order)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _tint(description: str) -> Colour:
    return own_colours(description, description)[0] if description else (128, 128, 128)


def _drawn_from(reference: Image.Image, colours: Sequence[Colour]) -> list[Colour]:
    """A reference decides what the subject looks like: its colours outweigh the words'."""
    width, height = reference.size
    heart = reference.crop(
        (width * 2 // 5, height * 2 // 5, width * 3 // 5, height * 17 // 20)
    ).resize((1, 3), Image.Resampling.BOX)
    seen: list[Colour] = [heart.getpixel((0, y)) for y in range(3)]  # type: ignore[misc]
    return [mix(own, other, 0.65) for own, other in zip(colours, seen, strict=True)]


def _frame(order: Order, size: tuple[int, int], chance: random.Random) -> figures.Box:
    width, height = size
    if order.kind == "location":
        return (0, 0, width, height)
    height -= CAPTION
    high = height * chance.uniform(0.84, 0.94)
    wide = min(width * 0.9, high * {"character": 0.62, "prop": 0.9}.get(order.kind, 1.9))
    left = (width - wide) * chance.uniform(0.38, 0.62)
    top = (height - high) * 0.6
    return (left, top, left + wide, top + high)


def _insets(picture: Image.Image, samples: Sequence[Image.Image]) -> None:
    """What it was drawn from, small, at the upper right."""
    width, height = picture.size
    for at, sample in enumerate(samples[:3]):
        small = sample.copy()
        small.thumbnail((width // 6, height // 6))
        spot = (width - small.width - 10, 10 + at * (height // 6 + 8))
        frame = Image.new("RGB", (small.width + 4, small.height + 4), (250, 250, 250))
        frame.paste(small, (2, 2))
        picture.paste(frame, (spot[0] - 2, spot[1] - 2))


def _caption(pen: ImageDraw.ImageDraw, size: tuple[int, int], order: Order) -> None:
    width, height = size
    large, small = ImageFont.load_default(20), ImageFont.load_default(13)
    pen.rectangle((0, height - CAPTION, width, height), fill=(12, 12, 14, 190))
    pen.text((12, height - 47), writable(order.name), font=large, fill=(246, 246, 244))
    facts = [order.tone.preset.replace("_", " "), f"seed {order.seed % 10000:04d}"]
    pen.text((12, height - 20), " · ".join(facts), font=small, fill=(190, 190, 190))
    right = float(width - 12)
    for word in reversed(order.tags):
        tag = writable(word)
        wide = pen.textlength(tag, font=small) + 14
        pen.rounded_rectangle(
            (right - wide, height - 40, right, height - 18), 10, fill=(232, 196, 44)
        )
        pen.text((right - wide + 7, height - 37), tag, font=small, fill=(20, 20, 20))
        right -= wide + 6
    pen.rectangle((0, 0, 66, 22), fill=(186, 44, 44))
    pen.text((9, 3), "DRAFT", font=small, fill=(255, 255, 255))
