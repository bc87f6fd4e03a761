"""Scene headings taken apart: inside or outside, where, when."""

import re

from domain.scenes.events import Heading, IntExt
from domain.screenplay.lexicon import TIMES

_PREFIX = re.compile(
    r"^(?P<kind>INT\.?\s*/\s*EXT|EXT\.?\s*/\s*INT|I/E|E/I|INT|EXT|EST)(?:[.\s]+|$)", re.IGNORECASE
)
_DASH = re.compile(r"\s+[-–—]+\s*|\s*--+\s*|\s*[–—]\s*")


def take_apart(text: str) -> Heading:
    matched = _PREFIX.match(text)
    place = text[matched.end() :] if matched else text
    parts = [part.strip() for part in _DASH.split(place) if part.strip()]
    time = ""
    if len(parts) > 1 and _is_time(parts[-1]):
        time = parts.pop()
    return Heading(text, _int_ext(matched["kind"]) if matched else "", " - ".join(parts), time)


def _int_ext(kind: str) -> IntExt:
    letters = kind.upper()
    if "/" in letters:
        return "INT/EXT"
    return "INT" if letters.startswith("INT") else "EXT"


def _is_time(part: str) -> bool:
    return any(word.strip("().,").lower() in TIMES for word in part.split())
