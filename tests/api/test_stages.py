"""Stages over HTTP."""

import pytest

from tests.support.http import Api


@pytest.mark.req("R303", "R006")
async def test_the_lock_error_is_the_owners_literally(api: Api) -> None:
    await api.writing()
    answer = await api.send("POST", "stages/2/lock", expect=409)
    body = answer.json()
    assert body["error"] == "Cannot lock stage 2. Stage 1 must be locked first."
    assert body["details"] == {
        "requiredStage": 1,
        "requiredStatus": "locked",
        "currentStatus": "draft",
    }
    assert body["code"] == "STAGE_ORDER"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.req("R003")
async def test_stages_lock_in_order_and_unlock_with_all_that_rests_on_them(film: Api) -> None:
    scene = (await film.scenes())[0]
    await film.post(f"scenes/{scene}/stages/8/lock")
    unlocked = await film.post("stages/4/unlock")
    assert [each["stage"] for each in unlocked["unlocked"]] == [4, 5, 8]
    await film.turn()
    stages = (await film.get("stages"))["stages"]
    assert [each["status"] for each in stages[:5]] == ["skipped"] * 3 + ["draft"] * 2


async def test_what_is_locked_says_so_and_offers_a_branch(film: Api) -> None:
    answer = await film.send("PUT", "style/tone", {"preset": "2d_animation"}, expect=423)
    assert answer.json()["code"] == "STAGE_LOCKED"
    assert "unlock_into_branch" in answer.json()["details"]["offers"]


@pytest.mark.req("R009", "R315", "R316")
async def test_unlocking_into_a_branch_leaves_the_stage_locked_where_it_is(film: Api) -> None:
    await film.post("stages/5/unlock", {"branch": {"name": "storybook"}})
    await film.turn()
    here = (await film.get("stages"))["stages"][4]["status"]
    there = (await film.get("stages?ref=storybook"))["stages"][4]["status"]
    assert (here, there) == ("locked", "draft")
    await film.put("style/tone?ref=storybook", {"preset": "2d_animation"})
    await film.turn()
    assert (await film.get("style"))["preset"] == "noir"
    assert (await film.get("style?ref=storybook"))["preset"] == "2d_animation"
    diff = await film.get("refs/main/diff/storybook")
    assert {entry["noun"] for entry in diff["entries"]} == {"stages", "writing"}
