"""A line of the report."""

from msgspec import Struct


class Row(Struct, frozen=True):
    """`ratio` is this value over that of `against`, both measured in this run."""

    name: str
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None
