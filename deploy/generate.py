"""Writes the files that follow from the code: the schema of every event, the sum of the
migrations, the HTTP API's document, the bus's subjects. With --check it writes nothing and says
what is not current."""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from adapters.store.migrations import migrate
from aiuteur.contracts import breaks
from aiuteur.embedded.postgres import binaries
from aiuteur.embedded.stack import Stack, Wanted
from aiuteur.settings import ROOT
from api.app import create_app
from domain.catalogue import CLASSES, VERSIONS

SCHEMA = ROOT / "schema"


def events() -> dict[Path, str]:
    """One JSON Schema per event and version."""
    found = {}
    for tag, cls in sorted(CLASSES.items()):
        (schema,), parts = msgspec.json.schema_components([cls], ref_template="#/$defs/{name}")
        whole = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": tag,
            **schema,
            "$defs": dict(sorted(parts.items())),
        }
        found[SCHEMA / "events" / f"{tag}.v{VERSIONS[tag]}.json"] = _json(whole)
    return found


def openapi() -> dict[Path, str]:
    def never() -> Any:
        raise AssertionError("the document needs no services")

    document = create_app(never).openapi_schema.to_schema()
    for path in document["paths"].values():
        for operation in path.values():  # a handler with two paths has them in a set
            operation.get("parameters", []).sort(key=lambda each: (each["in"], each["name"]))
    return {SCHEMA / "openapi.json": _json(document, sort_keys=True)}


def subjects() -> dict[Path, str]:
    """What is on the bus, in AsyncAPI."""
    channels = {
        f"aiuteur.events.{{project}}.{{branch}}.{tag}": {
            "address": f"aiuteur.events.{{project}}.{{branch}}.{tag}",
            "messages": {
                "event": {
                    "contentType": "application/cloudevents+json",
                    "payload": {"$ref": f"events/{tag}.v{VERSIONS[tag]}.json"},
                }
            },
        }
        for tag in sorted(CLASSES)
    }
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Aiuteur events", "version": "1"},
        "channels": channels,
    }
    return {SCHEMA / "asyncapi.json": _json(document)}


def schema_sql() -> dict[Path, str]:
    """The database as the migrations leave it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with Stack(Path(folder), Wanted(nats=False, s3=False)) as environment:
            dsn = environment["AIUTEUR_DATABASE_URL"]
            asyncio.run(migrate(dsn, SCHEMA))
            dumped = subprocess.run(
                [binaries() / "pg_dump", "--schema-only", "--no-owner", "--dbname", dsn],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
    lines = [
        line
        for line in dumped.splitlines()
        if not re.match(r"^(--|SET |SELECT pg_catalog|\\)", line)
    ]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    head = "-- The sum of the migrations, generated: change a migration, then `make generate`.\n\n"
    return {SCHEMA / "schema.sql": f"{head}{text}\n"}


def _json(content: Any, sort_keys: bool = False) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=sort_keys) + "\n"


def main() -> int:
    wanted = {**events(), **openapi(), **subjects(), **schema_sql()}
    stale = [path for path, text in wanted.items() if not _current(path, text)]
    gone = set((SCHEMA / "events").glob("*.json")) - set(wanted)
    broken = [why for path in stale for why in _broken(path, wanted[path])]
    if broken:
        print("\n".join(broken))
        return 1
    if "--check" in sys.argv:
        for path in [*stale, *sorted(gone)]:
            print(f"not current: {path.relative_to(ROOT)} (make generate)")
        return 1 if stale or gone else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
        print(f"written: {path.relative_to(ROOT)}")
    return 0


def _broken(path: Path, text: str) -> list[str]:
    """An event's schema is not written over with one that cannot read what is stored."""
    if path.parent != SCHEMA / "events" or not path.exists():
        return []
    why = breaks(json.loads(path.read_text()), json.loads(text))
    return [f"{path.stem}: {each}. Give it a new version and an upcaster." for each in why]


def _current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
