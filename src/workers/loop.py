"""How a worker goes round: again and again, with patience when there is nothing to do or a
server is away, until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from handlers.blobs import BlobsUnavailable
from handlers.bus import BusUnavailable
from handlers.log import LogUnavailable

AWAY = (LogUnavailable, BusUnavailable, BlobsUnavailable, OSError)
Round = Callable[[], Awaitable[bool]]
"""One round; True when there may be more to do at once."""

log = logging.getLogger("aiuteur.workers")


async def forever(
    name: str,
    go_round: Round,
    rest: Callable[[int], Awaitable[None]],
    mark: Callable[[], int],
) -> None:
    """Ends only by cancellation. A server that is away is waited for, and said so once; any other
    error is told and tried again more and more slowly. `mark` is taken before a round and given
    to `rest` after one that found nothing, so that what came in between is not slept over."""
    pause, waiting = 0.1, False
    while True:
        taken = mark()
        try:
            more = await go_round()
        except AWAY as error:
            if not waiting:
                log.warning("%s waits: %s", name, error)
            waiting = True
            await asyncio.sleep(0.2)
        except Exception:
            log.exception("%s: a round failed", name)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
        else:
            pause, waiting = 0.1, False
            if not more:
                with suppress(*AWAY):
                    await rest(taken)


async def led(lead: Callable[[str], Awaitable[bool]], name: str, go_round: Round) -> bool:
    """A round that one process alone makes at a time; the others stand by."""
    if not await lead(name):
        await asyncio.sleep(0.5)
        return False
    return await go_round()
