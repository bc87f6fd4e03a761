"""Migrations: re-runnable, in order, refused when something drifted."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from adapters.store.migrations import Drift, check_durable, migrate
from adapters.store.postgres import FEED, READ
from aiuteur.settings import packaged


@pytest.mark.req("R012")
async def test_five_processes_at_once_apply_each_migration_once(template: str) -> None:
    connection = await asyncpg.connect(template)
    await connection.execute("create database fresh_test")
    try:
        dsn = template.replace("/aiuteur?", "/fresh_test?")
        applied = await asyncio.gather(*(migrate(dsn, packaged("schema")) for _ in range(5)))
        assert sorted(len(each) for each in applied)[:4] == [0, 0, 0, 0]
        assert sum(map(len, applied)) == len(list(packaged("schema").glob("0*.sql")))
    finally:
        await connection.execute("drop database fresh_test with (force)")
        await connection.close()


async def test_a_migration_that_was_changed_is_refused(database: str, tmp_path: Path) -> None:
    for path in sorted(packaged("schema").glob("0*.sql")):
        (tmp_path / path.name).write_text(path.read_text() + "\n-- changed")
    with pytest.raises(Drift, match="changed"):
        await migrate(database, tmp_path)


async def test_a_database_newer_than_the_program_is_refused(database: str, tmp_path: Path) -> None:
    first = min(packaged("schema").glob("0*.sql"))
    (tmp_path / first.name).write_text(first.read_text())
    with pytest.raises(Drift, match="newer"):
        await migrate(database, tmp_path)


async def test_a_number_that_is_missing_is_refused(database: str, tmp_path: Path) -> None:
    (tmp_path / "0002_later.sql").write_text("select 1")
    with pytest.raises(Drift, match="missing"):
        await migrate(database, tmp_path)


async def test_a_log_that_may_lose_what_it_acknowledged_is_refused(database: str) -> None:
    connection = await asyncpg.connect(database)
    await check_durable(connection)
    await connection.execute("set synchronous_commit = off")
    with pytest.raises(Drift, match="synchronous_commit"):
        await check_durable(connection)
    await connection.close()


async def test_hot_reads_go_by_index(database: str) -> None:
    """The lineage read and the feed's tail: no plan walks the table."""
    connection = await asyncpg.connect(database)
    await connection.execute("set enable_seqscan = off")
    branch = "00000000-0000-4000-8000-000000000001"
    for statement, values in ((READ, (branch, 0, 10, 100)), (FEED, (0, 100))):
        rows = await connection.fetch(f"explain {statement}", *values)
        plan = "\n".join(row[0] for row in rows)
        assert "Seq Scan on event" not in plan
        assert "Index" in plan
    await connection.close()
