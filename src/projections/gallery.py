"""The images of a carousel as far as other read models need them: which there are, and which
is selected."""

from msgspec import Struct

from domain.attempts.events import (
    AttemptCopied,
    AttemptDeleted,
    AttemptEvicted,
    AttemptGenerated,
    AttemptSelected,
    AttemptUploaded,
)

ATTEMPT_FACTS = (
    AttemptGenerated,
    AttemptUploaded,
    AttemptCopied,
    AttemptSelected,
    AttemptEvicted,
    AttemptDeleted,
)


class Gallery(Struct):
    """`images` maps an attempt to its image's SHA-256."""

    images: dict[str, str] = {}
    selected: str | None = None

    def image(self) -> str | None:
        return self.images.get(self.selected) if self.selected else None

    def turn(self, fact: object) -> None:
        match fact:
            case AttemptGenerated() | AttemptUploaded():
                self.images = {**self.images, fact.attempt: fact.image.sha256}
            case AttemptCopied():
                self.images = {**self.images, fact.attempt: fact.image}
            case AttemptSelected():
                self.selected = fact.attempt
            case AttemptEvicted() | AttemptDeleted():
                self.images = {a: i for a, i in self.images.items() if a != fact.attempt}
            case _:
                pass
