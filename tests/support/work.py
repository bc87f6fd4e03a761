"""Steps of the main job that many tests need."""

from adapters.models.scripted import ScriptedModel
from domain.ids import instance_id
from tests.support.http import Api


async def staged(film: Api) -> tuple[str, str, str]:
    """A master image of Mara, and her in scenes one and two."""
    mara = await film.asset("Mara")
    await film.post("stages/5/unlock")
    await film.post(f"assets/{mara}/generate-image", expect=202)
    await film.turn()
    await film.post("stages/5/lock")
    one, two, *_ = await film.scenes()
    for scene in (one, two):
        await film.post(f"scenes/{scene}/assets/inherit")
        await film.turn()
    return mara, one, two


async def drawn(film: Api, scene: str, asset: str) -> str:
    path = f"scenes/{scene}/assets/{instance_id(scene, asset)}/generate-image"
    job = (await film.post(path, expect=202))["jobId"]
    await film.turn()
    return str(job)


def model_of(film: Api) -> ScriptedModel:
    model = film.system.performer.model
    assert isinstance(model, ScriptedModel)
    return model


async def tenant_of(film: Api) -> str:
    records = await film.system.log.feed(0, 1)
    return records[0].tenant
