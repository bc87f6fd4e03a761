"""What a campaign of kills is made of: a film, errands that go on whatever happens, a follower of
the event stream, and the kill."""

import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
import msgspec

from aiuteur.demo_client import Client
from aiuteur.embedded.child import Keeper
from aiuteur.running import Running
from aiuteur.wiring import System
from tests.support.http import SCRIPT

PATIENCE = 40.0
"""Longer than a dead worker's lease and the sweep after it."""
Visit = Callable[[Callable[[System], Awaitable[None]]], None]
AGAIN = (409, 503)
"""Others were faster, or a store is away: both say that the command may be sent again."""


def wait_until(what: str, true: Callable[[], Any], patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.02)


def line_to(system: Running) -> httpx.Client:
    key = {"Authorization": f"Bearer {system.key}"}
    return httpx.Client(base_url=system.url, headers=key, timeout=15, trust_env=False)


def family(pid: int) -> list[int]:
    """A process and its children. (PostgreSQL's lead sessions of their own: no group has all.)"""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def kill(keeper: Keeper) -> None:
    """`kill -9` of a server with all its children; returns when its keeper has put another in
    its place. Stopped first, so that no child is born while they are counted."""
    child, pid = keeper.child, keeper.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    for each in family(pid):
        os.kill(each, signal.SIGKILL)
    wait_until(f"another {child.spec.name}", lambda: child.pid != pid and child.alive())


class Film:
    """A project with a script and enough assets for a bulk that takes a while."""

    def __init__(self, system: Running, props: int = 16) -> None:
        self.job_ids: list[str] = []
        self._line = line_to(system)
        self._client = client = Client(system.url, system.key)
        client.open_project("Two Rooms", "16:9")
        client.put("/style/tone", {"preset": "noir"})
        client.post("/script", {"text": SCRIPT})
        preview = client.post("/extract-preview")
        ids = [each["id"] for group in preview["groups"].values() for each in group]
        body = {"extractionId": preview["extractionId"], "selectedAssetIds": ids}
        client.post("/extract-confirm", body)
        for number in range(props):
            client.post("/assets", {"name": f"Prop {number}", "type": "prop"})
        self.assets = [each["id"] for each in client.get("/assets")["items"]]
        self.project, self.path = client.project, f"/api/projects/{client.project}"

    def close(self) -> None:
        self._line.close()
        self._client.__exit__()

    def draw(self) -> None:
        """Asks for the master images of all assets, in bulk."""
        asked = self._client.post("/assets/generate-images", {"assetIds": self.assets})
        self.job_ids = asked["jobIds"]
        self._batch = f"{self.path}/batches/{asked['batchId']}"

    def drawn(self) -> int:
        """How many jobs have ended; 0 also while nobody answers."""
        with suppress(httpx.TransportError):
            found = self._line.get(self._batch).json()
            return int(found.get("completed", 0) + found.get("failed", 0))
        return 0

    def events(self) -> list[dict[str, Any]]:
        page: dict[str, Any] = {"items": [], "cursor": "", "caughtUp": False}
        found: list[dict[str, Any]] = []
        while not page["caughtUp"]:
            page = self._client.get("/events", limit=1000, after=page["cursor"])
            found += page["items"]
        return found


class Background:
    """Goes round in a thread of its own until the end of its context; what went wrong there is
    raised there."""

    def __init__(self, system: Running, film: Film) -> None:
        self.film = film
        self.line = line_to(system)
        self._failure: BaseException | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def go_round(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self.line.close()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                self.go_round()
        except BaseException as failure:
            self._failure = failure


class Errands(Background):
    """Ordinary commands, one after the other. Each keeps its key until it is acknowledged; every
    third is sent once more after that, as a client does that lost the answer."""

    def __init__(self, system: Running, film: Film) -> None:
        self.acknowledged: list[str] = []
        self.sent_again = 0
        super().__init__(system, film)

    def go_round(self) -> None:
        number, key = len(self.acknowledged), str(uuid4())
        body = {"description": f"as of errand {number}"}
        place = self.film.assets[number % len(self.film.assets)]
        first = self._until_acknowledged(place, body, key)
        self.acknowledged.append(key)
        if number % 3 == 0:
            second = self._until_acknowledged(place, body, key)
            assert second.headers["idempotency-replayed"] == "true"
            assert second.headers["aiuteur-position"] == first.headers["aiuteur-position"]
        time.sleep(0.02)

    def _until_acknowledged(self, asset: str, body: dict[str, str], key: str) -> httpx.Response:
        path, headers = f"{self.film.path}/assets/{asset}", {"Idempotency-Key": key}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(httpx.TransportError):
                answer = self.line.patch(path, json=body, headers=headers)
                if answer.is_success:
                    return answer
                assert answer.status_code in AGAIN, answer.text
            self.sent_again += 1
            time.sleep(0.1)
        raise AssertionError("nobody takes the command any more")


class Follower(Background):
    """A subscriber that comes back with its Last-Event-ID whenever the line breaks."""

    def __init__(self, system: Running, film: Film) -> None:
        self.positions: list[int] = []
        self.cut_off, self._last = 0, ""
        super().__init__(system, film)

    def go_round(self) -> None:
        headers = {"Last-Event-ID": self._last} if self._last else {}
        path = f"{self.film.path}/events/stream"
        try:  # idle for a second: it goes, and comes back just the same
            with self.line.stream("GET", path, headers=headers, timeout=1) as answer:
                assert answer.status_code in (200, 503), answer.status_code
                self._read(answer)
        except httpx.ReadTimeout:
            return
        except httpx.TransportError:
            self.cut_off += 1
            time.sleep(0.05)

    def _read(self, answer: httpx.Response) -> None:
        last = ""
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                last = value
            elif name == "data" and value.startswith("{"):
                self.positions.append(int(msgspec.json.decode(value)["position"]))
                self._last = last
