"""What a decider says when a command is not allowed."""

from typing import Any


class Refused(Exception):
    """A rule was broken; nothing changed.

    `code` is UPPER_SNAKE and part of the API's contract, `error` the sentence that a person
    reads, `details` what a screen needs in order to help.
    """

    def __init__(self, code: str, error: str, **details: Any) -> None:
        super().__init__(error)
        self.code = code
        self.error = error
        self.details = details


def not_found(noun: str, id: str) -> Refused:
    return Refused(f"{noun.upper()}_NOT_FOUND", f"There is no such {noun}.", **{noun: id})
