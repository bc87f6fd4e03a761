"""How the command line speaks: quiet in a pipe, with progress in a terminal, errors in a line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

OK, FOUND, USAGE, AWAY = 0, 1, 2, 3
"""Exit codes: done; done, and something is not as it should be; wrong words; a server is away."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Stop(Exception):
    """Ends the program with one line and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code


def line(text: str) -> None:
    """One line of data, as it is, whatever the terminal's width."""
    sys.stdout.write(text + "\n")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar while a terminal is there to show it; nothing otherwise."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
