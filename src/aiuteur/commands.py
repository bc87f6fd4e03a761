"""What each command does."""

import argparse
import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from adapters.store import migrations
from aiuteur import demo as demo_
from aiuteur import replaying, serving, settings, working
from aiuteur.auditing import describe, follow, replay_all, show_ref
from aiuteur.console import FOUND, OK, USAGE, Stop, line, out, progress
from aiuteur.embedded.stack import free, free_port
from aiuteur.running import running
from aiuteur.wiring import System, connect
from domain.screenplay.breakdown import break_down
from domain.screenplay.fountain import parse
from handlers.chain import Broken
from projections.register import BY_NAME

MAX_SCRIPT = 16_000_000
PORT = 8787


def up(given: argparse.Namespace) -> int:
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    port = given.port or (PORT if free(PORT) else free_port())
    with running(settings.data_folder(), port, given.workers) as it:
        out.print(f"[bold]Aiuteur[/] is up at [bold cyan]{it.url}[/]  (API: {it.url}/docs)")
        out.print(f"key  {it.key}", markup=False)
        out.print("Ctrl-C stops all of it.", style="dim")
        stop.wait()
        out.print("stopping ...", style="dim")
    return OK


def serve(given: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    serving.serve(settings.of_running(), given.host, given.port)
    return OK


def work(given: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    roles = tuple(filter(None, given.roles.split(","))) or working.ROLES
    unknown = set(roles) - set(working.ROLES)
    if unknown:
        raise Stop(f"no such role: {', '.join(sorted(unknown))}")
    asyncio.run(working.work(settings.of_running(), roles))
    return OK


def migrate(given: argparse.Namespace) -> int:
    schema = settings.packaged("schema")
    applied = asyncio.run(migrations.migrate(settings.of_running().database_url, schema))
    out.print("\n".join(applied) if applied else "The schema is up to date.")
    return OK


def demo(given: argparse.Namespace) -> int:
    return demo_.run(settings.data_folder() / "demo", given.script)


def verify(given: argparse.Namespace) -> int:
    async def go(system: System) -> int:
        try:
            with progress("verifying") as told:
                head = await replaying.verify(system.log, told)
        except Broken as broken:
            report = {"ok": False, "position": broken.position, "why": broken.why}
            line(msgspec.json.encode(report).decode() if given.json else f"broken at {broken}")
            return FOUND
        report = {"ok": True, "events": head.position, "head": head.hash.hex()}
        words = f"{head.position} events, chain whole, head {head.hash.hex()[:16]}"
        line(msgspec.json.encode(report).decode() if given.json else words)
        return OK

    return asyncio.run(_with_system(go))


def log(given: argparse.Namespace) -> int:
    for name in ("project", "branch"):
        _check_id(name, getattr(given, name))

    async def go(system: System) -> int:
        written = 0
        async for record in follow(system.log, given.after, going_on=given.follow):
            words = describe(record, given)
            if words is not None:
                line(words)
                written += 1
                if given.follow:
                    sys.stdout.flush()
            if given.limit and written >= given.limit:
                break
        return OK

    return asyncio.run(_with_system(go))


def replay(given: argparse.Namespace) -> int:
    _check_id("project", given.project)

    async def go(system: System) -> int:
        if given.rebuild:
            return await _rebuild(system, given.rebuild)
        if given.ref:
            if not given.project:
                raise Stop("--ref needs --project")
            line(await show_ref(system, given.project, given.ref))
            return OK
        with progress("replaying") as told:
            replayed = await replay_all(system, given.project, told)
        different = sum(len(each.differences) for each in replayed)
        for each in replayed:
            line(
                msgspec.json.encode(each).decode()
                if given.json
                else f"{each.branch}@{each.version}  {each.events} events  "
                f"{each.documents} documents  {len(each.differences)} different"
            )
        return FOUND if different else OK

    return asyncio.run(_with_system(go))


async def _rebuild(system: System, model: str) -> int:
    if model not in BY_NAME:
        raise Stop(f"no such read model: {model}; there are {', '.join(sorted(BY_NAME))}")
    await system.projector.rebuild(model)
    line(f"{model} rebuilt")
    return OK


def breakdown(given: argparse.Namespace) -> int:
    found = break_down(parse(_text(given.file)))
    content = {
        "title": found.title,
        "format": found.format,
        "scenes": [
            {
                "number": scene.number,
                "slug": scene.heading.text,
                "intExt": scene.heading.int_ext,
                "location": scene.heading.location,
                "time": scene.heading.time,
                "characters": scene.characters,
                "locations": scene.locations,
                "props": scene.props,
                "extras": scene.extras,
            }
            for scene in found.scenes
        ],
    }
    line(msgspec.json.encode(content).decode())
    return OK


def elements(given: argparse.Namespace) -> int:
    line(msgspec.json.encode(parse(_text(given.file)).elements).decode())
    return OK


def _text(file: Path) -> str:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise Stop(f"{file}: {error.strerror}", USAGE) from error
    if len(body) > MAX_SCRIPT:
        raise Stop(f"{file}: larger than {MAX_SCRIPT // 1_000_000} MB")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _check_id(name: str, value: str | None) -> None:
    try:
        UUID(value or "00000000-0000-0000-0000-000000000000")
    except ValueError:
        raise Stop(f"--{name} takes an id, not {value!r}") from None


async def _with_system(go: Callable[[System], Awaitable[int]]) -> int:
    async with AsyncExitStack() as stack:
        system: Any = await connect(settings.of_running(), stack, bus=False)
        return await go(system)
