"""Words that several slices share."""

from typing import Literal

from msgspec import Struct

Kind = Literal["character", "location", "prop", "extra_archetype"]
AspectRatio = Literal["16:9", "9:16", "1:1", "4:3", "2.35:1"]
Preset = Literal["3d_animation", "hyperrealistic", "noir", "2d_animation", "custom"]
ReferenceSource = Literal["stage5_master", "prior_scene_instance"]


class Tone(Struct, frozen=True):
    """A look described here (R102): a preset, and words that refine it."""

    preset: Preset
    description: str = ""


class Reference(Struct, frozen=True):
    """An earlier image of an asset. `image` is its SHA-256; `scene` is None for the master."""

    source: ReferenceSource
    image: str
    scene: str | None = None


class Image(Struct, frozen=True):
    """A stored original: `sha256` is its identity, `size` is in bytes."""

    sha256: str
    media_type: str
    width: int
    height: int
    size: int
