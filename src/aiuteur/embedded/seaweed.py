"""The embedded S3: SeaweedFS in its smallest form, on loopback only."""

import http.client
from collections.abc import Sequence
from pathlib import Path

from aiuteur.embedded.child import Spec
from aiuteur.embedded.nats import program

ACCESS_KEY = "aiuteur"
SECRET_KEY = "aiuteur-local-only"
BUCKET = "aiuteur"
PORTS = 10


class Seaweed:
    def __init__(self, folder: Path, ports: Sequence[int]) -> None:
        self.folder = folder
        self.ports = ports
        self.url = f"http://127.0.0.1:{ports[0]}"

    def spec(self) -> Spec:
        s3, s3_grpc, filer, filer_grpc, master, master_grpc, volume, volume_grpc, *admin = (
            self.ports
        )
        flags = {
            "dir": self.folder / "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "bucket": BUCKET,
            "s3.port": s3,
            "s3.port.grpc": s3_grpc,
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "filer.port": filer,
            "filer.port.grpc": filer_grpc,
            "master.port": master,
            "master.port.grpc": master_grpc,
            "master.telemetry": "false",
            "volume.port": volume,
            "volume.port.grpc": volume_grpc,
            "volume.max": 8,
            "admin.port": admin[0],
            "admin.port.grpc": admin[1],
            "admin.ui": "false",
            "webdav": "false",
            "filer.localSocket": self.folder / "filer.sock",
            "s3.localSocket": self.folder / "s3.sock",
        }
        return Spec(
            name="weed",
            command=[
                program("weed", "AIUTEUR_WEED_BIN"),
                "mini",
                *(f"-{name}={value}" for name, value in flags.items()),
            ],
            folder=self.folder,
            ready=self._ready,
            prepare=lambda: (self.folder / "data").mkdir(parents=True, exist_ok=True),
            environment={
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "GOMEMLIMIT": "200MiB",
            },
        )

    def _ready(self) -> bool:
        """It listens before it can store: the bucket must be known too (403)."""
        line = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=1)
        try:
            line.request("HEAD", f"/{BUCKET}")
            return line.getresponse().status == 403
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()
