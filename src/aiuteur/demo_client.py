"""The API as a frontend uses it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from aiuteur.console import AWAY, FOUND, Stop

PATIENCE = 60.0


class Client:
    """Sends every command with an Idempotency-Key, and repeats it when the line breaks."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )
        self._ref: str | None = None
        self._seen: dict[str | None, int] = {}
        self.project = ""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def open_project(self, title: str, ratio: str) -> None:
        made = self._send("POST", "/api/projects", {"title": title, "aspectRatio": ratio})
        self.project = made["id"]

    @contextmanager
    def on(self, branch: str) -> Iterator[None]:
        """Reads and commands go to this branch."""
        self._ref = branch
        try:
            yield
        finally:
            self._ref = None

    def get(self, path: str, **params: Any) -> Any:
        return self._send("GET", f"/api/projects/{self.project}{path}", None, params)

    def post(self, path: str, body: Any = None) -> Any:
        return self._send("POST", f"/api/projects/{self.project}{path}", body)

    def put(self, path: str, body: Any) -> Any:
        return self._send("PUT", f"/api/projects/{self.project}{path}", body)

    def file(self, url: str) -> bytes:
        answer = self._http.get(url)
        answer.raise_for_status()
        return answer.content

    def finish(self, batch: Any) -> Any:
        """Waits for a batch; all of it must have come out well."""
        for _ in self._waiting():
            found = self._try(f"/api/projects/{self.project}/batches/{batch['batchId']}")
            if found and found["done"]:
                if found["failed"]:
                    raise Stop(f"a batch ended with: {found['message']}", FOUND)
                return found
        raise Stop("the worker does not come to an end", FOUND)

    def finish_job(self, job: str) -> Any:
        for _ in self._waiting():
            found = self._try(f"/api/images/jobs/{job}")
            if found and found["status"] in ("completed", "failed"):
                if found["status"] == "failed":
                    raise Stop(f"a job failed: {found['error']}", FOUND)
                return found
        raise Stop("the worker does not come to an end", FOUND)

    def inherit(self, scene: str) -> int:
        return int(self.post(f"/scenes/{scene}/assets/inherit")["count"])

    def instance(self, scene: str, asset: str) -> Any:
        items = self.get(f"/scenes/{scene}/assets")["items"]
        return next(each for each in items if each["projectAssetId"] == asset)

    def instance_path(self, scene: str, asset: str) -> str:
        return f"/scenes/{scene}/assets/{self.instance(scene, asset)['id']}"

    def _waiting(self) -> Iterator[None]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            yield
            time.sleep(0.03)

    def _try(self, path: str) -> Any:
        """A job that was only just asked for may not be readable yet."""
        answer = self._http.get(path)
        return answer.json() if answer.status_code == 200 else None

    def _remember(self, method: str, body: Any, answer: httpx.Response) -> None:
        version = answer.headers.get("etag", "").strip('"')
        elsewhere = isinstance(body, dict) and "branch" in body
        if method != "GET" and version.isdigit() and self.project and not elsewhere:
            self._seen[self._ref] = int(version)

    def _send(
        self, method: str, path: str, body: Any = None, more: dict[str, Any] | None = None
    ) -> Any:
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid4())}
        params = dict(more or {})
        if self._ref:
            params["ref"] = self._ref
        if method == "GET" and self._ref in self._seen:
            params["min_version"] = self._seen[self._ref]  # what was written is read
        for attempt in range(4):
            try:
                answer = self._http.request(method, path, json=body, headers=headers, params=params)
            except httpx.TransportError as error:
                if attempt == 3:
                    raise Stop(f"the API does not answer: {error}", AWAY) from error
                time.sleep(0.3)
                continue
            if answer.status_code == 503 and attempt < 3:
                time.sleep(1)
                continue
            if answer.is_error:
                said = answer.json().get("error", answer.text)
                raise Stop(f"{method} {path}: {answer.status_code} {said}", FOUND)
            self._remember(method, body, answer)
            return answer.json() if answer.content else None
        raise AssertionError("not reached")
