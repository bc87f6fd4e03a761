"""Settings: environment variables, and where things lie."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from adapters.blobs.s3 import S3Settings

ENVIRONMENT = "environment.json"
ROOT = Path(__file__).resolve().parents[2]


class SettingsMissing(Exception):
    """A server is not named and none is embedded."""


class Settings(Struct, frozen=True):
    database_url: str = ""
    nats_url: str = ""
    s3: S3Settings | None = None

    def __repr__(self) -> str:  # S30: a URL may hold a password
        return "Settings(...)"


def of_running() -> Settings:
    """From the environment; what it does not name, from the stack that runs on this machine."""
    known = data_folder() / ENVIRONMENT
    local = msgspec.json.decode(known.read_bytes(), type=dict[str, str]) if known.exists() else {}
    return read({**local, **os.environ})


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    database = environment.get("AIUTEUR_DATABASE_URL", "")
    nats = environment.get("AIUTEUR_NATS_URL", "")
    endpoint = environment.get("AIUTEUR_S3_ENDPOINT", "")
    missing = [
        name
        for name, value in (
            ("AIUTEUR_DATABASE_URL", database),
            ("AIUTEUR_NATS_URL", nats),
            ("AIUTEUR_S3_ENDPOINT", endpoint),
        )
        if not value
    ]
    if missing:
        raise SettingsMissing(
            f"{', '.join(missing)} not set: name your servers, or let `aiuteur up` start them"
        )
    s3 = S3Settings(
        endpoint,
        environment.get("AIUTEUR_S3_BUCKET", "aiuteur"),
        environment.get("AIUTEUR_S3_ACCESS_KEY", ""),
        environment.get("AIUTEUR_S3_SECRET_KEY", ""),
        environment.get("AIUTEUR_S3_REGION", "us-east-1"),
    )
    return Settings(database, nats, s3)


def data_folder() -> Path:
    """Where `aiuteur up` keeps everything: `AIUTEUR_DATA`, else `var` in the checkout."""
    given = os.environ.get("AIUTEUR_DATA")
    if given:
        return Path(given)
    return (ROOT if (ROOT / "schema").is_dir() else Path.cwd()) / "var"


def packaged(name: str) -> Path:
    """A folder that travels with the program: from the checkout, or from the installed package."""
    near = ROOT / name
    return near if near.is_dir() else Path(__file__).parent / name
