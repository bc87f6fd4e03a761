"""When a script may come in."""

from collections.abc import Sequence

from msgspec import Struct

from domain.refusal import Refused
from domain.writing.events import Fact, ScriptImported
from domain.writing.state import Writing


class ImportScript(Struct, frozen=True):
    script: str
    title: str
    format: str
    parser: str
    size: int


Command = ImportScript


def decide(command: Command, state: Writing) -> Sequence[Fact]:
    if state.script is not None:
        if state.script.script == command.script:
            return []
        raise Refused(
            "SCRIPT_EXISTS",
            "This branch has a master script already.",
            script=state.script.script,
            title=state.script.title,
        )
    return [
        ScriptImported(command.script, command.title, command.format, command.parser, command.size)
    ]
