"""The timeline: every event as a sentence that a person reads. Folded on the spot from the log,
which has the events already."""

from collections.abc import Mapping

from msgspec import Struct

from domain import project, workspace
from domain.assets import events as assets
from domain.attempts import events as attempts
from domain.extraction import events as extraction
from domain.instances import events as instances
from domain.record import Told
from domain.scenes import events as scenes
from domain.stages import events as stages
from domain.stages.state import NAMES
from domain.styles.events import StyleToneSet
from domain.writing.events import ScriptImported


class Names(Struct, frozen=True):
    """What ids are called now: assets by name, scenes as "Scene 4"."""

    assets: Mapping[str, str] = {}
    scenes: Mapping[str, str] = {}

    def asset(self, id: str) -> str:
        return self.assets.get(id, "an asset")

    def scene(self, id: str | None) -> str:
        return self.scenes.get(id, "a removed scene") if id else "Stage 5"


def sentence(told: Told, names: Names) -> str:
    fact = told.fact
    if isinstance(fact, attempts.Fact):
        return _attempt(fact, names)
    if isinstance(fact, instances.Fact):
        return _instance(fact, names)
    if isinstance(fact, assets.Fact):
        return _asset(fact, names)
    if isinstance(fact, scenes.Fact):
        return _scene(fact, names)
    if isinstance(fact, stages.Fact):
        return _stage(fact, names)
    return _other(fact, names)


def _attempt(fact: attempts.Fact, names: Names) -> str:
    who = f"{names.asset(fact.asset)} in {names.scene(fact.scene)}"
    if fact.scene is None:
        who = f"the master of {names.asset(fact.asset)}"
    words: dict[type, str] = {
        attempts.AttemptRequested: f"An image of {who} was asked for.",
        attempts.AttemptGenerated: f"An image of {who} was generated.",
        attempts.AttemptUploaded: f"An image of {who} was uploaded.",
        attempts.AttemptCopied: f"An earlier image became an attempt of {who}.",
        attempts.AttemptSelected: f"An attempt of {who} was selected.",
        attempts.AttemptEvicted: f"The oldest attempt of {who} made room.",
        attempts.AttemptDeleted: f"An attempt of {who} was deleted.",
        attempts.AttemptFailed: f"Generating {who} failed.",
        attempts.AttemptOutcomeUnknown: f"Whether {who} was generated is not known.",
        attempts.AttemptLateResultAdopted: f"A late image of {who} was kept.",
    }
    return words[type(fact)]


def _instance(fact: instances.Fact, names: Names) -> str:
    who, where = names.asset(fact.asset), names.scene(fact.scene)
    match fact:
        case instances.InstanceCreated():
            return f"{who} came into {where} from the master assets."
        case instances.InstanceInherited(_, _, source):
            return f"{who} came into {where} as in {names.scene(source)}."
        case instances.InstanceDescriptionOverridden(_, _, None):
            return f"{who} went back to the inherited description in {where}."
        case instances.InstanceDescriptionOverridden():
            return f"{who} was described anew in {where}."
        case instances.InstanceTagAdded(_, _, tag):
            return f"{who} became {tag} in {where}."
        case instances.InstanceTagRemoved(_, _, tag):
            return f"{who} is no longer {tag} in {where}."
        case instances.InstanceCarryForwardSet(_, _, carry):
            return f"{who} {'carries' if carry else 'does not carry'} its state on from {where}."
        case instances.InstanceReferenceSelected(_, _, reference):
            start = names.scene(reference.scene) if reference.scene else "the Stage 5 master"
            return f"{who} in {where} is drawn from {start}."
        case _:
            return f"{who} was taken out of {where}."


def _asset(fact: assets.Fact, names: Names) -> str:
    who = names.asset(fact.asset)
    match fact:
        case assets.AssetExtracted():
            return f"{who} was found in the script."
        case assets.AssetAdded():
            return f"{who} was added by hand."
        case assets.AssetRenamed(_, name):
            return f"An asset was renamed to {name}."
        case assets.AssetDescribed():
            return f"{who} was described anew."
        case assets.AssetSidelined(_, reason):
            return f"{who} was sidelined: {reason}."
        case _:
            return f"{who} was brought back."


def _scene(fact: scenes.Fact, names: Names) -> str:
    where = names.scene(fact.scene)
    match fact:
        case scenes.SceneAdded(_, _, heading):
            return f"{where} was added: {heading.text}."
        case scenes.SceneMoved():
            return f"{where} was moved."
        case scenes.SceneRemoved():
            return "A scene was removed."
        case scenes.SceneAssetLinked(_, asset):
            return f"{where} needs {names.asset(asset)}."
        case _:
            return f"{where} does not need {names.asset(fact.asset)} any more."


def _stage(fact: stages.Fact, names: Names) -> str:
    verb = {
        stages.StageLocked: "locked",
        stages.StageUnlocked: "unlocked",
        stages.StageSkipped: "skipped",
    }[type(fact)]
    where = f" in {names.scene(fact.scene)}" if fact.scene else ""
    return f"Stage {fact.stage} ({NAMES[fact.stage]}) was {verb}{where}."


def _other(fact: object, names: Names) -> str:
    match fact:
        case StyleToneSet(tone):
            return f"The tone was set to {tone.preset.replace('_', ' ')}."
        case ScriptImported(_, title):
            return f"The script {title!r} was imported."
        case extraction.ExtractionPreviewed(_, _, _, candidates):
            return f"{len(candidates)} assets were found in the script."
        case extraction.ExtractionConfirmed(_, selected):
            return f"{len(selected)} of the assets found were taken on."
        case project.ProjectCreated(title):
            return f"The project {title!r} was created."
        case project.ProjectRenamed(title):
            return f"The project was renamed to {title!r}."
        case project.ProjectAspectRatioSet(ratio):
            return f"The aspect ratio was set to {ratio}."
        case project.BranchCreated(_, name, parent):
            return f"The branch {name} was {'forked' if parent else 'opened'}."
        case project.BranchActivated():
            return "Another branch became the active one."
        case workspace.WorkspaceCreated(name):
            return f"The workspace {name} was opened."
        case workspace.KeyIssued(_, name):
            return f"The key {name!r} was issued."
        case _:
            return "A key was revoked."
