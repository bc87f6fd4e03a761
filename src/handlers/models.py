"""The port to image models, and the ways in which a call can end."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.attempts.events import Charge, Order


class Drawn(Struct, frozen=True):
    """`cost` is in credits, with four decimals."""

    body: bytes
    media_type: str
    cost: str


class ModelFailed(Exception):
    """The model said no, for good: the same order will not be sent again."""

    def __init__(self, reason: str, charge: Charge) -> None:
        super().__init__(reason)
        self.reason = reason
        self.charge = charge


class ModelBusy(Exception):
    """Nothing was done and nothing is charged; ask again after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__(f"busy for {delay} s")
        self.delay = delay


class OutcomeLost(Exception):
    """The call went out and its answer did not come back: it may have been charged."""


class ImageModel(Protocol):
    """`repeatable`: a call costs nothing and gives the same again, so that one whose outcome is
    not known may simply be made once more."""

    @property
    def provider(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def repeatable(self) -> bool: ...

    async def draw(self, order: Order, references: Sequence[bytes]) -> Drawn:
        """Raises ModelFailed, ModelBusy or OutcomeLost. Never tries again by itself."""
