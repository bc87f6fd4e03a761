"""The API in a test: given a system, when a request, then a status and what it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from litestar import Litestar

from aiuteur.serving import services_of
from aiuteur.wiring import System
from api.app import create_app, install
from handlers.workspaces import open_workspace
from tests.support.memory import turn

SCRIPT = """Title: Two Rooms

INT. KITCHEN - DAY

MARA, 38, grey coat, lights a lantern.

MARA
Who is there?

INT. CELLAR - NIGHT

Mara lifts the lantern. TOBIAS, 60, holds a knife. Soldiers wait.

TOBIAS
Nobody.

EXT. STREET - DAY

Mara and Tobias walk through the rain. Soldiers follow.

MARA
Faster.

INT. KITCHEN - NIGHT

Mara sits alone. The lantern burns.

MARA
Home.
"""


class Client(httpx.AsyncClient):
    """Calls the application in the test's own event loop, as the in-memory twins need it."""

    def __init__(self, app: Litestar) -> None:
        transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
        super().__init__(transport=transport, base_url="http://aiuteur.test")
        self.app = app


class Api:
    """A client with a key. `turn` lets the workers do what there is to do."""

    def __init__(self, client: Client, system: System, key: str) -> None:
        self.client = client
        self.system = system
        self.headers = {"Authorization": f"Bearer {key}"}
        self.project = ""

    async def turn(self) -> None:
        await turn(self.system)

    async def send(
        self, method: str, path: str, body: Any = None, expect: int | None = None, **headers: str
    ) -> Any:
        """The answer; `expect` is the status that it must have. Paths without a leading slash
        are the project's."""
        url = path if path.startswith("/") else f"/api/projects/{self.project}/{path}"
        sent = {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        answer = await self.client.request(method, url, json=body, headers=sent)
        if expect is not None:
            assert answer.status_code == expect, answer.text
        return answer

    async def get(self, path: str, expect: int = 200) -> Any:
        return (await self.send("GET", path, expect=expect)).json()

    async def post(self, path: str, body: Any = None, expect: int | None = None) -> Any:
        answer = await self.send("POST", path, body, expect)
        if expect is None:
            assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def put(self, path: str, body: Any, expect: int = 200) -> Any:
        return (await self.send("PUT", path, body, expect)).json()

    async def film(self, script: str = SCRIPT) -> "Api":
        """A project with a script, extracted and confirmed, in a noir tone, Stage 5 locked."""
        await self.writing(script)
        for stage in (1, 2, 3):
            await self.post(f"stages/{stage}/skip")
        for stage in (4, 5):
            await self.post(f"stages/{stage}/lock")
        for stage in (6, 7):
            await self.post(f"stages/{stage}/skip")
        await self.turn()
        return self

    async def writing(self, script: str = SCRIPT) -> None:
        made = await self.post("/api/projects", {"title": "Two Rooms", "aspectRatio": "16:9"})
        self.project = made["id"]
        await self.put("style/tone", {"preset": "noir"})
        await self.post("script", {"text": script})
        preview = await self.post("extract-preview")
        ids = [each["id"] for group in preview["groups"].values() for each in group]
        confirm = {"extractionId": preview["extractionId"], "selectedAssetIds": ids}
        await self.post("extract-confirm", confirm)
        await self.turn()

    async def scenes(self) -> list[str]:
        return [scene["id"] for scene in (await self.get("scenes"))["items"]]

    async def asset(self, name: str) -> str:
        items = (await self.get("assets"))["items"]
        return str(next(each["id"] for each in items if each["name"] == name))

    async def instance(self, scene: str, name: str) -> Any:
        items = (await self.get(f"scenes/{scene}/assets"))["items"]
        return next(each for each in items if each["projectAsset"]["name"] == name)


async def _project(system: System) -> None:
    """The read models follow by themselves, as they do in a worker."""
    while True:
        mark = system.log.mark()
        await system.projector.catch_up()
        await system.log.wait(mark, 1.0)


@asynccontextmanager
async def serving(system: System) -> AsyncIterator[Api]:
    _, issued = await open_workspace(system.executor, "test")
    app = create_app(_lifespan)
    install(app, services_of(system))
    projecting = asyncio.create_task(_project(system))
    async with Client(app) as client:
        await system.projector.catch_up()
        yield Api(client, system, issued.token)
    projecting.cancel()


def _lifespan() -> Any:
    raise AssertionError("the services are installed by hand")
