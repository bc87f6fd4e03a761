"""The parts of a screenplay, each with the line on which it begins."""

from typing import Literal

from msgspec import Struct

ElementType = Literal[
    "scene_heading",
    "action",
    "character",
    "dialogue",
    "parenthetical",
    "transition",
    "section",
    "synopsis",
    "page_break",
    "lyrics",
    "centered",
    "note",
]


class Element(Struct, frozen=True, omit_defaults=True):
    """`line` is 1-based. `number` is a scene heading's own number, `extension` a cue's (V.O.),
    `dual` marks the second of two speeches side by side."""

    type: ElementType
    text: str
    line: int
    number: str | None = None
    dual: bool = False
    extension: str | None = None


class Screenplay(Struct, frozen=True):
    """`lines` are the text's lines as they were, for excerpts."""

    title: str
    format: str
    elements: tuple[Element, ...]
    lines: tuple[str, ...]


PARSER = "fountain/1"
"""Named in every fact that rests on a parse; it changes when the same text gives another result."""
