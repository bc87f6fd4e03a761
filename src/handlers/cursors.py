"""Cursor tokens of the event feed (S5): they hold the log and its epoch, so that a log that was
restored or replaced is noticed."""

import re

from msgspec import Struct

from domain.refusal import Refused
from handlers.log import Head

_TOKEN = re.compile(r"([0-9a-f]{8}):([0-9]{1,9}):([0-9]{1,18})")
_PLAIN = re.compile(r"[0-9]{1,18}")


class CursorStale(Refused):
    """The cursor is of another log, or lies beyond its head: its holder must reconcile."""


class Cursor(Struct, frozen=True):
    head: Head

    def token(self, position: int) -> str:
        return f"{self.head.log_id[:8]}:{self.head.epoch}:{position}"

    def position(self, token: str | None) -> int:
        """A bare position is taken as one of this log; nothing means the beginning."""
        if not token:
            return 0
        if _PLAIN.fullmatch(token):
            return self._checked(int(token), token)
        matched = _TOKEN.fullmatch(token)
        if matched is None:
            raise Refused("CURSOR_INVALID", "This is no cursor of the event feed.", cursor=token)
        if matched[1] != self.head.log_id[:8] or int(matched[2]) != self.head.epoch:
            raise self._stale(token)
        return self._checked(int(matched[3]), token)

    def _checked(self, position: int, token: str) -> int:
        if position > self.head.position:
            raise self._stale(token)
        return position

    def _stale(self, token: str) -> CursorStale:
        return CursorStale(
            "CURSOR_STALE",
            "The cursor does not belong to this log as it is now. Start again from a known point.",
            cursor=token,
            head=self.token(self.head.position),
        )
