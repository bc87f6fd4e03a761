"""Events are contracts for ever: stored bytes stay readable, schemas change in one way only."""

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from aiuteur.contracts import breaks
from aiuteur.settings import ROOT
from domain import branch, catalogue, project, workspace

GOLDEN = Path(__file__).parent / "golden.jsonl"
STORED = [line for line in GOLDEN.read_text().splitlines() if line]
NAMED = {
    "asset.extracted",
    "asset.sidelined",
    "instance.inherited",
    "attempt.generated",
    "attempt.selected",
    "stage.locked",
    "stage.unlocked",
    "branch.created",
}


def tag(line: str) -> str:
    return str(json.loads(line)["type"])


@pytest.mark.req("R307")
@pytest.mark.parametrize("line", STORED, ids=tag)
def test_what_was_stored_once_is_read_for_ever(line: str) -> None:
    fact = catalogue.decode(tag(line), 1, line.encode())
    if catalogue.VERSIONS[tag(line)] == 1:
        again = json.loads(catalogue.encode(fact)[2])
        assert json.loads(line).items() <= again.items()


def test_every_event_has_its_stored_bytes_here() -> None:
    assert {tag(line) for line in STORED} == set(catalogue.CLASSES)


@pytest.mark.req("R003")
def test_the_named_events_exist_under_their_tags() -> None:
    assert set(catalogue.CLASSES) >= NAMED


def test_every_fact_of_every_root_is_in_the_catalogue() -> None:
    facts = {*get_args(branch.Fact), *get_args(project.Fact), *get_args(workspace.Fact)}
    assert set(catalogue.CLASSES.values()) == facts


@pytest.mark.parametrize("line", STORED, ids=tag)
def test_stored_bytes_are_valid_against_the_published_schema(line: str) -> None:
    path = ROOT / "schema" / "events" / f"{tag(line)}.v1.json"
    jsonschema.Draft202012Validator(json.loads(path.read_text())).validate(json.loads(line))


def test_an_event_of_a_newer_program_is_an_error_and_not_skipped() -> None:
    with pytest.raises(catalogue.UnknownFact):
        catalogue.decode("asset.painted", 1, b"{}")
    with pytest.raises(catalogue.UnknownFact):
        catalogue.decode("asset.renamed", 2, b"{}")


def schema(**fields: Any) -> dict[str, Any]:
    return {"$defs": {"It": {"properties": fields, "required": [f for f in fields if f != "new"]}}}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def test_a_new_field_with_a_default_breaks_nothing() -> None:
    assert breaks(schema(name=TEXT), schema(name=TEXT, new=TEXT)) == []
    assert breaks(schema(name={"enum": ["a"]}), schema(name={"enum": ["a", "b"]})) == []


@pytest.mark.parametrize(
    "after",
    [
        schema(),
        schema(name=NUMBER),
        schema(name=TEXT, second=TEXT),
        schema(name={"enum": ["b"]}),
        {"$defs": {}},
    ],
)
def test_any_other_change_is_refused(after: dict[str, Any]) -> None:
    assert breaks(schema(name=TEXT), after) != []


def test_an_older_version_comes_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upcaster per step: payloads of version 1 had `called` where 2 has `name`."""

    def renamed(payload: dict[str, Any]) -> dict[str, Any]:
        return {"asset": payload["asset"], "name": payload["called"]}

    monkeypatch.setitem(catalogue.VERSIONS, "asset.renamed", 2)
    monkeypatch.setattr(catalogue, "UPCASTERS", {("asset.renamed", 1): renamed})
    stored = b'{"type":"asset.renamed","asset":"a","called":"Mara"}'
    assert catalogue.decode("asset.renamed", 1, stored).name == "Mara"
