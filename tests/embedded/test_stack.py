"""The embedded stack while its supervisor lives: servers are started again with their data, keep
to themselves, and are gone after a stop."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from aiuteur.embedded.child import StartFailed, started_at
from aiuteur.embedded.stack import Stack, Wanted
from tests.support.chaos import family, kill, wait_until

Bury = Callable[[Mapping[str, str]], None]
Found = Callable[[Mapping[str, str]], bool]
LISTENS = "0A"
LOOPBACK = ("7F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")
"""How /proc ends or spells an address that only this machine reaches."""


@pytest.fixture(scope="module")
def stack(shared_folder: Path) -> Iterator[Stack]:
    made = Stack(shared_folder)
    with made:
        yield made


def roots(stack: Stack) -> list[int]:
    return [keeper.child.pid for keeper in stack.keepers.values() if keeper.child.pid]


def everyone(stack: Stack) -> dict[int, str]:
    """All processes of the stack, with when they began: an id alone may be given again."""
    return {pid: started_at(pid) for root in roots(stack) for pid in family(root)}


def test_a_clean_stop_leaves_the_data_and_no_process(
    folder: Path, bury: Bury, found: Found
) -> None:
    with Stack(folder) as environment:
        bury(environment)
    stack = Stack(folder)
    with stack as environment:
        processes = everyone(stack)
        assert found(environment)
    assert len(processes) > len(stack.keepers), "PostgreSQL has children"
    assert [pid for pid, began in processes.items() if started_at(pid) == began] == []


def test_a_killed_server_is_started_again_with_its_data(
    stack: Stack, bury: Bury, found: Found
) -> None:
    bury(stack.environment)
    for keeper in stack.keepers.values():
        kill(keeper)
        wait_until("the data", lambda: found(stack.environment))


def test_a_second_stack_on_the_same_folder_is_refused_and_the_first_goes_on(
    stack: Stack, shared_folder: Path
) -> None:
    before = roots(stack)
    with pytest.raises(StartFailed, match="another Aiuteur is running"):
        Stack(shared_folder).start()
    assert roots(stack) == before
    assert all(keeper.child.alive() for keeper in stack.keepers.values())


def test_two_stacks_run_side_by_side_in_two_folders(
    stack: Stack, folder: Path, bury: Bury, found: Found
) -> None:
    with Stack(folder, Wanted(s3=False)) as environment:
        for name, value in environment.items():
            assert value != stack.environment[name]
        bury(environment)
        assert found(environment)


def test_the_servers_listen_on_loopback_only(stack: Stack) -> None:
    addresses = [address for pid in everyone(stack) for address in listening(pid)]
    assert len(addresses) >= 2, "NATS and S3 listen at least"
    assert [each for each in addresses if not each.endswith(LOOPBACK)] == []


def listening(pid: int) -> list[str]:
    """The addresses, as /proc spells them, on which the process listens."""
    links = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
    own = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in own and (fields[3] == LISTENS or table.startswith("udp")):
                found.append(fields[1].partition(":")[0])
    return found
