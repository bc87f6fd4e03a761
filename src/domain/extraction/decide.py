"""Rules of the two passes."""

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct

from domain.extraction.events import (
    Candidate,
    ExtractionConfirmed,
    ExtractionPreviewed,
    Fact,
)
from domain.extraction.state import Extraction
from domain.refusal import Refused


class PreviewExtraction(Struct, frozen=True):
    extraction: str
    script: str
    parser: str
    candidates: tuple[Candidate, ...]


class ConfirmExtraction(Struct, frozen=True):
    extraction: str
    selected: tuple[str, ...]


Command = PreviewExtraction | ConfirmExtraction


def decide(command: Command, state: Extraction) -> Sequence[Fact]:
    match command:
        case PreviewExtraction(extraction, script, parser, candidates):
            previewed = ExtractionPreviewed(extraction, script, parser, candidates)
            done = state.confirmed is not None and state.confirmed.extraction == extraction
            return [] if done or state.preview == previewed else [previewed]
        case ConfirmExtraction(extraction, selected):
            if state.confirmed == ExtractionConfirmed(extraction, selected):
                return []
            preview = pending(state, extraction)
            found = {each.asset for each in preview.candidates}
            unknown = [asset for asset in selected if asset not in found]
            if unknown:
                raise Refused(
                    "ASSET_NOT_IN_EXTRACTION",
                    "Only assets of the preview can be confirmed.",
                    assets=unknown,
                )
            return [ExtractionConfirmed(extraction, selected)]
        case _:
            assert_never(command)


def pending(state: Extraction, extraction: str) -> ExtractionPreviewed:
    if state.preview is None or state.preview.extraction != extraction:
        raise Refused(
            "EXTRACTION_NOT_PENDING",
            "This preview was confirmed already or replaced by a newer one.",
            extraction=extraction,
        )
    return state.preview
