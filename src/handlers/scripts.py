"""Scripts: kept as they came, read once, turned into scenes; and what they need, in two passes."""

from msgspec import Struct

from domain import branch as rules
from domain.across import ImportScenes
from domain.branch import Branch
from domain.extraction.decide import ConfirmExtraction, PreviewExtraction
from domain.extraction.events import Candidate
from domain.ids import asset_id, derive
from domain.refusal import Refused
from domain.scenes.decide import AddScene
from domain.screenplay.breakdown import Breakdown, break_down
from domain.screenplay.elements import PARSER
from domain.screenplay.fountain import parse
from domain.writing.decide import ImportScript
from handlers.blobs import Blobs, blob_key, keep
from handlers.branches import Ref
from handlers.execute import Asked, Executor, Outcome
from handlers.warm import BRANCH


class Imported(Struct, frozen=True):
    outcome: Outcome[Branch]
    script: str
    title: str
    scenes: int


def read(text: str) -> Breakdown:
    found = break_down(parse(text))
    if not found.scenes:
        raise Refused(
            "SCRIPT_EMPTY",
            "No scene heading was found. A scene begins with INT. or EXT. and a place.",
        )
    return found


async def import_script(
    executor: Executor,
    blobs: Blobs,
    project: str,
    ref: Ref,
    text: str,
    title: str | None,
    asked: Asked,
) -> Imported:
    """The text is stored first: a fact never names a file that is not there."""
    found = read(text)
    body = text.encode()
    digest = await keep(blobs, asked.actor.tenant, body, "text/plain; charset=utf-8")
    name = title or found.title or "Untitled"
    script = ImportScript(digest, name, found.format, PARSER, len(body))
    scenes = tuple(
        AddScene(scene_id(project, digest, index), scene.heading, scene.excerpt, scene.first_line)
        for index, scene in enumerate(found.scenes)
    )
    command = ImportScenes(script, scenes)
    outcome = await executor.execute(
        BRANCH, ref.branch, project, lambda state: rules.decide(command, state), asked
    )
    return Imported(outcome, digest, name, len(scenes))


def scene_id(project: str, script: str, index: int) -> str:
    """Two branches that import the same script agree on its scenes."""
    return derive("scene", project, script, str(index))


async def script_text(blobs: Blobs, tenant: str, digest: str) -> str:
    body = await blobs.get(blob_key(tenant, digest))
    if body is None:
        raise Refused("SCRIPT_NOT_FOUND", "The script's text is not in the store.")
    return body.decode()


async def preview_extraction(
    executor: Executor, blobs: Blobs, project: str, ref: Ref, asked: Asked
) -> Outcome[Branch]:
    """Pass 1 over the whole script: names and places of mention, no description is made up and
    nothing is drawn. A script that was read already is not read again."""
    state, _ = await executor.state(BRANCH, ref.branch, asked.actor)
    script = state.writing.script
    if script is None:
        raise Refused("SCRIPT_MISSING", "Import a script first.")
    found = read(await script_text(blobs, asked.actor.tenant, script.script))
    candidates = tuple(
        Candidate(
            asset_id(project, each.kind, each.name),
            each.kind,
            each.name,
            each.description,
            tuple(scene_id(project, script.script, index) for index in each.scenes),
        )
        for each in found.assets
    )
    extraction = derive("extraction", script.script, PARSER)
    command = PreviewExtraction(extraction, script.script, PARSER, candidates)
    return await executor.execute(
        BRANCH, ref.branch, project, lambda branch: rules.decide(command, branch), asked
    )


async def confirm_extraction(
    executor: Executor,
    project: str,
    ref: Ref,
    extraction: str,
    selected: tuple[str, ...],
    asked: Asked,
) -> Outcome[Branch]:
    """Pass 2: those selected become assets; the others are kept, sidelined."""
    command = ConfirmExtraction(extraction, selected)
    return await executor.execute(
        BRANCH, ref.branch, project, lambda branch: rules.decide(command, branch), asked
    )
