"""The master script of the branch."""

from msgspec import Struct

from domain.writing.events import Fact, ScriptImported


class Writing(Struct, frozen=True):
    script: ScriptImported | None = None


def evolve(state: Writing, fact: Fact) -> Writing:
    return Writing(fact)
