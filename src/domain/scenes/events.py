"""Facts about scenes, their place in the story, and which assets they need."""

from typing import Literal

from msgspec import Struct

IntExt = Literal["INT", "EXT", "INT/EXT", ""]


class Heading(Struct, frozen=True):
    """A scene heading taken apart; empty where the script does not say."""

    text: str
    int_ext: IntExt
    location: str
    time: str


class SceneAdded(Struct, frozen=True, tag="scene.added"):
    """`rank` orders the scenes of a branch; the scene number follows from it. `excerpt` is the
    scene's text as the script has it, from line `first_line` (1-based)."""

    scene: str
    rank: int
    heading: Heading
    excerpt: str
    first_line: int


class SceneMoved(Struct, frozen=True, tag="scene.moved"):
    scene: str
    rank: int


class SceneRemoved(Struct, frozen=True, tag="scene.removed"):
    scene: str


class SceneAssetLinked(Struct, frozen=True, tag="scene.asset_linked"):
    scene: str
    asset: str


class SceneAssetUnlinked(Struct, frozen=True, tag="scene.asset_unlinked"):
    scene: str
    asset: str


Fact = SceneAdded | SceneMoved | SceneRemoved | SceneAssetLinked | SceneAssetUnlinked
