"""What holds for a whole branch: its script, the extraction that waits, its visual style."""

from collections.abc import Iterable

from msgspec import Struct

from domain.extraction.events import (
    Candidate,
    ExtractionConfirmed,
    ExtractionPreviewed,
)
from domain.record import Told
from domain.styles.events import StyleToneSet
from domain.values import Tone
from domain.writing.events import ScriptImported
from projections.engine import Projection

Fact = ScriptImported | ExtractionPreviewed | ExtractionConfirmed | StyleToneSet


class ScriptEntry(Struct):
    sha256: str
    title: str
    format: str
    parser: str
    size: int
    imported_at: str


class Preview(Struct):
    id: str
    extracted_at: str
    candidates: tuple[Candidate, ...]
    confirmed: bool = False


class Writing(Struct):
    script: ScriptEntry | None = None
    extraction: Preview | None = None
    tone: Tone | None = None


def keys(fact: Fact) -> Iterable[str]:
    return ("",)


def apply(document: Writing | None, told: Told) -> Writing:
    writing, fact, at = document or Writing(), told.fact, told.meta.time
    match fact:
        case ScriptImported(script, title, format, parser, size):
            writing.script = ScriptEntry(script, title, format, parser, size, at)
        case ExtractionPreviewed(extraction, _, _, candidates):
            writing.extraction = Preview(extraction, at, candidates)
        case ExtractionConfirmed():
            if writing.extraction is not None:
                writing.extraction.confirmed = True
        case StyleToneSet(tone):
            writing.tone = tone
    return writing


WRITING = Projection(
    name="writing",
    document=Writing,
    keys=keys,
    apply=apply,
    facts=(ScriptImported, ExtractionPreviewed, ExtractionConfirmed, StyleToneSet),
)
