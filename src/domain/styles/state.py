"""The visual style of a branch."""

from msgspec import Struct

from domain.styles.events import Fact
from domain.values import Tone


class Style(Struct, frozen=True):
    tone: Tone | None = None


def evolve(state: Style, fact: Fact) -> Style:
    return Style(fact.tone)
