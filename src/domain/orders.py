"""What a generator is asked for, worked out from the state of the branch."""

from domain.assets.decide import find as find_asset
from domain.attempts.events import Order
from domain.branch import Branch
from domain.instances.decide import find as find_instance
from domain.prompt import compose
from domain.references import reference_for
from domain.refusal import Refused
from domain.values import AspectRatio


def master_order(branch: Branch, asset: str, aspect_ratio: AspectRatio, seed: int) -> Order:
    """An asset's own image: from its description and the style alone."""
    found = find_asset(branch.assets, asset)
    if found.sidelined:
        raise Refused("ASSET_SIDELINED", f"{found.name} is sidelined.", asset=asset)
    tone = branch.style.tone
    if tone is None:
        raise Refused("STYLE_NOT_SET", "Choose a visual style first.")
    prompt = compose(found.kind, found.name, found.description, (), tone, ())
    return Order(
        found.kind,
        found.name,
        found.description,
        (),
        tone,
        (),
        aspect_ratio,
        seed,
        prompt,
    )


def scene_order(
    branch: Branch, scene: str, asset: str, aspect_ratio: AspectRatio, seed: int
) -> Order:
    """R266: the instance's effective description and tags, and the image it is drawn from."""
    found = find_asset(branch.assets, asset)
    instance = find_instance(branch.instances, scene, asset)
    tone = branch.style.tone
    if tone is None:
        raise Refused("STYLE_NOT_SET", "Choose a visual style first.")
    own = instance.own_description()
    description = found.description if own is None else own
    reference = reference_for(branch, scene, asset)
    references = (reference,) if reference else ()
    prompt = compose(found.kind, found.name, description, instance.tags, tone, references)
    return Order(
        found.kind,
        found.name,
        description,
        instance.tags,
        tone,
        references,
        aspect_ratio,
        seed,
        prompt,
    )
