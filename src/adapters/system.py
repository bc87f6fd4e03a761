"""The machine's clock, and ids made from it."""

import os
import random
import time
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def monotonic(self) -> float:
        return time.monotonic()


class Uuid7:
    """RFC 9562: 48 bits of milliseconds, then chance. The generator is seeded by the system once
    per process: ids must be unique, not secret."""

    def __init__(self) -> None:
        self._chance = random.Random(os.urandom(32)).getrandbits

    def new(self) -> str:
        value = time.time_ns() // 1_000_000 << 80 | self._chance(80)
        value = value & _FREE | _MARKS
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_MARKS = 0x7 << 76 | 0x2 << 62
_FREE = ~(0xF << 76 | 0x3 << 62)
