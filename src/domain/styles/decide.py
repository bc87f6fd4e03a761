"""Rules of the visual style. It is part of Stage 5 and locked with it (C10)."""

from collections.abc import Sequence

from msgspec import Struct

from domain.refusal import Refused
from domain.styles.events import Fact, StyleToneSet
from domain.styles.state import Style
from domain.values import Tone


class SetTone(Struct, frozen=True):
    tone: Tone


Command = SetTone


def decide(command: Command, state: Style) -> Sequence[Fact]:
    if command.tone.preset == "custom" and not command.tone.description.strip():
        raise Refused("TONE_EMPTY", "A tone of your own needs a description.")
    return [] if state.tone == command.tone else [StyleToneSet(command.tone)]
