"""The extraction that waits for its confirmation, if any."""

from typing import assert_never

from msgspec import Struct

from domain.extraction.events import ExtractionConfirmed, ExtractionPreviewed, Fact


class Extraction(Struct, frozen=True):
    preview: ExtractionPreviewed | None = None
    confirmed: ExtractionConfirmed | None = None


def evolve(state: Extraction, fact: Fact) -> Extraction:
    match fact:
        case ExtractionPreviewed():
            return Extraction(fact, state.confirmed)
        case ExtractionConfirmed():
            return Extraction(None, fact)
        case _:
            assert_never(fact)
