"""Two passes: what was found, what was taken; nothing that was found is lost."""

import pytest

from domain.assets.decide import AddAsset, DescribeAsset, RenameAsset, RestoreAsset, SidelineAsset
from domain.assets.events import (
    AssetDescribed,
    AssetExtracted,
    AssetRenamed,
    AssetRestored,
    AssetSidelined,
)
from domain.extraction.decide import ConfirmExtraction, PreviewExtraction
from domain.extraction.events import Candidate, ExtractionConfirmed, ExtractionPreviewed
from domain.scenes.events import SceneAssetLinked
from tests.support.facts import LAMP, MARA, ONE, STORY, TWO, asset, scene
from tests.support.spec import branches

FOUND = (
    Candidate(MARA, "character", "Mara", "grey coat", (ONE, TWO)),
    Candidate(LAMP, "prop", "Lamp", "", (ONE,)),
)
PREVIEW = ExtractionPreviewed("x", "hash", "fountain/1", FOUND)
film = branches().given(scene(ONE, 1), scene(TWO, 2))


def test_a_preview_is_remembered_once() -> None:
    command = PreviewExtraction("x", "hash", "fountain/1", FOUND)
    film.when(command).then(PREVIEW)
    film.given(PREVIEW).when(command).nothing()


@pytest.mark.req("R003")
def test_what_is_not_selected_is_sidelined_and_stays_linked() -> None:
    film.given(PREVIEW).when(ConfirmExtraction("x", (MARA,))).then(
        ExtractionConfirmed("x", (MARA,)),
        AssetExtracted(MARA, "character", "Mara", "grey coat"),
        SceneAssetLinked(ONE, MARA),
        SceneAssetLinked(TWO, MARA),
        AssetExtracted(LAMP, "prop", "Lamp", ""),
        AssetSidelined(LAMP, "deselected at extraction"),
        SceneAssetLinked(ONE, LAMP),
    )


def test_what_a_person_added_or_linked_is_left_as_it_is() -> None:
    known = film.given(asset(MARA), SceneAssetLinked(ONE, MARA), PREVIEW)
    known.when(ConfirmExtraction("x", (MARA, LAMP))).then(
        ExtractionConfirmed("x", (MARA, LAMP)),
        SceneAssetLinked(TWO, MARA),
        AssetExtracted(LAMP, "prop", "Lamp", ""),
        SceneAssetLinked(ONE, LAMP),
    )


def test_only_what_was_found_can_be_confirmed_and_only_once() -> None:
    film.given(PREVIEW).when(ConfirmExtraction("x", ("ghost",))).refused("ASSET_NOT_IN_EXTRACTION")
    film.when(ConfirmExtraction("x", ())).refused("EXTRACTION_NOT_PENDING")
    confirmed = film.given(PREVIEW, ExtractionConfirmed("x", (MARA,)))
    confirmed.when(ConfirmExtraction("x", (MARA,))).nothing()
    confirmed.when(ConfirmExtraction("x", ())).refused("EXTRACTION_NOT_PENDING")


def test_assets_are_renamed_described_sidelined_and_brought_back() -> None:
    base = branches().given(*STORY)
    base.when(RenameAsset(MARA, "Mara Voss")).then(AssetRenamed(MARA, "Mara Voss"))
    base.when(DescribeAsset(MARA, "red coat")).then(AssetDescribed(MARA, "red coat"))
    gone = base.when(SidelineAsset(MARA, "cut")).then(AssetSidelined(MARA, "cut"))
    gone.when(SidelineAsset(MARA, "cut")).nothing()
    gone.when(RestoreAsset(MARA)).then(AssetRestored(MARA))
    base.when(AddAsset("other", "character", "MARA", "")).refused("ASSET_EXISTS", asset=MARA)
    base.when(RenameAsset("ghost", "x")).refused("ASSET_NOT_FOUND")
