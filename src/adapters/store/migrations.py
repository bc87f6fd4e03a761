"""Brings a database to this program's schema: numbered files, each in its own transaction."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_LOCK = 7235741866126


class Drift(Exception):
    """The database and the files disagree; nothing was changed."""


def files(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.glob("*.sql") if _NAME.match(path.name))
    for number, path in enumerate(found, 1):
        if int(path.name[:4]) != number:
            raise Drift(f"{path.name}: migration {number:04d} is missing before it")
    return found


async def migrate(dsn: str, folder: Path) -> list[str]:
    """Applies what is missing and names it. Any number of processes may call it at once."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        return await _apply(connection, files(folder))
    finally:
        await connection.close()


async def _apply(connection: "asyncpg.Connection[Any]", wanted: list[Path]) -> list[str]:
    await connection.execute(
        """create table if not exists migration (
               name text primary key, digest bytea not null,
               applied_at timestamptz not null default now())"""
    )
    done = {row["name"]: row["digest"] for row in await connection.fetch("table migration")}
    ahead = sorted(set(done) - {path.name for path in wanted})
    if ahead:
        raise Drift(f"the database is newer than this program: {', '.join(ahead)}")
    applied = []
    for path in wanted:
        text = path.read_text()
        digest = sha256(text.encode()).digest()
        if path.name not in done:
            async with connection.transaction():
                await connection.execute("set local lock_timeout = '5s'")
                await connection.execute(text)
                await connection.execute(
                    "insert into migration (name, digest) values ($1, $2)", path.name, digest
                )
            applied.append(path.name)
        elif done[path.name] != digest:
            raise Drift(f"{path.name} was changed after it had been applied")
    return applied


async def check_durable(connection: "asyncpg.Connection[Any]") -> None:
    """S7: a log that may lose what it acknowledged is no log."""
    for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        value = await connection.fetchval(f"show {name}")
        if value not in ("on", "remote_write", "remote_apply"):
            raise Drift(f"PostgreSQL runs with {name} = {value}; Aiuteur needs it on")
