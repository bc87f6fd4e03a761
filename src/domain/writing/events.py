"""Facts about the script."""

from msgspec import Struct


class ScriptImported(Struct, frozen=True, tag="script.imported"):
    """`script` is the SHA-256 of the text as imported, and the name under which it is kept."""

    script: str
    title: str
    format: str
    parser: str
    size: int


Fact = ScriptImported
