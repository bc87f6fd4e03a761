"""The assets of a branch."""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from domain.assets.events import (
    AssetAdded,
    AssetDescribed,
    AssetExtracted,
    AssetRenamed,
    AssetRestored,
    AssetSidelined,
    Fact,
)
from domain.values import Kind


class Asset(Struct, frozen=True):
    kind: Kind
    name: str
    description: str
    sidelined: bool = False


class Assets(Struct, frozen=True):
    assets: dict[str, Asset] = {}

    def active(self, asset: str) -> bool:
        found = self.assets.get(asset)
        return found is not None and not found.sidelined


def evolve(state: Assets, fact: Fact) -> Assets:
    match fact:
        case AssetExtracted(asset, kind, name, description):
            return _put(state, asset, Asset(kind, name, description))
        case AssetAdded(asset, kind, name, description):
            return _put(state, asset, Asset(kind, name, description))
        case AssetRenamed(asset, name):
            return _put(state, asset, replace(state.assets[asset], name=name))
        case AssetDescribed(asset, description):
            return _put(state, asset, replace(state.assets[asset], description=description))
        case AssetSidelined(asset):
            return _put(state, asset, replace(state.assets[asset], sidelined=True))
        case AssetRestored(asset):
            return _put(state, asset, replace(state.assets[asset], sidelined=False))
        case _:
            assert_never(fact)


def _put(state: Assets, asset: str, value: Asset) -> Assets:
    return Assets({**state.assets, asset: value})
