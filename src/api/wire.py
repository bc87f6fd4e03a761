"""What all requests and answers share: camelCase outside, limits on what comes in (S19, S20)."""

from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

Item = TypeVar("Item")

_NO_NUL = "^[^\\x00]*$"
_NOT_BLANK = "^\\s*[^\\s\\x00][^\\x00]*$"
_ID = "^[0-9a-f-]{36}$"
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=_NOT_BLANK)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_NO_NUL)]
Prose = Annotated[str, Meta(max_length=8_000, pattern=_NO_NUL)]
Reason = Annotated[str, Meta(max_length=500, pattern=_NO_NUL)]
ScriptText = Annotated[str, Meta(min_length=1, max_length=2_000_000, pattern=_NO_NUL)]
Id = Annotated[str, Meta(min_length=36, max_length=36, pattern=_ID)]
Ids = Annotated[list[Id], Meta(min_length=1, max_length=1_000)]

PATTERNS = {
    _NO_NUL: "No NUL character may be in it.",
    _NOT_BLANK: "It may not be blank, and no NUL character may be in it.",
    _ID: "Expected an id: a UUID in lower case.",
}
"""What a person is told instead of a regular expression."""


class Body(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A request body: a field that is not known is refused."""


class View(Struct, rename="camel", kw_only=True):
    """An answer."""


class Problem(Struct, kw_only=True):
    """RFC 9457, with a code for programs, a sentence for people, and details for screens."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    error: str
    details: dict[str, Any] = msgspec.field(default_factory=dict)


class Listing(View, Generic[Item]):
    """`cursor` goes into the next request; it is absent on the last page."""

    items: list[Item]
    cursor: str | None = None


class Done(View):
    """A command was carried out. `version` is the branch's now, `position` the log's."""

    version: int
    position: int
