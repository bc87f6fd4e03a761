"""Servers whose supervisor is killed, whose lock file names a stranger, or whose supervisor is
not the user that one might expect."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aiuteur.embedded.child import started_at
from aiuteur.embedded.stack import Stack, Wanted
from tests.support.chaos import family, wait_until

Bury = Callable[[Mapping[str, str]], None]
Found = Callable[[Mapping[str, str]], bool]
NOBODY = 65534
CONTAINER = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def test_servers_go_with_a_supervisor_that_is_killed_and_the_next_one_has_the_data(
    folder: Path, supervise: Callable[..., Any], bury: Bury, found: Found
) -> None:
    supervisor, environment, pids = supervise(folder, "postgres,nats,weed")
    bury(environment)
    processes = {pid: started_at(pid) for root in pids.values() for pid in family(root)}

    supervisor.kill()
    supervisor.wait()

    wait_until(
        "all servers' end",
        lambda: not any(started_at(pid) == began for pid, began in processes.items()),
    )
    with Stack(folder) as again:
        assert found(again)


def test_a_lock_file_that_names_a_stranger_does_not_stop_the_start(
    folder: Path, supervise: Callable[..., Any], bury: Bury, found: Found, stranger: int
) -> None:
    supervisor, environment, pids = supervise(folder, "postgres")
    bury(environment)
    supervisor.send_signal(signal.SIGSTOP)  # or it would start the server again
    for pid in family(pids["postgres"]):
        os.kill(pid, signal.SIGKILL)
    supervisor.kill()
    supervisor.wait()
    lock = folder / "postgres" / "data" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(stranger), *lines[1:]]) + "\n")

    with Stack(folder, Wanted(nats=False, s3=False)) as again:
        assert found(again)
    assert started_at(stranger), "the stranger has nothing to do with it"


def strangers_reach(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
@pytest.mark.skipif(
    not strangers_reach(Path(sys.prefix) / "bin"), reason="another user cannot reach the programs"
)
def test_an_ordinary_user_can_run_the_stack_too(
    folder: Path, supervise: Callable[..., Any], bury: Bury, found: Found
) -> None:
    os.chown(folder, NOBODY, NOBODY)
    _, environment, pids = supervise(folder, "postgres,nats,weed", NOBODY)
    bury(environment)
    assert found(environment)
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in pids.values()} == {NOBODY}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a container")
@pytest.mark.skipif(shutil.which("unshare") is None, reason="no tool that makes a container")
def test_the_supervisor_may_be_the_first_process_of_a_container(
    folder: Path, supervise: Callable[..., Any], bury: Bury, found: Found
) -> None:
    _, environment, pids = supervise(folder, "postgres", inside=CONTAINER)
    assert pids["postgres"] < 100, "it is counted from 1 in there"
    bury(environment)
    assert found(environment)
