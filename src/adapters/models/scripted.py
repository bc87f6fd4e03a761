"""An image model that does what it is told: for tests of everything that can go wrong."""

from collections.abc import Sequence

import msgspec

from domain.attempts.events import Order
from handlers.models import Drawn


class ScriptedModel:
    """`script` holds what the next calls do: raise the exception, or draw (None). When it is
    used up, every call draws. `orders` are the calls as they came, with their references."""

    provider = "scripted"
    name = "scripted-1"

    def __init__(self, *script: Exception | None, repeatable: bool = False) -> None:
        self.repeatable = repeatable
        self.script = list(script)
        self.orders: list[tuple[Order, Sequence[bytes]]] = []

    async def draw(self, order: Order, references: Sequence[bytes]) -> Drawn:
        self.orders.append((order, references))
        step = self.script.pop(0) if self.script else None
        if step is not None:
            raise step
        body = msgspec.json.encode([order, len(self.orders)])
        return Drawn(body, "image/png", "1.0000")
