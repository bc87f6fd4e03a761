"""What PostgreSQL's absence looks like, and how the rest of the program is told."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from handlers.log import LogUnavailable

CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,  # shutting down, crashed, not up yet
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.LockNotAvailableError,
    OSError,
)


@contextmanager
def reaching(what: str) -> Iterator[None]:
    try:
        yield
    except CONNECTION_LOST as error:
        raise LogUnavailable(f"{what} cannot be reached: {error!r}") from error
