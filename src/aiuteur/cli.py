"""The command line."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
from msgspec import DecodeError

from adapters.store.migrations import Drift
from aiuteur import __version__, commands
from aiuteur.console import AWAY, Stop, err
from aiuteur.embedded.child import StartFailed
from aiuteur.settings import SettingsMissing
from domain.refusal import Refused
from handlers.blobs import BlobsUnavailable
from handlers.bus import BusUnavailable
from handlers.log import LogUnavailable

_AWAY = (
    LogUnavailable,
    BusUnavailable,
    BlobsUnavailable,
    StartFailed,
    SettingsMissing,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="aiuteur", description="A film's visual continuity, event-sourced."
    )
    top.add_argument("--version", action="version", version=__version__)
    sub = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _running(sub.add_parser)
    _auditing(sub.add_parser)
    _reading(sub.add_parser)
    return top


def _running(add: Callable[..., argparse.ArgumentParser]) -> None:
    up = add("up", help="API, workers and the embedded servers; Ctrl-C stops all of it")
    up.add_argument("--port", type=int, help="8787, or a free one where that is taken")
    up.add_argument("--workers", type=int, default=1)
    up.set_defaults(run=commands.up)
    serve = add("serve", help="the API alone, on the servers that the settings name")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8787)
    serve.set_defaults(run=commands.serve)
    work = add("work", help="a worker alone")
    work.add_argument("--roles", default="", help="comma-separated; all without it")
    work.set_defaults(run=commands.work)
    migrate = add("migrate", help="bring the database to this program's schema")
    migrate.set_defaults(run=commands.migrate)
    demo = add("demo", help="a screenplay through the whole main job; result in var/demo")
    demo.add_argument("--script", type=Path, help="another Fountain screenplay")
    demo.set_defaults(run=commands.demo)


def _auditing(add: Callable[..., argparse.ArgumentParser]) -> None:
    log = add("log", help="show events, oldest first")
    log.add_argument("--after", type=int, default=0, metavar="POSITION")
    log.add_argument("--limit", type=int, default=0, help="at most so many; 0: all")
    log.add_argument("--project", help="only this project's")
    log.add_argument("--branch", help="only this branch's own")
    log.add_argument("--type", action="append", dest="types", help="may be given again")
    log.add_argument("--actor")
    log.add_argument("--follow", "-f", action="store_true", help="go on as events come")
    log.add_argument("--json", action="store_true", help="one CloudEvent per line")
    log.set_defaults(run=commands.log)
    replay = add("replay", help="fold branches anew and compare them with the read models")
    replay.add_argument("--project", help="only this project's branches")
    replay.add_argument("--ref", help="show one point of history: branch or branch@version")
    replay.add_argument("--rebuild", metavar="MODEL", help="rebuild a read model and swap it in")
    replay.add_argument("--json", action="store_true")
    replay.set_defaults(run=commands.replay)
    verify = add("verify", help="walk the hash chain; names the first bad position")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=commands.verify)


def _reading(add: Callable[..., argparse.ArgumentParser]) -> None:
    for name, run, help in (
        ("breakdown", commands.breakdown, "what a script needs, scene by scene, as JSON"),
        ("elements", commands.elements, "a script's elements with their lines, as JSON"),
    ):
        each = add(name, help=help)
        each.add_argument("file", type=Path)
        each.set_defaults(run=run)


def main(words: Sequence[str] | None = None) -> None:
    given = parser().parse_args(words)
    try:
        code = given.run(given)
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Stop as stop:
        code = _complain(str(stop), stop.code)
    except (Refused, Drift, DecodeError) as error:
        code = _complain(str(error), 2)
    except _AWAY as error:
        code = _complain(str(error) or type(error).__name__, AWAY)
    sys.exit(code)


def _complain(text: str, code: int) -> int:
    err.print(f"aiuteur: {' '.join(text.split())}", markup=False)
    return code
