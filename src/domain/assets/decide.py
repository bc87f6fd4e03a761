"""Rules of assets. A locked Stage 5 protects what is there; more may still be added (R073)."""

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct

from domain.assets.events import (
    AssetAdded,
    AssetDescribed,
    AssetRenamed,
    AssetRestored,
    AssetSidelined,
    Fact,
)
from domain.assets.state import Asset, Assets
from domain.ids import folded
from domain.refusal import Refused, not_found
from domain.values import Kind


class AddAsset(Struct, frozen=True):
    asset: str
    kind: Kind
    name: str
    description: str


class RenameAsset(Struct, frozen=True):
    asset: str
    name: str


class DescribeAsset(Struct, frozen=True):
    asset: str
    description: str


class SidelineAsset(Struct, frozen=True):
    asset: str
    reason: str


class RestoreAsset(Struct, frozen=True):
    asset: str


Command = AddAsset | RenameAsset | DescribeAsset | SidelineAsset | RestoreAsset


def decide(command: Command, state: Assets) -> Sequence[Fact]:
    match command:
        case AddAsset(asset, kind, name, description):
            _check_free(state, kind, name, but=None)
            if asset in state.assets:  # its maker was renamed since: the id stays his
                raise Refused("ASSET_EXISTS", "This asset exists.", asset=asset)
            return [AssetAdded(asset, kind, name, description)]
        case RenameAsset(asset, name):
            current = find(state, asset)
            if current.name == name:
                return []
            _check_free(state, current.kind, name, but=asset)
            return [AssetRenamed(asset, name)]
        case DescribeAsset(asset, description):
            same = find(state, asset).description == description
            return [] if same else [AssetDescribed(asset, description)]
        case SidelineAsset(asset, reason):
            return [] if find(state, asset).sidelined else [AssetSidelined(asset, reason)]
        case RestoreAsset(asset):
            return [AssetRestored(asset)] if find(state, asset).sidelined else []
        case _:
            assert_never(command)


def find(state: Assets, asset: str) -> Asset:
    found = state.assets.get(asset)
    if found is None:
        raise not_found("asset", asset)
    return found


def _check_free(state: Assets, kind: Kind, name: str, but: str | None) -> None:
    for id, each in state.assets.items():
        if id != but and each.kind == kind and folded(each.name) == folded(name):
            raise Refused(
                "ASSET_EXISTS",
                f"There is a {kind.replace('_', ' ')} called {each.name} already.",
                asset=id,
                sidelined=each.sidelined,
            )
