"""The words that go to an image model. Pure, so that the stored prompt can be made again."""

from collections.abc import Sequence

from domain.values import Kind, Reference, Tone

_KIND_WORDS: dict[Kind, str] = {
    "character": "Character",
    "location": "Location",
    "prop": "Prop",
    "extra_archetype": "Background people",
}
_PRESETS = {
    "3d_animation": "3D animation, soft global illumination",
    "hyperrealistic": "hyperrealistic photograph",
    "noir": "film noir, high contrast black and white, hard side light",
    "2d_animation": "2D animation, clean line art, flat colours",
    "custom": "",
}


def compose(
    kind: Kind,
    name: str,
    description: str,
    tags: Sequence[str],
    tone: Tone,
    references: Sequence[Reference],
) -> str:
    lines = [f"{_KIND_WORDS[kind]}: {name}."]
    if description:
        lines.append(description)
    if tags:
        lines.append(f"State: {', '.join(tags)}.")
    lines.append(f"Style: {_style(tone)}.")
    if references:
        lines.append("Keep the identity of the subject in the reference image.")
    if kind == "location":
        lines.append("The place itself, without people.")
    else:  # R109: isolated, and R110: never so for a location, which needs its environment
        lines.append("Isolated on a plain white background.")
    return "\n".join(lines)


def _style(tone: Tone) -> str:
    return ", ".join(part for part in (_PRESETS[tone.preset], tone.description) if part)
