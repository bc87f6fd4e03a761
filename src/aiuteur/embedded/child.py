"""A server as a child process that never outlives its supervisor."""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_NOBODY = 65534


class StartFailed(Exception):
    """A server did not come up; the message ends with what it said last."""


class Spec(Struct, frozen=True, kw_only=True):
    """How to run one server. `ready` says whether it answers, `prepare` runs before each start.
    `unprivileged`: the server refuses to run as root."""

    name: str
    command: Sequence[str]
    folder: Path
    ready: Callable[[], bool]
    prepare: Callable[[], None] | None = None
    environment: Mapping[str, str] = {}
    stop_signal: int = signal.SIGTERM
    unprivileged: bool = False


class Child:
    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._process: subprocess.Popen[bytes] | None = None
        self._log = spec.folder / f"{spec.name}.log"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, patience: float = 30.0) -> None:
        """Returns when the server answers; a start that fails is tried again until patience is
        out, because a predecessor that was killed may still hold its files for a moment."""
        self.spec.folder.mkdir(parents=True, exist_ok=True)
        end = time.monotonic() + patience
        while True:
            self._end_predecessor()
            if self.spec.prepare:
                self.spec.prepare()
            self._spawn()
            if self._came_up(end):
                return
            if time.monotonic() > end:
                raise StartFailed(f"{self.spec.name} does not start: {self._last_words()}")
            time.sleep(0.2)

    def stop(self, patience: float = 10.0) -> None:
        if self._process is None:
            return
        if self.alive():
            self._process.send_signal(self.spec.stop_signal)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self.spec.folder / f"{self.spec.name}.pid"

    def _spawn(self) -> None:
        environment = {**os.environ, **self.spec.environment}
        supervisor = os.getpid()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.spec.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.spec.folder,
                env=environment,
                process_group=0,  # Ctrl-C goes to the supervisor alone, which stops in order
                preexec_fn=lambda: self._in_child(supervisor),
            )
        self._pid_file.write_text(f"{self._process.pid} {started_at(self._process.pid)}")

    def _in_child(self, supervisor: int) -> None:
        if self.spec.unprivileged:
            leave_root(self.spec.folder, self.spec.command[0])
        # Last, because a change of identity clears it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, self.spec.stop_signal)
        if os.getppid() != supervisor:  # it died before that (and it may itself be number 1)
            os._exit(1)

    def _came_up(self, end: float) -> bool:
        while time.monotonic() < end:
            if not self.alive():
                return False
            if self.spec.ready():
                return True
            time.sleep(0.01)
        self.stop(1)
        return False

    def _end_predecessor(self) -> None:
        """A server left over by a supervisor that was killed. The start time tells it from a
        stranger that was given the same process id."""
        try:
            pid, started = self._pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            return
        for sign in (self.spec.stop_signal, signal.SIGKILL):
            if started_at(int(pid)) != started:
                break
            os.kill(int(pid), sign)
            _wait_gone(int(pid), started, 5.0)
        self._pid_file.unlink(missing_ok=True)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])


def started_at(pid: int) -> str:
    """When the process began, in clock ticks since boot; empty where there is none (or only a
    zombie of it)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _wait_gone(pid: int, started: str, patience: float) -> None:
    end = time.monotonic() + patience
    while started_at(pid) == started and time.monotonic() < end:
        time.sleep(0.02)


def leave_root(folder: Path, program: str) -> None:
    """For a server that refuses root: become nobody where nobody can reach the files, else be an
    ordinary user in a user namespace of its own, which keeps the access."""
    if os.geteuid() != 0:
        return
    if _reachable(folder) and _reachable(Path(program)):
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
        return
    if ctypes.CDLL(None).unshare(_CLONE_NEWUSER) == 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text("1000 0 1")
        Path("/proc/self/gid_map").write_text("1000 0 1")


def own_by_server_user(folder: Path, program: str) -> None:
    """Gives a folder to the user under which an unprivileged server will run."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0 and _reachable(folder) and _reachable(Path(program)):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)


def _reachable(path: Path) -> bool:
    """Whether a stranger can walk to the path."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


class Keeper:
    """Starts a child, watches it, starts it again when it dies, and stops it at the end.

    All of it in one thread that lives as long as the child is wanted: the kernel's parent-death
    signal is tied to the thread that made the child, not to the process.
    """

    def __init__(self, spec: Spec) -> None:
        self.child = Child(spec)
        self.failure: Exception | None = None
        self._up = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"keeper of {spec.name}")
        self._thread.daemon = True

    def start(self) -> None:
        self._thread.start()

    def wait_up(self) -> None:
        self._up.wait()
        if self.failure:
            raise self.failure

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            self.child.start()
        except (StartFailed, OSError, subprocess.CalledProcessError) as error:
            self.failure = error
            self._up.set()
            return
        self._up.set()
        while not self._stopping.wait(0.1):
            if not self.child.alive():
                with suppress(StartFailed, OSError):
                    self.child.start()
        self.child.stop()
