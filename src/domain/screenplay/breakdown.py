"""What a screenplay needs, scene by scene: who, where, what. No model: structure and general
word lists decide, so that the same script always gives the same breakdown."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from domain.ids import folded
from domain.scenes.events import Heading
from domain.screenplay.elements import Element, Screenplay
from domain.screenplay.headings import take_apart
from domain.screenplay.lexicon import GROUPS, QUALIFIED, THINGS
from domain.values import Kind

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'“]?[A-ZÀ-Þ])")
_MAX_DESCRIPTION = 400


class Scene(Struct, frozen=True):
    """`number` is the script's own where it has one, else counted. Names are in first-seen
    order."""

    number: str
    heading: Heading
    first_line: int
    excerpt: str
    characters: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    props: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


class Found(Struct, frozen=True):
    """An asset of the script. `description` are the script's words; `scenes` are indexes."""

    kind: Kind
    name: str
    description: str
    scenes: tuple[int, ...]


class Breakdown(Struct, frozen=True):
    title: str
    format: str
    scenes: tuple[Scene, ...]
    assets: tuple[Found, ...]


class Part(Struct, frozen=True):
    """A scene's elements, heading first."""

    elements: tuple[Element, ...]
    first_line: int
    last_line: int


def break_down(play: Screenplay) -> Breakdown:
    parts = list(_parts(play))
    speakers = _speakers(parts)
    registers: dict[Kind, _Register] = {
        kind: _Register(kind) for kind in ("character", "location", "prop", "extra_archetype")
    }
    scenes = []
    for index, part in enumerate(parts):
        heading = take_apart(part.elements[0].text)
        action = [e.text for e in part.elements if e.type == "action"]
        found: dict[Kind, list[tuple[str, str]]] = {
            "character": list(_present(part, speakers, action)),
            "location": [(title_case(heading.location), _opening(action))],
            "prop": list(_things(action)),
            "extra_archetype": list(_groups(action, speakers)),
        }
        names = {kind: tuple(registers[kind].add(index, found[kind])) for kind in registers}
        scenes.append(
            Scene(
                part.elements[0].number or str(index + 1),
                heading,
                part.first_line,
                "\n".join(play.lines[part.first_line - 1 : part.last_line]).strip(),
                names["character"],
                names["location"],
                names["prop"],
                names["extra_archetype"],
            )
        )
    assets = [asset for register in registers.values() for asset in register.assets()]
    return Breakdown(play.title, play.format, tuple(scenes), tuple(assets))


class _Register:
    """The assets of one kind: names that differ in case alone are one asset."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._names: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._scenes: dict[str, list[int]] = {}

    def add(self, scene: int, found: Iterable[tuple[str, str]]) -> Iterator[str]:
        seen = set()
        for name, words in found:
            key = folded(name)
            if not key:
                continue
            self._names.setdefault(key, name)
            if not self._words.get(key):
                self._words[key] = words[:_MAX_DESCRIPTION]
            if key not in seen:
                seen.add(key)
                self._scenes.setdefault(key, []).append(scene)
                yield self._names[key]

    def assets(self) -> Iterator[Found]:
        for key, name in self._names.items():
            yield Found(self._kind, name, self._words[key], tuple(self._scenes[key]))


def title_case(name: str) -> str:
    """As a name is written: CAPTAIN LE GUIN becomes Captain Le Guin; mixed case stays."""
    if name != name.upper():
        return name
    return _WORD.sub(lambda word: word[0][0] + word[0][1:].lower(), name)


def sentences(text: str) -> list[str]:
    return _SENTENCE.split(" ".join(text.split()))


def _parts(play: Screenplay) -> Iterator[Part]:
    heads = [i for i, e in enumerate(play.elements) if e.type == "scene_heading"]
    for here, after in pairwise([*heads, len(play.elements)]):
        elements = play.elements[here:after]
        end = play.elements[after].line - 1 if after < len(play.elements) else len(play.lines)
        yield Part(elements, elements[0].line, end)


def _speakers(parts: Iterable[Part]) -> dict[str, str]:
    """Every word by which a speaker can be meant in action, to his name: the name itself, and
    each of its words that belongs to no other speaker."""
    cues = (e.text for part in parts for e in part.elements if e.type == "character")
    names = dict.fromkeys(title_case(cue) for cue in cues)
    owners: dict[str, set[str]] = {}
    for name in names:
        for word in {name.casefold(), *(w.casefold() for w in _WORD.findall(name))}:
            owners.setdefault(word, set()).add(name)
    return {
        word: next(iter(owner))
        for word, owner in owners.items()
        if len(owner) == 1 and len(word) > 2
    }


def _present(part: Part, speakers: dict[str, str], action: list[str]) -> Iterator[tuple[str, str]]:
    """Who acts or speaks, with the first sentence in which the action names him."""
    for sentence in (s for text in action for s in sentences(text)):
        for name in _named(sentence, speakers):
            yield name, sentence
    for element in part.elements:
        if element.type == "character":
            yield title_case(element.text), ""


def _named(sentence: str, speakers: dict[str, str]) -> Iterator[str]:
    for word in _WORD.findall(sentence):
        if word[0].isupper() and not word.casefold().endswith(("'s", "’s")):
            name = speakers.get(word.casefold())
            if name is not None:
                yield name


def _opening(action: list[str]) -> str:
    """How a scene shows its place: the first words of its first action."""
    return " ".join(sentences(action[0])[:3]) if action else ""


def _things(action: list[str]) -> Iterator[tuple[str, str]]:
    for sentence in (s for text in action for s in sentences(text)):
        words = [word.casefold() for word in _WORD.findall(sentence)]
        for before, word in zip(["", *words], words, strict=False):
            thing = _singular(word)
            if thing is not None:
                qualified = before in QUALIFIED.get(thing, ())
                name = f"{before} {thing}" if qualified else thing
                yield name.capitalize(), sentence


def _singular(word: str) -> str | None:
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in THINGS:
            return form
    return None


def _groups(action: list[str], speakers: dict[str, str]) -> Iterator[tuple[str, str]]:
    for sentence in (s for text in action for s in sentences(text)):
        for word in _WORD.findall(sentence):
            if word.casefold() in GROUPS and word.casefold() not in speakers:
                yield word.casefold().capitalize(), sentence
