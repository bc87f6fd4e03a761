"""Measures, each against something named, in one run on one PostgreSQL with durable settings."""

import shutil
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from aiuteur.embedded.stack import Stack
from aiuteur.settings import ROOT
from tests.bench import appends, histories, latencies
from tests.bench.row import Row

console = Console(highlight=False, width=118)


def main() -> None:
    folder = ROOT / "var" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows: list[Row] = []
    with Stack(folder / "stack") as environment:
        for name, measure in (
            ("appends", appends.measure),
            ("histories", histories.measure),
        ):
            console.print(f"  measuring {name} ...", style="dim")
            rows += uvloop.run(measure(environment))
    console.print("  measuring from a command over HTTP to a subscriber ...", style="dim")
    rows += latencies.measure(folder / "running")
    (folder / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    console.print(_table(rows))
    near = (folder / "report.json").relative_to(Path.cwd())
    console.print(f"  {near}\n")


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, padding=(0, 2))
    for heading, justify in (
        ("what", "left"),
        ("value", "right"),
        ("unit", "left"),
        ("against", "left"),
        ("ratio", "right"),
    ):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.name, f"{row.value:,.2f}", row.unit, row.against or "", ratio)
    return table


if __name__ == "__main__":
    main()
