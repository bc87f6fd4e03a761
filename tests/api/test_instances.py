"""Scene asset instances over HTTP: an asset's state, moving from scene to scene."""

import pytest

from domain.ids import instance_id
from tests.support.http import Api


async def started(film: Api) -> list[str]:
    """Scenes one to three have their assets."""
    scenes = await film.scenes()
    for scene in scenes[:3]:
        await film.post(f"scenes/{scene}/assets/inherit")
        await film.turn()
    return scenes


@pytest.mark.req("R145", "R174", "R140")
async def test_scene_one_starts_from_the_master_assets(film: Api) -> None:
    one = (await film.scenes())[0]
    answer = await film.post(f"scenes/{one}/assets/inherit", expect=201)
    assert answer["count"] == len(answer["instances"]) == 4
    await film.turn()
    mara = await film.instance(one, "Mara")
    assert mara["inheritedFrom"] == "From Master Assets"
    assert mara["inheritedFromInstanceId"] is None
    assert mara["effectiveDescription"] == mara["projectAsset"]["description"]
    assert mara["sceneNumber"] == 1
    assert mara["id"] == instance_id(one, mara["projectAssetId"])


@pytest.mark.req("R175", "R176", "R179", "R144")
async def test_what_happened_in_one_scene_goes_on_in_the_next_with_the_asset(film: Api) -> None:
    one, two, three, four = await film.scenes()
    await film.post(f"scenes/{one}/assets/inherit")
    await film.turn()
    lantern = await film.instance(one, "Lantern")
    await film.post(f"scenes/{one}/assets/{lantern['id']}/tags", {"tag": "Dented"})
    change = {"descriptionOverride": "a lantern without glass", "modificationReason": "it fell"}
    changed = await film.put(f"scenes/{one}/assets/{lantern['id']}", change)
    assert changed["modificationCount"] == 2
    assert changed["modificationReason"] == "it fell"
    for scene in (two, three, four):
        await film.post(f"scenes/{scene}/assets/inherit")
        await film.turn()
    later = await film.instance(four, "Lantern")  # it is not in scene three
    assert later["statusTags"] == ["dented"]
    assert later["effectiveDescription"] == "a lantern without glass"
    assert later["descriptionOverride"] is None
    assert later["inheritedFrom"] == "Inheriting from Scene 2"
    assert later["inheritedFromInstanceId"] == (await film.instance(two, "Lantern"))["id"]


@pytest.mark.req("R178", "R303")
async def test_inheriting_twice_is_refused_with_message_and_count(film: Api) -> None:
    one = (await started(film))[0]
    answer = await film.send("POST", f"scenes/{one}/assets/inherit", expect=409)
    assert answer.json()["code"] == "SCENE_HAS_INSTANCES"
    assert answer.json()["details"] == {
        "message": "The scene has asset instances already.",
        "count": 4,
    }


@pytest.mark.req("R143")
async def test_an_asset_is_added_to_a_scene_once(film: Api) -> None:
    four = (await film.scenes())[3]
    added = await film.post("assets", {"name": "Umbrella", "type": "prop"}, expect=201)
    body = {"projectAssetId": added["id"], "statusTags": ["wet", "WET"]}
    made = await film.post(f"scenes/{four}/assets", body, expect=201)
    assert made["statusTags"] == ["wet"]
    again = await film.send("POST", f"scenes/{four}/assets", body, expect=409)
    assert again.json()["code"] == "INSTANCE_EXISTS"
    await film.turn()
    needed = await film.get(f"scenes/{four}/dependencies")
    assert "Umbrella" in [each["name"] for each in needed["props"]]


@pytest.mark.req("R185")
async def test_an_edit_in_a_later_scene_leaves_the_earlier_one_alone(film: Api) -> None:
    one, two, *_ = await started(film)
    before = await film.instance(one, "Mara")
    later = await film.instance(two, "Mara")
    await film.put(f"scenes/{two}/assets/{later['id']}", {"descriptionOverride": "in rags"})
    await film.turn()
    assert await film.instance(one, "Mara") == before


@pytest.mark.req("R185", "R316")
async def test_any_past_version_can_be_read(film: Api) -> None:
    one, *_ = await started(film)
    mara = await film.instance(one, "Mara")
    answer = await film.send("GET", f"scenes/{one}/assets")
    version = answer.headers["etag"].strip('"')
    await film.post(f"scenes/{one}/assets/{mara['id']}/tags", {"tag": "wet"})
    await film.turn()
    then = await film.get(f"scenes/{one}/assets?ref=main@{version}")
    assert then == answer.json()
    assert (await film.instance(one, "Mara"))["statusTags"] == ["wet"]
    unchanged = await film.send("GET", f"scenes/{one}/assets?ref=main@{version}")
    tag = unchanged.headers["etag"]
    cached = f"scenes/{one}/assets?ref=main@{version}"
    await film.send("GET", cached, expect=304, If_None_Match=tag)


async def test_taking_an_asset_out_of_a_scene_leaves_the_asset(film: Api) -> None:
    one, *_ = await started(film)
    mara = await film.instance(one, "Mara")
    await film.send("DELETE", f"scenes/{one}/assets/{mara['id']}", expect=204)
    await film.turn()
    names = [i["projectAsset"]["name"] for i in (await film.get(f"scenes/{one}/assets"))["items"]]
    assert "Mara" not in names
    assert await film.asset("Mara")
    await film.send("PUT", f"scenes/{one}/assets/{mara['id']}", {}, expect=404)


async def test_the_board_shows_a_scene_in_one_answer(film: Api) -> None:
    one, two, *_ = await film.scenes()
    await film.post(f"scenes/{one}/assets/inherit")
    await film.turn()
    board = await film.get(f"scenes/{one}/board")
    assert board["scene"]["sceneNumber"] == 1
    assert board["scene"]["slug"] == "INT. KITCHEN - DAY"
    assert board["counts"] == {"assets": 4, "withVisuals": 0}
    assert [i["projectAsset"]["name"] for i in board["groups"]["characters"]] == ["Mara"]
    assert board["missing"] == []
    waiting = await film.get(f"scenes/{two}/board")
    assert {each["name"] for each in waiting["missing"]} >= {"Mara", "Tobias", "Soldiers"}
    assert waiting["previousSceneId"] == one


@pytest.mark.req("R318")
async def test_scenes_move_and_go_and_numbers_follow(film: Api) -> None:
    one, two, three, four = await started(film)
    await film.post(f"scenes/{four}/move", {"after": one})
    await film.turn()
    assert await film.scenes() == [one, four, two, three]
    assert (await film.get(f"scenes/{two}"))["sceneNumber"] == 3
    await film.send("DELETE", f"scenes/{one}", expect=204)
    await film.turn()
    assert await film.scenes() == [four, two, three]
    mara = await film.instance(two, "Mara")
    assert mara["inheritedFrom"] == "From a removed scene"
