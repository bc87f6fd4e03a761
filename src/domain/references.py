"""Reference chains: the images of an asset that a scene can start from."""

from typing import TYPE_CHECKING

from domain.values import Reference

if TYPE_CHECKING:
    from domain.branch import Branch


def image_of(branch: "Branch", scene: str, asset: str) -> str | None:
    """An instance's image: the selected attempt's, else the inherited one (R228, R241)."""
    chosen = branch.attempts.carousel(scene, asset).image()
    if chosen is not None:
        return chosen
    instance = branch.instances.get(scene, asset)
    return instance.inherited.image if instance and instance.inherited else None


def chain(branch: "Branch", scene: str, asset: str) -> list[Reference]:
    """The Stage 5 master, then every earlier scene's own choice in story order (R239); scenes
    without an image are left out (R242)."""
    links: list[Reference] = []
    master = branch.attempts.carousel(None, asset).image()
    if master is not None:
        links.append(Reference("stage5_master", master))
    for earlier in reversed(branch.scenes.before(scene)):
        if branch.instances.get(earlier, asset) is None:
            continue
        image = image_of(branch, earlier, asset)
        if image is not None:
            links.append(Reference("prior_scene_instance", image, earlier))
    return links


def reference_for(branch: "Branch", scene: str, asset: str) -> Reference | None:
    """What the instance is drawn from: the user's choice while it is still in the chain (as it
    looks now), else the most recent image before this scene (R243)."""
    links = chain(branch, scene, asset)
    instance = branch.instances.get(scene, asset)
    wanted = instance.reference if instance else None
    for link in links:
        if wanted and (link.source, link.scene) == (wanted.source, wanted.scene):
            return link
    return links[-1] if links else None
