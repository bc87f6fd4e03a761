"""The script, and the two passes of the extraction."""

from typing import Any

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.call import Call
from api.wire import Body, Done, Id, Prose, ScriptText, Title, View
from domain.refusal import Refused
from domain.screenplay.elements import Element
from domain.screenplay.fountain import parse
from domain.styles.decide import SetTone
from domain.values import Preset, Tone
from handlers.reads import Wish
from handlers.scripts import (
    confirm_extraction,
    import_script,
    preview_extraction,
    script_text,
)
from projections.scene_dependencies import GROUPS
from projections.scenes import SCENES, numbers
from projections.writing import WRITING, Preview


class ScriptBody(Body):
    """`text` is the whole script, in Fountain."""

    text: ScriptText
    title: Title | None = None


class ConfirmBody(Body):
    extraction_id: Id
    selected_asset_ids: list[Id]


class ToneBody(Body):
    preset: Preset
    description: Prose = ""


class ImportedView(Done):
    script_sha256: str
    title: str
    scenes: int


class ScriptView(View):
    sha256: str
    title: str
    format: str
    parser: str
    size: int
    imported_at: str
    elements: list[Element]


class CandidateView(View):
    id: str
    name: str
    type: str
    scenes: list[int]


class PreviewView(View):
    """Grouped as the filter shows it; every asset stands for selected until it is taken out."""

    extraction_id: str
    extracted_at: str
    counts: dict[str, int]
    groups: dict[str, list[CandidateView]]


class ConfirmedView(Done):
    selected: int
    sidelined: int


class ToneView(View):
    preset: Preset | None
    description: str


@post("/script", summary="Import the master script")
async def post_script(
    data: JSONBody[ScriptBody], call: NamedDependency[Call]
) -> Response[ImportedView]:
    imported = await import_script(
        call.executor,
        call.services.blobs,
        call.project,
        await call.target(),
        data.text,
        data.title,
        await call.asked(),
    )
    outcome = imported.outcome
    content = ImportedView(
        version=outcome.version,
        position=outcome.position,
        script_sha256=imported.script,
        title=imported.title,
        scenes=imported.scenes,
    )
    return call.answer(content, status=201, outcome=outcome)


@get("/script", summary="The master script as structured elements")
async def get_script(call: NamedDependency[Call]) -> Response[ScriptView]:
    page = await call.page(Wish(WRITING, ("",)))
    writing = page.get(WRITING, "")
    if writing is None or writing.script is None:
        raise Refused("SCRIPT_NOT_FOUND", "No script was imported yet.")
    script = writing.script
    text = await script_text(call.services.blobs, call.actor.tenant, script.sha256)
    content = ScriptView(
        sha256=script.sha256,
        title=script.title,
        format=script.format,
        parser=script.parser,
        size=script.size,
        imported_at=script.imported_at,
        elements=list(parse(text).elements),
    )
    return call.answer(content, page.version)


@post("/extract-preview", status_code=200, summary="Pass 1: what the script needs")
async def extract_preview(call: NamedDependency[Call]) -> Response[PreviewView]:
    outcome = await preview_extraction(
        call.executor, call.services.blobs, call.project, await call.target(), await call.asked()
    )
    page = await call.after(outcome, Wish(WRITING, ("",)), Wish(SCENES))
    preview: Preview = page.get(WRITING, "").extraction
    number = numbers(page.all(SCENES))
    groups: dict[str, list[CandidateView]] = {name: [] for name in GROUPS.values()}
    for each in preview.candidates:
        scenes = sorted(number[scene] for scene in each.scenes if scene in number)
        groups[GROUPS[each.kind]].append(
            CandidateView(id=each.asset, name=each.name, type=each.kind, scenes=scenes)
        )
    content = PreviewView(
        extraction_id=preview.id,
        extracted_at=preview.extracted_at,
        counts={name: len(found) for name, found in groups.items()},
        groups=groups,
    )
    return call.answer(content, outcome=outcome)


@post("/extract-confirm", status_code=200, summary="Pass 2: take on the selected assets")
async def extract_confirm(
    data: JSONBody[ConfirmBody], call: NamedDependency[Call]
) -> Response[ConfirmedView]:
    selected = tuple(dict.fromkeys(data.selected_asset_ids))
    outcome = await confirm_extraction(
        call.executor,
        call.project,
        await call.target(),
        data.extraction_id,
        selected,
        await call.asked(),
    )
    page = await call.after(outcome, Wish(WRITING, ("",)))
    candidates = page.get(WRITING, "").extraction.candidates
    content = ConfirmedView(
        version=outcome.version,
        position=outcome.position,
        selected=len(selected),
        sidelined=len(candidates) - len(selected),
    )
    return call.answer(content, outcome=outcome)


@put("/style/tone", summary="Describe the look of the film")
async def put_tone(data: JSONBody[ToneBody], call: NamedDependency[Call]) -> Response[Done]:
    outcome = await call.command(SetTone(Tone(data.preset, data.description)))
    return call.done(outcome)


@get("/style", summary="The visual style")
async def get_style(call: NamedDependency[Call]) -> Response[ToneView]:
    page = await call.page(Wish(WRITING, ("",)))
    writing: Any = page.get(WRITING, "")
    tone = writing.tone if writing else None
    content = ToneView(
        preset=tone.preset if tone else None, description=tone.description if tone else ""
    )
    return call.answer(content, page.version)


router = Router(
    "/api/projects/{project_id:uuid}",
    route_handlers=[post_script, get_script, extract_preview, extract_confirm],
    tags=["script"],
)
style_router = Router(
    "/api/projects/{project_id:uuid}", route_handlers=[put_tone, get_style], tags=["style"]
)
