"""Commands as the columns that the append function takes."""

from collections.abc import Sequence
from typing import Any

from handlers.log import Append

_MOSTLY_EMPTY = (5, 10, 12, 13)
"""`_after`, `_w_ahead`, `_w_parent` and `_w_opens`: where they say nothing they are not sent."""


def columns_of(commands: Sequence[Append]) -> list[list[Any]]:
    heads: list[tuple[Any, ...]] = []
    writes: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    ahead: dict[str, int] = {}
    numbers: dict[int, int] = {}
    for number, command in enumerate(commands, 1):
        c, upon = command, numbers.get(command.after, 0) if command.after else 0
        heads.append((c.tenant, c.command_id, c.fingerprint, c.answer, len(events), upon))
        numbers[command.ticket] = number
        for w in command.writes:
            before = ahead.get(w.stream, 0)
            place = (before, len(events), w.parent, w.opens)
            writes.append((number, w.stream, w.project, w.expected, *place))
            ahead[w.stream] = before + len(w.events)
            for e in w.events:
                events.append((len(writes), e.event_id, e.type, e.schema, e.payload, e.envelope))
    columns: list[list[Any]] = [*_turned(heads, 6), *_turned(writes, 8), *_turned(events, 6)]
    return [
        [] if place in _MOSTLY_EMPTY and not any(column) else column
        for place, column in enumerate(columns)
    ]


def _turned(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * width
