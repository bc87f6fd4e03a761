"""A supervisor in a process of its own, to be killed: starts the named servers in a folder, says
where they are, and stops them when its input ends. With a user id, it becomes that user first."""

import encodings.idna  # noqa: F401  an address needs it, and another user may not reach the library
import json
import os
import sys
from pathlib import Path

from aiuteur.embedded.stack import Stack, Wanted


def supervise(folder: Path, names: list[str], user: int) -> None:
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    stack = Stack(folder, Wanted("postgres" in names, "nats" in names, "weed" in names))
    environment = stack.start()
    pids = {name: keeper.child.pid for name, keeper in stack.keepers.items()}
    sys.stdout.write(json.dumps([environment, pids]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    stack.stop()


if __name__ == "__main__":
    supervise(Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3]))
