"""The colours of a draft: from the words of its description, its name and its tone."""

import colorsys
from hashlib import sha256

from domain.values import Tone

Colour = tuple[int, int, int]

NAMED: dict[str, Colour] = {
    "black": (34, 34, 38),
    "white": (238, 236, 230),
    "grey": (128, 130, 134),
    "gray": (128, 130, 134),
    "charcoal": (58, 60, 66),
    "silver": (190, 194, 200),
    "red": (186, 44, 44),
    "burgundy": (112, 26, 44),
    "crimson": (160, 24, 48),
    "orange": (224, 124, 40),
    "yellow": (232, 196, 44),
    "gold": (206, 164, 60),
    "brass": (180, 146, 70),
    "camel": (190, 150, 104),
    "brown": (112, 78, 52),
    "leather": (98, 64, 42),
    "cream": (236, 224, 196),
    "green": (62, 128, 76),
    "olive": (110, 112, 60),
    "blue": (52, 92, 168),
    "navy": (32, 44, 88),
    "turquoise": (56, 168, 168),
    "purple": (110, 62, 140),
    "pink": (222, 140, 164),
    "violet": (124, 84, 172),
}
LIGHTS: dict[str, Colour] = {
    "noir": (208, 206, 200),
    "hyperrealistic": (214, 206, 192),
    "3d_animation": (196, 214, 236),
    "2d_animation": (248, 232, 196),
    "custom": (214, 210, 204),
}


def number(*parts: object) -> int:
    """A number that follows from the parts, the same on every machine."""
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big")


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of b in a."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def shade(colour: Colour, by: float) -> Colour:
    """Darker below 0, lighter above."""
    return mix(colour, (255, 255, 255) if by > 0 else (0, 0, 0), abs(by))


def own_colours(name: str, description: str) -> list[Colour]:
    """Three: first those that the description names, then the name's own."""
    words = description.lower().replace("-", " ").replace(",", " ").replace(".", " ").split()
    found = [NAMED[word] for word in words if word in NAMED]
    hue = number("hue", name) % 360 / 360
    for step in range(3):
        red, green, blue = colorsys.hsv_to_rgb((hue + step * 0.13) % 1, 0.45, 0.72 - step * 0.14)
        found.append((round(red * 255), round(green * 255), round(blue * 255)))
    return list(dict.fromkeys(found))[:3]


def toned(colour: Colour, tone: Tone) -> Colour:
    """The tone over a colour: noir takes nearly all of it, animation adds to it."""
    grey = round(sum(c * w for c, w in zip(colour, (0.3, 0.59, 0.11), strict=True)))
    level = (grey, grey, grey)
    if tone.preset == "noir" or "black and white" in tone.description.lower():
        return mix(colour, shade(level, -0.25), 0.86)
    if tone.preset == "2d_animation":
        return mix(colour, (255, 214, 120), 0.18)
    if tone.preset == "3d_animation":
        return mix(colour, (150, 190, 255), 0.16)
    return colour
