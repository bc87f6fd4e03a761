"""The shapes of a draft: a figure, a place, a thing, a group; and what happened to them."""

import random
from collections.abc import Sequence

from PIL import Image, ImageDraw

from adapters.models.draft_palette import Colour, shade

Box = tuple[float, float, float, float]
Pen = ImageDraw.ImageDraw


def backdrop(size: tuple[int, int], light: Colour, from_left: float) -> Image.Image:
    """A studio wall, lit from one side."""
    width, height = size
    strip = Image.new("RGB", (16, 9))
    for x in range(16):
        for y in range(9):
            away = abs(x / 15 - from_left) * 0.42 + y / 8 * 0.2
            strip.putpixel((x, y), shade(light, -away))
    return strip.resize((width, height), Image.Resampling.BICUBIC)


def figure(pen: Pen, box: Box, colours: Sequence[Colour], chance: random.Random) -> None:
    """A person: coat, arms, head, hair or hat."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    middle = left + width * (0.5 + chance.uniform(-0.06, 0.06))
    coat, under, hair = colours
    shoulder, waist, hem = top + height * 0.3, top + height * 0.6, bottom
    lean = width * chance.uniform(-0.08, 0.08)
    pen.polygon(
        [
            (middle - width * 0.26, shoulder),
            (middle + width * 0.26, shoulder),
            (middle + width * 0.2 + lean / 2, waist),
            (middle + width * 0.34 + lean, hem),
            (middle - width * 0.34 + lean, hem),
            (middle - width * 0.2 + lean / 2, waist),
        ],
        fill=coat,
    )
    pen.polygon(
        [
            (middle - width * 0.06, shoulder),
            (middle + width * 0.06, shoulder),
            (middle + lean / 2, waist),
        ],
        fill=under,
    )
    for side in (-1, 1):
        reach = chance.uniform(0.3, 0.62) * height
        elbow = middle + side * width * chance.uniform(0.34, 0.48)
        pen.line(
            [
                (middle + side * width * 0.24, shoulder + height * 0.03),
                (elbow, shoulder + height * 0.2),
                (elbow - side * width * chance.uniform(-0.1, 0.2), shoulder + reach),
            ],
            fill=shade(coat, -0.18),
            width=max(3, round(width * 0.11)),
            joint="curve",
        )
    head = width * 0.15
    centre = (middle + lean * 0.2, top + height * 0.17)
    pen.ellipse(_round(centre, head, head * 1.2), fill=(212, 182, 158))
    crown = (centre[0] - head * 1.15, centre[1] - head * 1.4, centre[0] + head * 1.15, centre[1])
    pen.pieslice(crown, 180, 360, fill=hair)
    if chance.random() < 0.5:
        pen.rectangle(
            (
                crown[0] - head * 0.5,
                centre[1] - head * 0.78,
                crown[2] + head * 0.5,
                centre[1] - head * 0.58,
            ),
            fill=shade(hair, -0.3),
        )


def group(pen: Pen, box: Box, colours: Sequence[Colour], chance: random.Random) -> None:
    left, top, right, bottom = box
    count = 6
    step = (right - left) / count
    for row in (0.25, 0.0):
        for at in range(count):
            x = left + step * at + step * row
            y = top + (bottom - top) * (0.3 - row)
            turned = [shade(c, chance.uniform(-0.35, 0.1)) for c in colours]
            figure(pen, (x, y, x + step * 1.1, bottom - (bottom - top) * row * 0.4), turned, chance)


def thing(pen: Pen, box: Box, colours: Sequence[Colour], chance: random.Random) -> None:
    """One of a few solid forms, chosen by the thing's own colour."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    body, edge, mark = colours
    form = sum(body) % 3
    tilt = width * chance.uniform(-0.06, 0.06)
    line = max(2, round(width * 0.02))
    pen.ellipse(
        (left + width * 0.1, bottom - height * 0.12, right - width * 0.1, bottom),
        fill=(0, 0, 0, 70),
    )
    if form == 0:
        pen.rounded_rectangle(
            (
                left + width * 0.12 + tilt,
                top + height * 0.3,
                right - width * 0.12 + tilt,
                bottom - height * 0.06,
            ),
            radius=width * 0.07,
            fill=body,
            outline=shade(edge, -0.3),
            width=line,
        )
        pen.arc(
            (
                left + width * 0.34 + tilt,
                top + height * 0.12,
                right - width * 0.34 + tilt,
                top + height * 0.48,
            ),
            180,
            360,
            fill=shade(edge, -0.3),
            width=line * 3,
        )
    elif form == 1:
        pen.polygon(
            [
                (left + width * 0.3 + tilt, top + height * 0.1),
                (right - width * 0.3 + tilt, top + height * 0.1),
                (right - width * 0.14, bottom - height * 0.06),
                (left + width * 0.14, bottom - height * 0.06),
            ],
            fill=body,
            outline=shade(edge, -0.3),
            width=line,
        )
    else:
        pen.ellipse(
            (
                left + width * 0.12 + tilt,
                top + height * 0.14,
                right - width * 0.12 + tilt,
                bottom - height * 0.05,
            ),
            fill=body,
            outline=shade(edge, -0.3),
            width=line,
        )
    pen.rounded_rectangle(
        (
            left + width * 0.36 + tilt,
            top + height * 0.5,
            right - width * 0.36 + tilt,
            top + height * 0.64,
        ),
        radius=6,
        fill=mark,
    )


def place(pen: Pen, box: Box, colours: Sequence[Colour], chance: random.Random) -> None:
    """A ground, a skyline in two depths, a light."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    wall, roof, light = colours
    pen.rectangle((left, top + height * 0.72, right, bottom), fill=shade(wall, -0.45))
    x = left + width * chance.uniform(0.15, 0.85)
    pen.ellipse(_round((x, top + height * 0.2), width * 0.05, width * 0.05), fill=shade(light, 0.5))
    for depth, colour in ((0.25, shade(roof, -0.05)), (0.0, shade(wall, -0.2))):
        at = left
        while at < right:
            wide = width * chance.uniform(0.1, 0.24)
            high = height * (chance.uniform(0.2, 0.5) + depth * 0.5)
            top_edge = top + height * 0.72 - high
            pen.rectangle((at, top_edge, at + wide, top + height * 0.72), fill=colour)
            for window in range(3):
                if depth == 0.0 and chance.random() < 0.6:
                    w_left = at + wide * (0.15 + 0.27 * window)
                    pen.rectangle(
                        (
                            w_left,
                            top_edge + high * 0.25,
                            w_left + wide * 0.12,
                            top_edge + high * 0.45,
                        ),
                        fill=shade(light, 0.3),
                    )
            at += wide * 1.08


def marks(
    pen: Pen, box: Box, words: Sequence[str], stains: Sequence[Colour], chance: random.Random
) -> None:
    """What a status tag did to the subject: each word leaves its own trace."""
    left, top, right, bottom = box
    for word, stain in zip(words, stains, strict=True):
        for _ in range(26):
            x = left + (right - left) * chance.betavariate(3, 3)
            y = top + (bottom - top) * chance.uniform(0.3, 0.98)
            size = (right - left) * chance.uniform(0.01, 0.05)
            if word in ("torn", "slashed", "ripped", "cracked", "cut"):
                pen.line((x, y, x + size * 2.5, y + size * 2.5), fill=(20, 18, 18), width=4)
            elif word in ("wet", "soaked", "rainy"):
                pen.line((x, y, x, y + size * 3), fill=stain, width=3)
            else:
                pen.ellipse(_round((x, y), size, size * 0.8), fill=stain)


def _round(centre: tuple[float, float], across: float, down: float) -> Box:
    x, y = centre
    return (x - across, y - down, x + across, y + down)
