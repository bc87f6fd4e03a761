"""The main job from end to end: real servers, real processes, real requests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aiuteur.settings import ROOT


@pytest.mark.req(
    *("R002", "R004", "R005", "R006", "R008", "R009", "R012", "R180", "R228", "R239", "R243"),
    *("R265", "R269", "R270", "R308", "R315"),
)
def test_the_demo_carries_a_screenplay_through_the_whole_main_job() -> None:
    data = ROOT / "var" / "test-demo"
    done = subprocess.run(
        [sys.executable, "-m", "aiuteur", "demo"],
        env={**os.environ, "AIUTEUR_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((data / "demo" / "report.json").read_text())
    assert report["chainVerified"] is True
    assert report["replayIdentical"] is True
    assert report["scenes"] >= 12
    assert report["branches"] == 2
    assert report["sidelined"] > 0
    assert report["modelCalls"] == report["attempts"] > report["scenes"]
    sheets = sorted(path.name for path in (data / "demo").glob("*_scene_*.png"))
    assert len(sheets) == 2 * report["scenes"]
    page = (data / "demo" / "index.html").read_text()
    assert all(name in page for name in sheets)


@pytest.mark.req("R002")
def test_the_layout_is_as_the_owner_drew_it() -> None:
    layers = ("domain", "projections", "handlers", "api", "workers")
    expected = ["pyproject.toml", *(f"src/{layer}" for layer in layers)]
    for name in [*expected, "schema", "tests", "deploy", "README.md"]:
        assert (Path(ROOT) / name).exists(), name
