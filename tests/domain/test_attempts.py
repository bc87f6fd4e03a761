"""The carousel: at most eight, one selected, nothing that was paid for is refused."""

import pytest

from domain.attempts.decide import (
    CAP,
    CopyImage,
    DeleteAttempt,
    RecordFailed,
    RecordGenerated,
    RecordOutcomeUnknown,
    RecordUpload,
    RequestAttempt,
    SelectAttempt,
)
from domain.attempts.events import (
    AttemptCopied,
    AttemptDeleted,
    AttemptEvicted,
    AttemptFailed,
    AttemptLateResultAdopted,
    AttemptOutcomeUnknown,
    AttemptUploaded,
)
from domain.instances.events import InstanceRemoved
from domain.scenes.events import SceneRemoved
from domain.stages.events import StageLocked
from tests.support.facts import (
    MARA,
    ONE,
    PHASE_A,
    STORY,
    asked,
    chosen,
    created,
    image,
    made,
    order,
)
from tests.support.spec import branches

instance = branches().given(*STORY, *PHASE_A, created(ONE, MARA))


def full(selected: str) -> list[object]:
    """Eight attempts, a to h, one of them selected."""
    facts: list[object] = []
    for name in "abcdefgh":
        facts += [asked(ONE, MARA, name), made(ONE, MARA, name)]
    return [*facts, chosen(ONE, MARA, selected)]


def result(attempt: str, call: str | None = None) -> RecordGenerated:
    name = f"image of {attempt}"
    return RecordGenerated(ONE, MARA, attempt, image(name), "1.0000", call or f"call {attempt}")


@pytest.mark.req("R208", "R213", "R214", "R228")
def test_a_finished_generation_becomes_an_attempt_and_is_selected() -> None:
    instance.given(asked(ONE, MARA, "a")).when(result("a")).then(
        made(ONE, MARA, "a"), chosen(ONE, MARA, "a")
    )


@pytest.mark.req("R217", "R219")
def test_the_ninth_attempt_evicts_the_oldest_unselected() -> None:
    ninth = instance.given(*full(selected="a"), asked(ONE, MARA, "i")).when(result("i"))
    after = ninth.then(AttemptEvicted(ONE, MARA, "b"), made(ONE, MARA, "i"), chosen(ONE, MARA, "i"))
    carousel = after.state.attempts.carousel(ONE, MARA)
    assert len(carousel.attempts) == CAP
    assert carousel.get("a") is not None


@pytest.mark.req("R218", "R210")
def test_uploads_and_copies_count_toward_the_eight() -> None:
    upload = RecordUpload(ONE, MARA, "u", image("upload"), "mara.png")
    instance.given(*full(selected="h")).when(upload).then(
        AttemptEvicted(ONE, MARA, "a"),
        AttemptUploaded(ONE, MARA, "u", image("upload"), "mara.png"),
        chosen(ONE, MARA, "u"),
    )
    copy = CopyImage(ONE, MARA, "m", "master", "master_copy", "master")
    instance.given(*full(selected="h")).when(copy).then(
        AttemptEvicted(ONE, MARA, "a"),
        AttemptCopied(ONE, MARA, "m", "master", "master_copy", "master"),
        chosen(ONE, MARA, "m"),
    )


@pytest.mark.req("R309")
def test_a_completion_that_comes_twice_makes_one_attempt() -> None:
    once = instance.given(asked(ONE, MARA, "a"), made(ONE, MARA, "a"), chosen(ONE, MARA, "a"))
    once.when(result("a")).nothing()


def test_a_second_paid_image_of_the_same_job_is_kept_outside_the_carousel() -> None:
    once = instance.given(asked(ONE, MARA, "a"), made(ONE, MARA, "a"), chosen(ONE, MARA, "a"))
    once.when(result("a", call="another")).then(
        AttemptLateResultAdopted(ONE, MARA, "a", image("image of a"), "1.0000", "another")
    )


@pytest.mark.req("R310")
def test_a_result_for_a_locked_stage_is_recorded_and_not_selected() -> None:
    locked = instance.given(asked(ONE, MARA, "a"), StageLocked(8, ONE))
    locked.when(result("a")).then(made(ONE, MARA, "a"))


@pytest.mark.req("R310")
def test_a_result_for_a_removed_instance_does_not_bring_it_back() -> None:
    late = AttemptLateResultAdopted(ONE, MARA, "a", image("image of a"), "1.0000", "call a")
    gone = instance.given(asked(ONE, MARA, "a"), InstanceRemoved(ONE, MARA))
    gone.when(result("a")).then(late)
    gone.given(SceneRemoved(ONE)).when(result("a")).then(late)


def test_a_late_result_never_makes_a_ninth() -> None:
    busy = instance.given(*full(selected="a"), asked(ONE, MARA, "i"), StageLocked(8, ONE))
    busy.when(result("i")).then(
        AttemptLateResultAdopted(ONE, MARA, "i", image("image of i"), "1.0000", "call i")
    )


@pytest.mark.req("R221", "R311")
def test_the_last_to_complete_wins_the_selection_and_both_are_kept() -> None:
    two = instance.given(asked(ONE, MARA, "a"), asked(ONE, MARA, "b"))
    first = two.when(result("b")).then(made(ONE, MARA, "b"), chosen(ONE, MARA, "b"))
    last = first.when(result("a")).then(made(ONE, MARA, "a"), chosen(ONE, MARA, "a"))
    carousel = last.state.attempts.carousel(ONE, MARA)
    assert [each.id for each in carousel.attempts] == ["b", "a"]
    assert carousel.selected == "a"


@pytest.mark.req("R216")
def test_the_selected_attempt_cannot_be_deleted_and_another_can() -> None:
    two = instance.given(*full(selected="b"))
    two.when(DeleteAttempt(ONE, MARA, "b")).refused("ATTEMPT_SELECTED", attempt="b")
    two.when(DeleteAttempt(ONE, MARA, "a")).then(AttemptDeleted(ONE, MARA, "a"))
    two.when(DeleteAttempt(ONE, MARA, "z")).refused("ATTEMPT_NOT_FOUND")


def test_selecting_what_is_selected_changes_nothing() -> None:
    instance.given(*full(selected="b")).when(SelectAttempt(ONE, MARA, "b")).nothing()


def test_a_failure_ends_a_job_once() -> None:
    failure = RecordFailed(ONE, MARA, "a", "refused", "no")
    open_ = instance.given(asked(ONE, MARA, "a"))
    failed = open_.when(failure).then(AttemptFailed(ONE, MARA, "a", "refused", "no"))
    failed.when(failure).nothing()
    failed.when(RecordOutcomeUnknown(ONE, MARA, "a", "c", "1.0000")).nothing()


def test_an_image_that_turns_up_after_all_is_an_unselected_attempt() -> None:
    lost = AttemptOutcomeUnknown(ONE, MARA, "a", "call a", "1.0000")
    instance.given(asked(ONE, MARA, "a"), lost).when(result("a")).then(made(ONE, MARA, "a"))


@pytest.mark.req("R265", "R264")
def test_no_image_is_asked_for_before_stage_five_locked_a_style() -> None:
    request = RequestAttempt(ONE, MARA, "a", order())
    fresh = branches().given(*STORY, created(ONE, MARA))
    fresh.when(request).refused("STYLE_NOT_LOCKED", requiredStage=5, styleSet=False)
    fresh.given(PHASE_A[0]).when(request).refused("STYLE_NOT_LOCKED", styleSet=True)
    fresh.given(*PHASE_A).when(request).then(asked(ONE, MARA, "a"))
