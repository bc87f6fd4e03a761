"""Reads Fountain: plain text whose layout says what each line is. Linear in its length."""

import re

from domain.screenplay.elements import Element, ElementType, Screenplay

_HEADING = re.compile(r"^(INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E|E/I)(\.|\s|$)", re.IGNORECASE)
_NUMBER = re.compile(r"\s*#([^#\n]+)#\s*$")
_EXTENSION = re.compile(r"\s*\(([^()]*)\)\s*$")
_TITLE_KEY = re.compile(r"^([A-Za-z][A-Za-z ]*):(.*)$")
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)")
_MAX_CUE = 80


def parse(text: str) -> Screenplay:
    """Any text gives a screenplay: what nothing marks otherwise is action."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n")
    readable, notes = _without_comments(lines)
    title, start = _title_page(readable)
    elements = [*_Reader(readable, start).read(), *notes]
    elements.sort(key=lambda element: element.line)
    return Screenplay(title, "fountain", tuple(elements), tuple(lines))


def plain(text: str) -> str:
    """Without the marks of emphasis."""
    return _EMPHASIS.sub("", text).replace("\\*", "*").replace("\\_", "_").strip()


def _without_comments(lines: list[str]) -> tuple[list[str], list[Element]]:
    """Boneyards and notes are blanked, line by line, so that every line keeps its number. A
    note ends with its paragraph if nothing closes it; so does no boneyard."""
    kept, notes = [], []
    closing: str | None = None
    words: list[str] = []
    began = 0
    for number, line in enumerate(lines, 1):
        out, rest = "", line
        if closing == "]]" and not line.strip():
            notes.append(Element("note", " ".join(words).strip(), began))
            closing = None
        while rest:
            if closing is None:
                at, mark = _first_mark(rest)
                if mark is None:
                    out += rest
                    break
                out, rest = out + rest[:at], rest[at + 2 :]
                closing, words, began = ("*/" if mark == "/*" else "]]"), [], number
            inside, found, rest = rest.partition(closing)
            words.append(inside.strip())
            if found:
                if closing == "]]":
                    notes.append(Element("note", " ".join(words).strip(), began))
                closing = None
        kept.append(out.rstrip() if out != line else line)
    return kept, notes


def _first_mark(text: str) -> tuple[int, str | None]:
    found = [(at, mark) for mark in ("/*", "[[") if (at := text.find(mark)) >= 0]
    return min(found) if found else (-1, None)


def _title_page(lines: list[str]) -> tuple[str, int]:
    """The title, and the index of the first line behind the title page."""
    if not lines or not _TITLE_KEY.match(lines[0]):
        return "", 0
    title: list[str] = []
    key = ""
    for at, line in enumerate(lines):
        if not line.strip() and not (line and line[0].isspace() and key == "title"):
            return " ".join(" ".join(title).split()), at + 1
        matched = _TITLE_KEY.match(line)
        if matched and not line[0].isspace():
            key, value = matched[1].strip().lower(), matched[2]
        else:
            value = line
        if key == "title":
            title.append(plain(value).strip('"'))
    return " ".join(" ".join(title).split()), len(lines)


class _Reader:
    def __init__(self, lines: list[str], start: int) -> None:
        self._lines = lines
        self._at = start
        self._found: list[Element] = []

    def read(self) -> list[Element]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip():
                self._take(line)
            self._at += 1
        return self._found

    def _take(self, raw: str) -> None:
        line = raw.strip()
        if line.startswith("!"):
            self._add("action", line[1:])
        elif self._forced(line):
            return
        elif _HEADING.match(line):
            self._heading(line)
        elif self._is_transition(line):
            self._add("transition", line)
        elif self._is_cue(line):
            self._speech(line)
        else:
            self._action(raw)

    def _forced(self, line: str) -> bool:
        """Lines whose first character says what they are."""
        first = line[0]
        if first == "." and line[1:2] not in ("", ".", " "):
            self._heading(line[1:])
        elif first == "@" and self._next().strip():
            self._speech(line[1:])
        elif first == "~":
            self._add("lyrics", line[1:].strip())
        elif first == "#":
            self._add("section", line.lstrip("#").strip())
        elif first == "=" and not line.strip("="):
            self._add("page_break" if len(line) >= 3 else "action", line)
        elif first == "=":
            self._add("synopsis", line[1:].strip())
        elif first == ">" and line.endswith("<"):
            self._add("centered", line[1:-1].strip())
        elif first == ">":
            self._add("transition", line[1:].strip())
        else:
            return False
        return True

    def _heading(self, line: str) -> None:
        number = _NUMBER.search(line)
        text = plain(line[: number.start()] if number else line)
        self._found.append(
            Element("scene_heading", text, self._at + 1, number[1].strip() if number else None)
        )

    def _is_transition(self, line: str) -> bool:
        alone = not self._before().strip() and not self._next().strip()
        return alone and line.endswith("TO:") and line == line.upper()

    def _is_cue(self, line: str) -> bool:
        if self._before().strip() or not self._next().strip() or len(line) > _MAX_CUE:
            return False
        name = _EXTENSION.sub("", line.rstrip("^").strip())
        return any(c.isalpha() for c in name) and name == name.upper()

    def _speech(self, line: str) -> None:
        dual = line.endswith("^")
        cue = plain(line.rstrip("^").strip())
        extension = _EXTENSION.search(cue)
        name = cue[: extension.start()].strip() if extension else cue
        self._found.append(
            Element(
                "character",
                name or cue,
                self._at + 1,
                dual=dual,
                extension=extension[1].strip() if extension and name else None,
            )
        )
        while (words := self._next()) and (words.strip() or words == "  "):
            self._at += 1
            self._words(words.strip())

    def _words(self, line: str) -> None:
        if line.startswith("(") and line.endswith(")"):
            self._add("parenthetical", line)
        elif line.startswith("~"):
            self._add("lyrics", line[1:].strip())
        elif self._found[-1].type == "dialogue":
            last = self._found.pop()
            joined = f"{last.text}\n{plain(line)}"
            self._found.append(Element("dialogue", joined, last.line))
        else:
            self._add("dialogue", line)

    def _action(self, line: str) -> None:
        """Neighbouring lines are one paragraph."""
        last = self._found[-1] if self._found else None
        if last and last.type == "action" and self._before().strip():
            self._found.pop()
            joined = f"{last.text}\n{plain(line)}"
            self._found.append(Element("action", joined, last.line))
        else:
            self._add("action", line)

    def _add(self, type: ElementType, text: str) -> None:
        self._found.append(Element(type, plain(text), self._at + 1))

    def _before(self) -> str:
        return self._lines[self._at - 1] if self._at else ""

    def _next(self) -> str:
        return self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
