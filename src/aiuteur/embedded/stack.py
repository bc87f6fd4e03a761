"""The three servers together: started side by side, watched, started again when one dies."""

import fcntl
import json
import random
import socket
from io import TextIOWrapper
from pathlib import Path

from msgspec import Struct

from aiuteur.embedded.child import Keeper, Spec, StartFailed
from aiuteur.embedded.nats import Nats
from aiuteur.embedded.postgres import Postgres
from aiuteur.embedded.seaweed import ACCESS_KEY, BUCKET, PORTS, SECRET_KEY, Seaweed


class Wanted(Struct, frozen=True):
    """Which servers are to be embedded; the others are given by settings."""

    postgres: bool = True
    nats: bool = True
    s3: bool = True


class Stack:
    """Owns `folder` while it runs: a second stack on the same folder is refused."""

    def __init__(self, folder: Path, wanted: Wanted | None = None) -> None:
        self.folder = folder.resolve()
        self.wanted = wanted or Wanted()
        self.environment: dict[str, str] = {}
        self.keepers: dict[str, Keeper] = {}
        self._lock: TextIOWrapper | None = None

    def start(self) -> dict[str, str]:
        """The settings under which the program reaches the servers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self.keepers = {spec.name: Keeper(spec) for spec in self._specs()}
            for keeper in self.keepers.values():
                keeper.start()
            for keeper in self.keepers.values():
                keeper.wait_up()
        except BaseException:
            self.stop()
            raise
        return self.environment

    def stop(self) -> None:
        for keeper in self.keepers.values():
            keeper.stop()
        for keeper in self.keepers.values():
            keeper.join()
        if self._lock:
            self._lock.close()

    def __enter__(self) -> dict[str, str]:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _specs(self) -> list[Spec]:
        specs = []
        ports = self._ports()
        if self.wanted.postgres:
            postgres = Postgres(self.folder / "postgres")
            self.environment["AIUTEUR_DATABASE_URL"] = postgres.dsn
            specs.append(postgres.spec())
        if self.wanted.nats:
            nats = Nats(self.folder / "nats", ports[0])
            self.environment["AIUTEUR_NATS_URL"] = nats.url
            specs.append(nats.spec())
        if self.wanted.s3:
            weed = Seaweed(self.folder / "s3", ports[1:])
            self.environment |= {
                "AIUTEUR_S3_ENDPOINT": weed.url,
                "AIUTEUR_S3_BUCKET": BUCKET,
                "AIUTEUR_S3_ACCESS_KEY": ACCESS_KEY,
                "AIUTEUR_S3_SECRET_KEY": SECRET_KEY,
            }
            specs.append(weed.spec())
        return specs

    def _take_lock(self) -> None:
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StartFailed(f"another Aiuteur is running on {self.folder}") from None
        self._lock = lock

    def _ports(self) -> list[int]:
        """The ports of last time while they are free, so that a restart moves nothing."""
        kept = self.folder / "ports.json"
        ports: list[int] = json.loads(kept.read_text()) if kept.exists() else []
        if len(ports) != PORTS + 1 or not all(map(free, ports)):
            ports = _free_block(PORTS + 1)
            kept.write_text(json.dumps(ports))
        return ports


def free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_block(count: int) -> list[int]:
    """Neighbouring ports below the range from which the system takes its own."""
    for _ in range(200):
        base = random.randrange(12000, 31000)
        if all(free(base + i) for i in range(count)):
            return [base + i for i in range(count)]
    raise StartFailed("no free ports on this machine")


def free_port() -> int:
    """A port that nobody holds."""
    return _free_block(1)[0]
