"""The command line: data on stdout, errors in one line, exit codes that scripts can use."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from aiuteur.settings import Settings, packaged
from aiuteur.wiring import System
from tests.support.http import SCRIPT, Api, serving


def aiuteur(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aiuteur", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "AIUTEUR_DATA": os.devnull, **environment},
        timeout=60,
        check=False,
    )


@pytest.fixture
async def film(real: System) -> AsyncIterator[Api]:
    async with serving(real) as api:
        await api.writing()
        yield api


def named(settings: Settings) -> dict[str, str]:
    assert settings.s3 is not None
    return {
        "AIUTEUR_DATABASE_URL": settings.database_url,
        "AIUTEUR_NATS_URL": settings.nats_url,
        "AIUTEUR_S3_ENDPOINT": settings.s3.endpoint,
        "AIUTEUR_S3_ACCESS_KEY": settings.s3.access_key,
        "AIUTEUR_S3_SECRET_KEY": settings.s3.secret_key,
    }


def test_breakdown_and_elements_need_no_services(tmp_path: Path) -> None:
    script = tmp_path / "two rooms.fountain"
    script.write_text(SCRIPT)
    found = json.loads(aiuteur("breakdown", str(script)).stdout)
    assert (found["title"], found["format"]) == ("Two Rooms", "fountain")
    assert found["scenes"][1]["characters"] == ["Mara", "Tobias"]
    assert set(found["scenes"][0]) == {
        *("number", "slug", "intExt", "location", "time"),
        *("characters", "locations", "props", "extras"),
    }
    elements = json.loads(aiuteur("elements", str(script)).stdout)
    assert elements[0] == {"type": "scene_heading", "text": "INT. KITCHEN - DAY", "line": 3}


def test_the_example_is_a_whole_film() -> None:
    script = packaged("examples") / "the_salt_line.fountain"
    scenes = json.loads(aiuteur("breakdown", str(script)).stdout)["scenes"]
    assert len(scenes) >= 12
    assert len({name for scene in scenes for name in scene["characters"]}) >= 8
    assert len({name for scene in scenes for name in scene["props"]}) >= 12
    assert any(scene["extras"] for scene in scenes)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("breakdown", "nowhere.fountain"), 2),
        (("verify",), 3),
        (("demo", "--script", "nowhere.fountain"), 2),
        (("log", "--project", "x"), 2),
        (("work", "--roles", "cook"), 2),
    ],
)
def test_an_error_is_one_line_and_a_code(words: tuple[str, ...], code: int) -> None:
    done = aiuteur(*words, AIUTEUR_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("aiuteur: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.req("R008")
async def test_log_verify_and_replay_tell_the_truth(film: Api, settings: Settings) -> None:
    environment = named(settings)
    verified = aiuteur("verify", "--json", **environment)
    head = await film.system.log.head()
    assert json.loads(verified.stdout)["events"] == head.position
    told = aiuteur("log", "--json", "--type", "asset.extracted", **environment)
    events = [json.loads(line) for line in told.stdout.splitlines()]
    assert {event["type"] for event in events} == {"asset.extracted"}
    replayed = aiuteur("replay", **environment)
    assert replayed.returncode == 0, replayed.stderr
    assert replayed.stdout.strip().endswith("0 different")
    shown = aiuteur("replay", "--project", film.project, "--ref", "main@3", **environment)
    at = json.loads(shown.stdout)
    assert at["version"] == 3
    assert at["state"]["style"]["tone"]["preset"] == "noir"


@pytest.mark.req("R308")
async def test_a_read_model_is_rebuilt_and_swapped_and_damage_is_found(
    film: Api, settings: Settings
) -> None:
    environment = named(settings)
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("update document set body = '{}' where model = 'scene_dependencies'")
    damaged = aiuteur("replay", **environment)
    assert damaged.returncode == 1
    assert aiuteur("replay", "--rebuild", "scene_dependencies", **environment).returncode == 0
    assert aiuteur("replay", **environment).returncode == 0
    await connection.execute("alter table event disable trigger event_is_append_only")
    last = await connection.fetchrow("select * from event order by position desc limit 1")
    assert last is not None
    await connection.execute("delete from event where position = $1", last["position"])
    assert f"broken at position {last['position']}" in aiuteur("verify", **environment).stdout
    await connection.copy_records_to_table("event", records=[tuple(last)])
    assert aiuteur("verify", **environment).returncode == 0
    await connection.execute("update event set payload = payload || ' ' where position = 4")
    await connection.close()
    broken = aiuteur("verify", **environment)
    assert (broken.returncode, broken.stdout) == (
        1,
        "broken at position 4: the event does not match its hash\n",
    )
