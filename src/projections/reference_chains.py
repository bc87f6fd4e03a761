"""Reference chains: per asset, its master image and its image in every scene."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from domain.instances.events import InstanceCreated, InstanceInherited, InstanceRemoved
from domain.record import Told
from domain.values import Reference
from projections.engine import Projection
from projections.gallery import ATTEMPT_FACTS, Gallery
from projections.scenes import SceneDocument, numbers


class Appearance(Struct):
    inherited_image: str | None = None
    gallery: Gallery = field(default_factory=Gallery)

    def image(self) -> str | None:
        return self.gallery.image() or self.inherited_image


class ReferenceChain(Struct):
    asset: str
    master: Gallery = field(default_factory=Gallery)
    scenes: dict[str, Appearance] = {}


def keys(fact: object) -> Iterable[str]:
    return (fact.asset,)  # type: ignore[attr-defined]


def apply(document: ReferenceChain | None, told: Told) -> ReferenceChain | None:
    fact = told.fact
    chain = document or ReferenceChain(fact.asset)
    match fact:
        case InstanceCreated(scene):
            chain.scenes[scene] = Appearance()
        case InstanceInherited(scene, _, _, _, _, image):
            chain.scenes[scene] = Appearance(image)
        case InstanceRemoved(scene):
            chain.scenes.pop(scene, None)
        case _ if fact.scene is None:
            chain.master.turn(fact)
        case _:
            appearance = chain.scenes.get(fact.scene)
            if appearance is not None:
                appearance.gallery.turn(fact)
    return chain


REFERENCE_CHAINS = Projection(
    name="reference_chains",
    document=ReferenceChain,
    keys=keys,
    apply=apply,
    facts=(InstanceCreated, InstanceInherited, InstanceRemoved, *ATTEMPT_FACTS),
)


def links(
    chain: ReferenceChain | None, scenes: Mapping[str, SceneDocument], scene: str
) -> list[Reference]:
    """What the scene can start from: the master, then every earlier scene's image in story order
    (R239); scenes without an image are left out (R242)."""
    if chain is None:
        return []
    number = numbers(scenes)
    found: list[Reference] = []
    master = chain.master.image()
    if master is not None:
        found.append(Reference("stage5_master", master))
    earlier = [s for s in chain.scenes if s in number and number[s] < number[scene]]
    for each in sorted(earlier, key=number.__getitem__):
        image = chain.scenes[each].image()
        if image is not None:
            found.append(Reference("prior_scene_instance", image, each))
    return found


def chosen(links: list[Reference], wanted: Reference | None) -> Reference | None:
    """The user's choice while it is in the chain, else the most recent image (R243)."""
    for link in links:
        if wanted and (link.source, link.scene) == (wanted.source, wanted.scene):
            return link
    return links[-1] if links else None
