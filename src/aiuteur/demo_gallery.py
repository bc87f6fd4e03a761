"""What the demo leaves to look at: contact sheets, a page of them, the timeline."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from adapters.imaging.sheets import Cell, sheet
from aiuteur.demo_client import Client

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
  body {{ margin: 0; background: #131316; color: #ece9e2;
         font: 16px/1.5 system-ui, sans-serif }}
  header {{ padding: 2.5rem 3rem 1rem }}
  h1 {{ margin: 0; font-weight: 650 }}
  p {{ color: #9a9aa2; max-width: 46rem }}
  h2 {{ padding: 0 3rem; font-weight: 550 }}
  section {{ display: grid; gap: 1.2rem; padding: 0 3rem 2rem;
            grid-template-columns: repeat(auto-fill, minmax(34rem, 1fr)) }}
  img {{ width: 100%; border-radius: 6px; display: block }}
  ol {{ padding: 0 3rem 3rem 5rem; color: #c9c6bf; columns: 2 30rem; font-size: .85rem }}
  time {{ color: #74747c; margin-right: .6em }}
</style>
<header><h1>{title}</h1><p>{words}</p></header>
{body}
</html>
"""


class Gallery:
    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._files: dict[str, bytes] = {}

    def make(self, branches: Sequence[str]) -> int:
        body, made = [], 0
        for branch in branches:
            names = []
            with self._client.on(branch):
                for scene in self._client.get("/scenes")["items"]:
                    name = f"{branch}_scene_{scene['sceneNumber']:02d}.png"
                    (self._folder / name).write_bytes(self._sheet(branch, scene))
                    names.append((name, f"Scene {scene['sceneNumber']}, {scene['slug']}"))
            made += len(names)
            images = "\n".join(
                f'<a href="{name}"><img loading="lazy" src="{name}" alt="{escape(text)}"></a>'
                for name, text in names
            )
            body.append(f"<h2>{escape(branch)}</h2>\n<section>{images}</section>")
        moments = self._timeline(branches[-1])
        lines = "\n".join(
            f"<li><time>{moment['time'][11:19]}</time>{escape(moment['sentence'])}</li>"
            for moment in moments[-200:]
        )
        body.append(f"<h2>The last of {len(moments)} events</h2>\n<ol>{lines}</ol>")
        page = _PAGE.format(
            title="Contact sheets",
            words="Every asset in every scene, on every branch, as its state stands there. "
            "Labels are status tags; they carry forward.",
            body="\n".join(body),
        )
        (self._folder / "index.html").write_text(page)
        return made

    def _timeline(self, branch: str) -> list[dict[str, Any]]:
        moments: list[dict[str, Any]] = []
        cursor = "0"
        with self._client.on(branch):
            while cursor is not None:
                page = self._client.get("/timeline", limit=1000, after=cursor)
                moments += page["items"]
                cursor = page.get("cursor")
        (self._folder / "timeline.json").write_bytes(
            msgspec.json.format(msgspec.json.encode(moments))
        )
        text = "\n".join(f"{m['time'][:19]}  {m['sentence']}" for m in moments)
        (self._folder / "timeline.txt").write_text(text + "\n")
        return moments

    def _sheet(self, branch: str, scene: dict[str, Any]) -> bytes:
        board = self._client.get(f"/scenes/{scene['id']}/board")
        cells = [
            Cell(
                each["projectAsset"]["name"],
                each["inheritedFrom"] if each["imageKeyUrl"] else "Master image",
                tuple(each["statusTags"]),
                self._image(each["thumbnailUrl"] or _thumbnail(each["projectAsset"])),
            )
            for group in ("characters", "locations", "props", "extras")
            for each in board["groups"][group]
        ]
        counts = board["counts"]
        words = f"{branch}   {counts['assets']} assets, {counts['withVisuals']} with visuals"
        return sheet(f"Scene {scene['sceneNumber']}   {scene['slug']}", words, cells)

    def _image(self, url: str | None) -> bytes | None:
        if url is None:
            return None
        if url not in self._files:
            self._files[url] = self._client.file(url)
        return self._files[url]


def _thumbnail(asset: dict[str, Any]) -> str | None:
    return f"{asset['imageKeyUrl']}?size=thumbnail" if asset["imageKeyUrl"] else None
