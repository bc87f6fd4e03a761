"""Stages lock in order, and unlock with all that rests on them."""

import pytest

from domain.assets.decide import AddAsset, SidelineAsset
from domain.assets.events import AssetAdded
from domain.instances.decide import AddTag
from domain.stages.decide import LockStage, SkipStage, UnlockStage
from domain.stages.events import StageLocked, StageSkipped, StageUnlocked
from domain.styles.decide import SetTone
from domain.values import Tone
from tests.support.facts import LAMP, MARA, ONE, PHASE_A, STORY, TWO, created
from tests.support.spec import branches

film = branches().given(*STORY, *PHASE_A)


@pytest.mark.req("R303")
def test_a_stage_locks_only_behind_the_one_before() -> None:
    error = branches().when(LockStage(2)).refused("STAGE_ORDER")
    assert error.error == "Cannot lock stage 2. Stage 1 must be locked first."
    assert error.details == {
        "requiredStage": 1,
        "requiredStatus": "locked",
        "currentStatus": "draft",
    }


def test_a_skipped_stage_holds_up_none() -> None:
    branches().given(StageSkipped(1)).when(LockStage(2)).then(StageLocked(2))
    reopened = film.given(StageUnlocked(5))
    reopened.when(LockStage(8, ONE)).refused("STAGE_ORDER", requiredStage=5)


def test_a_scenes_stage_follows_the_projects_where_it_has_no_status_of_its_own() -> None:
    film.when(LockStage(8, ONE)).then(StageLocked(8, ONE))
    film.when(LockStage(9, ONE)).refused("STAGE_ORDER", requiredStage=8)


def test_unlocking_opens_all_that_rested_on_it() -> None:
    locked = film.given(StageLocked(8, ONE), StageLocked(8, TWO))
    locked.when(UnlockStage(5)).then(StageUnlocked(5), StageUnlocked(8, ONE), StageUnlocked(8, TWO))


def test_locking_twice_and_unlocking_a_draft_change_nothing() -> None:
    film.when(LockStage(5)).nothing()
    film.given(StageUnlocked(5)).when(UnlockStage(5)).nothing()


def test_a_locked_stage_cannot_be_skipped() -> None:
    film.when(SkipStage(5)).refused("STAGE_LOCKED")


def test_a_locked_stage_five_protects_assets_and_style_and_takes_new_ones() -> None:
    film.when(SidelineAsset(MARA, "no")).refused("STAGE_LOCKED", stage=5)
    film.when(SetTone(Tone("2d_animation"))).refused("STAGE_LOCKED", stage=5)
    film.when(AddAsset(LAMP, "prop", "Lamp", "")).then(AssetAdded(LAMP, "prop", "Lamp", ""))


def test_a_locked_stage_eight_protects_one_scene() -> None:
    locked = film.given(created(ONE, MARA), created(TWO, MARA), StageLocked(8, ONE))
    locked.when(AddTag(ONE, MARA, "wet")).refused("STAGE_LOCKED", stage=8, scene=ONE)
    assert locked.when(AddTag(TWO, MARA, "wet")).made()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (LockStage(13), "STAGE_UNKNOWN"),
        (LockStage(8), "STAGE_NEEDS_SCENE"),
        (LockStage(4, ONE), "STAGE_IS_PROJECT_WIDE"),
        (LockStage(8, "elsewhere"), "SCENE_NOT_FOUND"),
    ],
)
def test_a_stage_that_does_not_exist_there_is_refused(command: LockStage, code: str) -> None:
    film.when(command).refused(code)
