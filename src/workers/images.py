"""Image workers: take hints off the bus, perform the jobs that they name."""

import asyncio

from msgspec import Struct

from handlers.bus import Bus, Hint
from handlers.perform import Performer


class Images(Struct):
    bus: Bus
    performer: Performer
    at_once: int = 2

    async def run_once(self) -> bool:
        hints = await self.bus.hints(self.at_once, timeout=1.0)
        results = await asyncio.gather(*map(self._perform, hints), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return True

    async def _perform(self, hint: Hint) -> None:
        """A job that could not be brought to an end is found again by the sweeper, so its hint
        is done with either way."""
        try:
            await self.performer.perform(hint.job)
        finally:
            await hint.done()
