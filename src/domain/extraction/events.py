"""Facts about the two-pass extraction: what was found, what was taken."""

from msgspec import Struct

from domain.values import Kind


class Candidate(Struct, frozen=True):
    """An asset as found in the script: `scenes` are the ids of the scenes that need it."""

    asset: str
    kind: Kind
    name: str
    description: str
    scenes: tuple[str, ...]


class ExtractionPreviewed(Struct, frozen=True, tag="extraction.previewed"):
    extraction: str
    script: str
    parser: str
    candidates: tuple[Candidate, ...]


class ExtractionConfirmed(Struct, frozen=True, tag="extraction.confirmed"):
    """`selected` are the assets that go on; the others are sidelined."""

    extraction: str
    selected: tuple[str, ...]


Fact = ExtractionPreviewed | ExtractionConfirmed
