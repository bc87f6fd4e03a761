"""Facts about the look of the film."""

from msgspec import Struct

from domain.values import Tone


class StyleToneSet(Struct, frozen=True, tag="style.tone_set"):
    tone: Tone


Fact = StyleToneSet
