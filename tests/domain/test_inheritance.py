"""State that moves from scene to scene."""

import pytest

from domain.across import InheritScene
from domain.instances.decide import (
    AddTag,
    CreateInstance,
    RemoveInstance,
    SelectReference,
    UpdateInstance,
)
from domain.instances.events import (
    InstanceCarryForwardSet,
    InstanceCreated,
    InstanceDescriptionOverridden,
    InstanceInherited,
    InstanceReferenceSelected,
    InstanceRemoved,
    InstanceTagAdded,
    InstanceTagRemoved,
)
from domain.references import chain, reference_for
from domain.scenes.decide import MoveScene, RemoveScene
from domain.scenes.events import SceneAssetLinked, SceneAssetUnlinked, SceneMoved, SceneRemoved
from domain.stages.events import StageUnlocked
from domain.values import Reference
from tests.support.facts import (
    FOUR,
    LAMP,
    MARA,
    ONE,
    PHASE_A,
    STORY,
    THREE,
    TWO,
    asset,
    chosen,
    created,
    linked,
    made,
)
from tests.support.spec import branches

film = branches().given(
    *STORY,
    *(linked(scene, MARA) for scene in (ONE, TWO, FOUR)),
    *PHASE_A,
)
MUDDY = InstanceTagAdded(ONE, MARA, "muddy")


@pytest.mark.req("R174", "R173")
def test_the_first_scene_starts_from_the_locked_assets() -> None:
    assert film.state.scenes.prior(ONE) is None
    assert film.state.scenes.prior(TWO) == ONE
    film.when(InheritScene(ONE)).then(InstanceCreated(ONE, MARA))


def test_scenes_start_only_when_stage_five_is_locked() -> None:
    open_ = film.given(StageUnlocked(5))
    open_.when(InheritScene(ONE)).refused("STAGE_NOT_LOCKED", requiredStage=5)


@pytest.mark.req("R175", "R003")
def test_a_later_scene_takes_over_description_tags_and_image() -> None:
    worn = film.given(
        created(ONE, MARA),
        MUDDY,
        InstanceDescriptionOverridden(ONE, MARA, "in an oilskin"),
        made(ONE, MARA, "a"),
        chosen(ONE, MARA, "a"),
    )
    worn.when(InheritScene(TWO)).then(
        InstanceInherited(TWO, MARA, ONE, "in an oilskin", ("muddy",), "image of a")
    )


@pytest.mark.req("R175")
def test_without_carry_forward_it_starts_from_the_master_again() -> None:
    left = film.given(created(ONE, MARA), MUDDY, InstanceCarryForwardSet(ONE, MARA, False))
    left.when(InheritScene(TWO)).then(InstanceCreated(TWO, MARA))


@pytest.mark.req("R176")
def test_the_last_appearance_counts_and_not_the_scene_before() -> None:
    assert MARA not in film.state.scenes.scenes[THREE].assets
    worn = film.given(created(ONE, MARA), created(TWO, MARA), InstanceTagAdded(TWO, MARA, "wet"))
    worn.when(InheritScene(FOUR)).then(InstanceInherited(FOUR, MARA, TWO, None, ("wet",), None))


@pytest.mark.req("R177", "R185")
def test_nothing_is_inherited_from_a_later_scene() -> None:
    later = film.given(created(FOUR, MARA), InstanceTagAdded(FOUR, MARA, "torn"))
    after = later.when(InheritScene(TWO)).then(InstanceCreated(TWO, MARA))
    assert after.state.instances.scenes[FOUR][MARA].tags == ("torn",)
    edited = after.when(AddTag(FOUR, MARA, "wet")).then(InstanceTagAdded(FOUR, MARA, "wet"))
    assert edited.state.instances.scenes[TWO][MARA].tags == ()


@pytest.mark.req("R178")
def test_a_scene_that_has_instances_does_not_inherit_again() -> None:
    error = film.given(created(ONE, MARA)).when(InheritScene(ONE)).refused("SCENE_HAS_INSTANCES")
    assert set(error.details) == {"message", "count"}
    assert error.details["count"] == 1


@pytest.mark.req("R143")
def test_an_asset_is_in_a_scene_once() -> None:
    film.given(created(ONE, MARA)).when(CreateInstance(ONE, MARA)).refused("INSTANCE_EXISTS")


def test_a_new_instance_enters_the_scenes_dependencies() -> None:
    film.given(asset(LAMP, "prop")).when(CreateInstance(THREE, LAMP)).then(
        InstanceCreated(THREE, LAMP), SceneAssetLinked(THREE, LAMP)
    )


def test_taking_an_asset_out_of_a_scene_takes_it_out_of_its_dependencies() -> None:
    film.given(created(ONE, MARA)).when(RemoveInstance(ONE, MARA)).then(
        InstanceRemoved(ONE, MARA), SceneAssetUnlinked(ONE, MARA)
    )


@pytest.mark.req("R144")
def test_the_override_counts_before_what_was_inherited() -> None:
    inherited = InstanceInherited(TWO, MARA, ONE, "in an oilskin", (), None)
    overridden = InstanceDescriptionOverridden(TWO, MARA, "in rags")
    taken_back = InstanceDescriptionOverridden(TWO, MARA, None)
    base = film.given(created(ONE, MARA), inherited)
    words = [
        spec.state.instances.scenes[TWO][MARA].own_description()
        for spec in (base, base.given(overridden), base.given(overridden, taken_back))
    ]
    assert words == ["in an oilskin", "in rags", "in an oilskin"]


def test_tags_are_normalised_and_locked_is_none_of_them() -> None:
    scene = film.given(created(ONE, MARA))
    scene.when(AddTag(ONE, MARA, "  Muddy ")).then(MUDDY)
    scene.given(MUDDY).when(AddTag(ONE, MARA, "MUDDY")).nothing()
    scene.when(AddTag(ONE, MARA, "Locked")).refused("TAG_RESERVED")
    scene.given(MUDDY).when(UpdateInstance(ONE, MARA, tags=("torn",))).then(
        InstanceTagRemoved(ONE, MARA, "muddy"), InstanceTagAdded(ONE, MARA, "torn")
    )


seen = film.given(
    made(None, MARA, "m"),
    chosen(None, MARA, "m"),
    created(ONE, MARA),
    made(ONE, MARA, "a"),
    chosen(ONE, MARA, "a"),
    created(TWO, MARA),
    created(FOUR, MARA),
)
MASTER = Reference("stage5_master", "image of m")
FIRST = Reference("prior_scene_instance", "image of a", ONE)


@pytest.mark.req("R239", "R241", "R242", "R243", "R245")
def test_the_chain_is_the_master_then_earlier_scenes_that_have_an_image() -> None:
    assert chain(seen.state, FOUR, MARA) == [MASTER, FIRST]
    assert chain(seen.state, ONE, MARA) == [MASTER]
    assert reference_for(seen.state, FOUR, MARA) == FIRST
    assert reference_for(seen.state, ONE, MARA) == MASTER


@pytest.mark.req("R244", "R246")
def test_a_person_may_step_back_to_an_older_image() -> None:
    back = seen.when(SelectReference(FOUR, MARA, MASTER)).then(
        InstanceReferenceSelected(FOUR, MARA, MASTER)
    )
    assert reference_for(back.state, FOUR, MARA) == MASTER


@pytest.mark.req("R318")
def test_the_default_follows_when_a_scene_is_moved_or_removed() -> None:
    moved = seen.when(MoveScene(ONE, FOUR)).then(SceneMoved(ONE, 40 + (1 << 20)))
    assert reference_for(moved.state, FOUR, MARA) == MASTER
    removed = seen.when(RemoveScene(ONE)).then(InstanceRemoved(ONE, MARA), SceneRemoved(ONE))
    assert chain(removed.state, FOUR, MARA) == [MASTER]
