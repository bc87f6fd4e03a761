"""From a command over HTTP to a subscriber of the stream, on the whole running product."""

import asyncio
import json
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import uvloop

from aiuteur.running import running
from tests.bench.row import Row

COMMANDS = 300


def measure(folder: Path) -> list[Row]:
    with running(folder) as it:
        return uvloop.run(_measure(it.url, it.key))


async def _measure(url: str, key: str) -> list[Row]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=30, trust_env=False
    ) as http:
        made = await http.post("/api/projects", json={"title": "Bench", "aspectRatio": "16:9"})
        path = f"/api/projects/{made.json()['id']}"
        seen: dict[str, float] = {}
        ready = asyncio.Event()
        follower = asyncio.create_task(_follow(http, path, seen, ready))
        await ready.wait()
        sent: dict[str, float] = {}
        answered: list[float] = []
        for number in range(COMMANDS):
            name = f"prop {number}"
            sent[name] = time.perf_counter()
            answer = await http.post(f"{path}/assets", json={"name": name, "type": "prop"})
            answer.raise_for_status()
            answered.append((time.perf_counter() - sent[name]) * 1000)
        await asyncio.wait_for(follower, 30)
    waits = [(seen[name] - sent[name]) * 1000 for name in sent]
    return [
        Row("command over HTTP to SSE client, median", median(waits), "ms"),
        Row("command over HTTP to SSE client, p99", quantiles(waits, n=100)[98], "ms"),
        Row("command over HTTP answered, median", median(answered), "ms"),
    ]


async def _follow(
    http: httpx.AsyncClient, path: str, seen: dict[str, float], ready: asyncio.Event
) -> None:
    async with http.stream("GET", f"{path}/events/stream", timeout=None) as stream:
        kind = ""
        async for line in stream.aiter_lines():
            now = time.perf_counter()
            if line.startswith("event: "):
                kind = line[7:]
                if kind == "caught-up":
                    ready.set()
            elif line.startswith("data: ") and kind == "asset.added":
                event: Any = json.loads(line[6:])
                seen[event["data"]["name"]] = now
                if len(seen) == COMMANDS:
                    return
