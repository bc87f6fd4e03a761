"""The main job, as a user would do it: over HTTP, on the real servers, with a real worker."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from aiuteur import settings
from aiuteur.console import FOUND, OK, Stop, out
from aiuteur.demo_audit import Report, audit, told
from aiuteur.demo_client import Client
from aiuteur.demo_gallery import Gallery
from aiuteur.running import running

EXAMPLE = "the_salt_line.fountain"
DRAWN_SCENES = 4
"""Scenes whose characters and places get images of their own; the rest shows master images."""


def run(folder: Path, script: Path | None) -> int:
    began = time.monotonic()
    text = _script(script)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    out.print("\n  [bold]Aiuteur[/]  a screenplay through the whole main job\n")
    with running(folder / "data") as it:
        told("embedded PostgreSQL, NATS and S3 are up", began)
        with Client(it.url, it.key) as client:
            story = Story(client, folder)
            story.tell(text)
        report = story.report
        settled = settings.read(it.environment)
        asyncio.run(audit(settled, client.project, report))
    report.seconds = round(time.monotonic() - began, 1)
    (folder / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    _sum_up(folder, report)
    return OK if report.chain_verified and report.replay_identical else FOUND


def _script(script: Path | None) -> str:
    path = script or settings.packaged("examples") / EXAMPLE
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{path}: {error}") from error


class Story:
    """The steps, each shown when it is done."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.report = Report()
        self._since = time.monotonic()

    def _say(self, what: str) -> None:
        self._since = told(what, self._since)

    def tell(self, text: str) -> None:
        self._begin(text)
        self._extract()
        self._masters()
        self._lock_phase_a()
        lead, at = self._scenes()
        self._lock_scenes()
        self._fork(lead, at)
        self._compare()
        self._show()

    def _begin(self, text: str) -> None:
        client = self.client
        client.open_project("The demo film", "16:9")
        client.put("/style/tone", {"preset": "noir", "description": "rain, brass and neon"})
        self._say("project in 16:9 with a noir tone")
        imported = client.post("/script", {"text": text})
        self.report.scenes = imported["scenes"]
        self._say(f"script imported: {imported['title']!r}, {imported['scenes']} scenes")

    def _extract(self) -> None:
        preview = self.client.post("/extract-preview")
        counts = ", ".join(f"{n} {group}" for group, n in preview["counts"].items())
        self._say(f"extraction preview: {counts}")
        kept: list[str] = []
        dropped: list[str] = []
        for group, found in preview["groups"].items():
            for each in found:
                once = group == "props" and len(each["scenes"]) == 1
                (dropped if once else kept).append(each["id"])
        self.client.post(
            "/extract-confirm",
            {"extractionId": preview["extractionId"], "selectedAssetIds": kept},
        )
        self.report.assets, self.report.sidelined = len(kept) + len(dropped), len(dropped)
        self._say(f"{len(kept)} assets taken on, {len(dropped)} props sidelined")

    def _masters(self) -> None:
        assets = self.client.get("/assets")["items"]
        batch = self.client.post("/assets/generate-images", {"assetIds": [a["id"] for a in assets]})
        done = self.client.finish(batch)
        self._say(f"master images by the worker: {done['message'].lower()}")

    def _lock_phase_a(self) -> None:
        for stage in (1, 2, 3):
            self.client.post(f"/stages/{stage}/skip")
        for stage in (4, 5):
            self.client.post(f"/stages/{stage}/lock", {"reason": "approved"})
        for stage in (6, 7):
            self.client.post(f"/stages/{stage}/skip")
        self._say("stages 1 to 3 skipped, 4 and 5 locked")

    def _scenes(self) -> tuple[str, int]:
        """Scene 1 is bootstrapped, later ones inherit; the lead changes on the way."""
        scenes = self.client.get("/scenes")["items"]
        lead, at = self._lead(scenes)
        for number, scene in enumerate(scenes):
            self.report.instances += self.client.inherit(scene["id"])
            if number < DRAWN_SCENES and number != at:
                self._draw(scene["id"])
            if number == at:
                self._turn(scene["id"], lead)
        self._say(f"{self.report.instances} instances: scene 1 bootstrapped, the rest inherited")
        if at + 1 < len(scenes):
            self._continue(scenes, lead, at)
        return lead, at

    def _lead(self, scenes: Sequence[dict[str, Any]]) -> tuple[str, int]:
        """A character of scene 3 (or the first after it) who is in the next scene too."""
        needs = [
            {c["id"] for c in self.client.get(f"/scenes/{s['id']}/dependencies")["characters"]}
            for s in scenes
        ]
        for at in [*range(2, len(scenes) - 1), *range(min(2, len(scenes) - 1))]:
            both = sorted(needs[at] & needs[at + 1])
            if both:
                return max(both, key=lambda c: (sum(c in each for each in needs), c)), at
        raise Stop("this script has no character who is in two scenes that follow each other")

    def _draw(self, scene: str) -> None:
        shown = [
            each["id"]
            for each in self.client.get(f"/scenes/{scene}/assets")["items"]
            if each["projectAsset"]["assetType"] in ("character", "location")
        ]
        if shown:
            path = f"/scenes/{scene}/assets/generate-images"
            self.client.finish(self.client.post(path, {"instanceIds": shown}))

    def _turn(self, scene: str, lead: str) -> None:
        """Tags, then three attempts, and the first of them chosen."""
        path = self.client.instance_path(scene, lead)
        for tag in ("disguised", "wet"):
            self.client.post(f"{path}/tags", {"tag": tag})
        jobs = [self.client.post(f"{path}/generate-image")["jobId"] for _ in range(3)]
        for job in jobs:
            self.client.finish_job(job)
        self.client.post(f"{path}/attempts/{jobs[0]}/select")
        number = self.client.get(f"/scenes/{scene}")["sceneNumber"]
        self._say(f"tags in scene {number}, three attempts, the first selected")

    def _continue(self, scenes: Sequence[dict[str, Any]], lead: str, at: int) -> None:
        here, after = scenes[at]["id"], scenes[at + 1]["id"]
        chosen = self.client.instance(here, lead)
        path = self.client.instance_path(after, lead)
        chain = self.client.get(f"{path}/reference-chain")["items"]
        default = next(link for link in chain if link["default"])
        self.client.finish_job(self.client.post(f"{path}/generate-image")["jobId"])
        later = self.client.instance(after, lead)
        drawn = self.client.get(f"{path}/attempts")["items"][0]
        right = (
            default["imageUrl"] == chosen["imageKeyUrl"]
            and drawn["references"][0]["sha256"] == chosen["imageKeyUrl"].rpartition("/")[2]
            and set(chosen["statusTags"]) <= set(later["statusTags"])
        )
        if not right:
            raise Stop("the next scene does not go on from the last one", FOUND)
        self._say(f"scene {at + 2} starts from scene {at + 1}'s choice, tags carried forward")

    def _lock_scenes(self) -> None:
        scenes = self.client.get("/scenes")["items"][:3]
        for scene in scenes:
            self.client.post(f"/scenes/{scene['id']}/stages/8/lock", {"reason": "approved"})
        self._say("Stage 8 of three scenes locked")

    def _fork(self, lead: str, at: int) -> None:
        """Another look on a branch of its own; what is locked stays as it is."""
        new = {"branch": {"name": "storybook"}, "reason": "another look"}
        self.client.post("/stages/5/unlock", new)
        scenes = self.client.get("/scenes")["items"]
        with self.client.on("storybook"):
            tone = {"preset": "2d_animation", "description": "storybook, ink and watercolour"}
            self.client.put("/style/tone", tone)
            self.client.post("/stages/5/lock", {"reason": "approved"})
            for scene in (scenes[at]["id"], scenes[at + 1]["id"]):
                path = self.client.instance_path(scene, lead)
                self.client.finish_job(self.client.post(f"{path}/generate-image")["jobId"])
        self._say("Stage 5 unlocked into the branch 'storybook', two images drawn anew")

    def _compare(self) -> None:
        diff = self.client.get("/refs/main/diff/storybook")
        parts = [
            f"{counts['added'] + counts['changed'] + counts['removed']} {noun}"
            for noun, counts in diff["summary"].items()
        ]
        base = f"{diff['base']['name']}@{diff['base']['version']}"
        self._say(f"branches compared since {base}: {', '.join(parts)} differ")

    def _show(self) -> None:
        gallery = Gallery(self.client, self.folder)
        branches = [branch["name"] for branch in self.client.get("/branches")["items"]]
        pictures = gallery.make(branches)
        self.report.branches = len(branches)
        self._say(f"{pictures} contact sheets, a page of them, and the timeline")


def _sum_up(folder: Path, report: Report) -> None:
    out.print(
        f"\n  [bold]{report.scenes}[/] scenes, [bold]{report.assets}[/] assets, "
        f"[bold]{report.instances}[/] instances, [bold]{report.attempts}[/] attempts, "
        f"[bold]{report.events}[/] events on [bold]{report.branches}[/] branches "
        f"in [bold]{report.seconds}[/] s"
    )
    page = folder / "index.html"
    near = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    out.print(f"  Look at [cyan]{near}[/]\n")
