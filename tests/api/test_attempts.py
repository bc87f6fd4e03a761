"""Asking for images over HTTP, and what comes of it."""

from typing import Any

import pytest

from domain.ids import instance_id
from handlers.models import ModelFailed, OutcomeLost
from tests.support.http import Api
from tests.support.work import drawn, model_of, staged, tenant_of


@pytest.mark.req("R005", "R209", "R210", "R213", "R214", "R228", "R269", "R268", "R036", "R266")
async def test_a_worker_draws_and_the_attempt_is_selected(film: Api) -> None:
    mara, one, _ = await staged(film)
    job = await drawn(film, one, mara)
    carousel = await film.get(f"scenes/{one}/assets/{instance_id(one, mara)}/attempts")
    (attempt,) = carousel["items"]
    assert attempt["id"] == attempt["imageGenerationJobId"] == job
    assert (attempt["source"], attempt["isSelected"]) == ("generated", True)
    assert (attempt["attemptNumber"], attempt["costCredits"]) == (1, "1.0000")
    assert attempt["promptSnapshot"].startswith("Character: Mara.")
    assert "Isolated on a plain white background." in attempt["promptSnapshot"]
    branch = (await film.get(""))["activeBranch"]
    place = f"project_{film.project}/branch_{branch}/scene_{one}/scene-assets/{mara}_"
    assert attempt["storagePath"].startswith(place)
    instance = await film.instance(one, "Mara")
    assert instance["imageKeyUrl"] == attempt["imageUrl"]


@pytest.mark.req("R239", "R240", "R243", "R245", "R246", "R244", "R248")
async def test_the_next_scene_starts_from_this_ones_choice_and_the_model_gets_it(
    film: Api,
) -> None:
    mara, one, two = await staged(film)
    first = await film.get(f"scenes/{one}/assets/{instance_id(one, mara)}/reference-chain")
    assert [each["label"] for each in first["items"]] == ["Stage 5 Master"]
    await drawn(film, one, mara)
    path = f"scenes/{two}/assets/{instance_id(two, mara)}"
    chain = (await film.get(f"{path}/reference-chain"))["items"]
    assert [(each["source"], each["sceneNumber"]) for each in chain] == [
        ("stage5_master", None),
        ("prior_scene_instance", 1),
    ]
    assert [each["default"] for each in chain] == [False, True]
    await drawn(film, two, mara)
    order, bodies = model_of(film).orders[-1]
    assert order.references[0].scene == one
    chosen = await film.client.get(chain[1]["imageUrl"], headers=film.headers)
    assert chosen.status_code == 404 or bodies[0] == chosen.content
    stored = await film.system.blobs.get(
        f"{(await tenant_of(film))}/{chain[1]['imageUrl'].rpartition('/')[2]}"
    )
    assert bodies[0] == stored
    back = {"source": "stage5_master"}
    kept = await film.post(f"{path}/select-master-reference", back)
    assert kept["selectedMasterReferenceSource"] == "stage5_master"
    await drawn(film, two, mara)
    assert model_of(film).orders[-1][0].references[0].source == "stage5_master"


@pytest.mark.req("R208", "R212", "R215", "R216", "R221", "R228")
async def test_attempts_are_kept_compared_and_chosen(film: Api) -> None:
    mara, one, _ = await staged(film)
    jobs = [await drawn(film, one, mara) for _ in range(3)]
    path = f"scenes/{one}/assets/{instance_id(one, mara)}"
    carousel = await film.get(f"{path}/attempts")
    assert [each["id"] for each in carousel["items"]] == jobs[::-1]
    assert (carousel["total"], carousel["position"], carousel["limit"]) == (3, 1, 8)
    chosen = await film.post(f"{path}/attempts/{jobs[0]}/select")
    assert chosen["selectedAttemptId"] == jobs[0]
    assert chosen["imageKeyUrl"] == carousel["items"][2]["imageUrl"]
    refused = await film.send("DELETE", f"{path}/attempts/{jobs[0]}", expect=409)
    assert refused.json()["code"] == "ATTEMPT_SELECTED"
    await film.send("DELETE", f"{path}/attempts/{jobs[1]}", expect=204)
    await film.turn()
    assert (await film.get(f"{path}/attempts"))["total"] == 2


@pytest.mark.req("R217", "R219")
async def test_the_ninth_generation_removes_the_oldest_that_is_not_selected(film: Api) -> None:
    mara, one, _ = await staged(film)
    path = f"scenes/{one}/assets/{instance_id(one, mara)}"
    jobs = [await drawn(film, one, mara) for _ in range(8)]
    await film.post(f"{path}/attempts/{jobs[0]}/select")
    await film.turn()
    ninth = await drawn(film, one, mara)
    carousel = await film.get(f"{path}/attempts")
    assert carousel["total"] == 8
    ids = [each["id"] for each in carousel["items"]]
    assert jobs[0] in ids
    assert jobs[1] not in ids
    assert carousel["items"][0]["id"] == ninth
    assert carousel["items"][0]["attemptNumber"] == 9


@pytest.mark.req("R180")
async def test_an_inherited_image_becomes_one_attempt_when_somebody_looks(film: Api) -> None:
    mara, one, two = await staged(film)
    await drawn(film, one, mara)
    three = (await film.scenes())[2]
    await film.send("DELETE", f"scenes/{two}/assets/{instance_id(two, mara)}", expect=204)
    await film.turn()
    await film.post(f"scenes/{three}/assets/inherit")
    await film.turn()
    inherited = await film.instance(three, "Mara")
    assert inherited["attempts"] == 0
    assert inherited["imageKeyUrl"] == (await film.instance(one, "Mara"))["imageKeyUrl"]
    path = f"scenes/{three}/assets/{inherited['id']}/attempts"
    for _ in range(2):
        (attempt,) = (await look(film, path))["items"]
        assert (attempt["source"], attempt["origin"]) == ("generated", "inherited")
        assert attempt["isSelected"]


async def look(film: Api, path: str) -> Any:
    await film.send("GET", path)  # what it makes shows when the read models have taken it
    await film.turn()
    return await film.get(path)


@pytest.mark.req("R265", "R264")
async def test_without_a_locked_style_no_scene_is_drawn(film: Api) -> None:
    mara, one, _ = await staged(film)
    await film.post("stages/5/unlock")
    path = f"scenes/{one}/assets/{instance_id(one, mara)}/generate-image"
    refused = await film.send("POST", path, expect=409)
    assert refused.json()["code"] == "STYLE_NOT_LOCKED"
    assert len(model_of(film).orders) == 1


@pytest.mark.req("R270", "R276", "R275", "R226", "R263", "R274", "R278")
async def test_a_batch_is_one_job_each_and_one_failure_stops_no_other(film: Api) -> None:
    _, one, _ = await staged(film)
    ids = [each["id"] for each in (await film.get(f"scenes/{one}/assets"))["items"]][:3]
    model_of(film).script = [ModelFailed("not allowed", "no"), None, OutcomeLost("cut")]
    asked = await film.post(f"scenes/{one}/assets/generate-images", {"instanceIds": ids}, 202)
    assert len(asked["jobIds"]) == len(ids) == 3
    await film.system.projector.catch_up()
    waiting = await film.get(f"batches/{asked['batchId']}")
    assert waiting["message"] == "Generating (0/3)..."
    await film.turn()
    done = await film.get(f"batches/{asked['batchId']}")
    assert (done["message"], done["done"]) == ("1 completed, 2 failed", True)
    jobs = [await film.get(f"/api/images/jobs/{job}") for job in asked["jobIds"]]
    assert {job["type"] for job in jobs} == {"scene_asset"}
    assert sorted(job["status"] for job in jobs) == ["completed", "failed", "failed"]
    failed = next(job for job in jobs if job["error"] == "not allowed")
    assert failed["charge"] == "no"
    lost = next(job for job in jobs if job["charge"] == "unknown")
    assert lost["cost"] == "1.0000"
    made = next(job for job in jobs if job["status"] == "completed")
    assert made["publicUrl"]
    assert (await film.get("jobs?status=failed"))["items"][0]["status"] == "failed"


@pytest.mark.req("R272")
async def test_an_estimate_asks_before_it_costs(film: Api) -> None:
    answer = await film.post("generation/estimate", {"images": 4})
    assert answer["question"] == (
        "This action will use approximately 4 credit(s) and generate 4 image(s). Continue?"
    )
    assert answer["credits"] == "4.0000"
