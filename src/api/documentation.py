"""What the OpenAPI document says of every operation alike: its errors, and the headers by which
a command is made safe to repeat."""

from dataclasses import dataclass, fields
from typing import Any

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI

from api.auth import OPEN
from api.wire import Problem

_WRITES = ("post", "put", "patch", "delete")
_ERROR = {
    "description": "Refused, and nothing changed: `code` says why, `error` says it to a person",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_HEADERS = {
    "Idempotency-Key": "the same key with the same request has one effect and one answer",
    "If-Match": "the version that was seen (an ETag); another one is answered with 412",
}


@dataclass
class _Document(OpenAPI):
    def to_schema(self) -> dict[str, Any]:
        document = super().to_schema()
        document["components"]["schemas"]["Problem"] = msgspec.json.schema(Problem)["$defs"][
            "Problem"
        ]
        for path, item in document["paths"].items():
            for method, operation in item.items():
                _complete(path, method, operation)
        return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    if path in OPEN:
        operation["security"] = []
        return
    operation["responses"].pop("400", None)
    operation["responses"]["4XX"] = _ERROR
    if method in _WRITES:
        operation.setdefault("parameters", []).extend(
            {"name": name, "in": "header", "schema": {"type": "string"}, "description": text}
            for name, text in _HEADERS.items()
        )


class Documentation(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        made = super().to_openapi_schema()
        return _Document(**{each.name: getattr(made, each.name) for each in fields(made)})
