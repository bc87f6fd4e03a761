"""The machine's clock, and ids made from it."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


class SystemClock:
    def now(self) -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def monotonic(self) -> float:
        return time.monotonic()


class Uuid7:
    """RFC 9562: 48 bits of milliseconds, then chance."""

    def new(self) -> str:
        chance = int.from_bytes(os.urandom(10), "big")
        value = (time.time_ns() // 1_000_000) << 80 | chance
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return str(UUID(int=value))
