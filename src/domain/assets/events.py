"""Facts about assets: characters, locations, props and archetypes of extras."""

from msgspec import Struct

from domain.values import Kind


class AssetExtracted(Struct, frozen=True, tag="asset.extracted"):
    """Found in the script. `description` holds the script's own words about it."""

    asset: str
    kind: Kind
    name: str
    description: str


class AssetAdded(Struct, frozen=True, tag="asset.added"):
    """Added by a person."""

    asset: str
    kind: Kind
    name: str
    description: str


class AssetRenamed(Struct, frozen=True, tag="asset.renamed"):
    asset: str
    name: str


class AssetDescribed(Struct, frozen=True, tag="asset.described"):
    asset: str
    description: str


class AssetSidelined(Struct, frozen=True, tag="asset.sidelined"):
    """Removed from the work, and kept with everything that is known of it."""

    asset: str
    reason: str


class AssetRestored(Struct, frozen=True, tag="asset.restored"):
    asset: str


Fact = AssetExtracted | AssetAdded | AssetRenamed | AssetDescribed | AssetSidelined | AssetRestored
