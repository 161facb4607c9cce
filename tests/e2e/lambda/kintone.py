"""The simulated kintone, by its control endpoint (tests/sim/README.md)."""

import json
import subprocess

from deployment import binary
from processes import Process, http


class Kintone:
    """Runs until `stop`."""

    def __init__(self):
        self.process = Process([binary("sim")], output=subprocess.PIPE, text=True)
        self.base_url = self.process.popen.stdout.readline().strip()
        assert self.base_url.startswith("http://"), "the simulator tells its address"

    def control(self, method, path, body=None):
        """An order to the simulator."""
        data = None if body is None else json.dumps(body).encode()
        status, answer = http(method, f"{self.base_url}/_sim/{path}", data)
        assert status == 200, f"/_sim/{path}: {status} {answer.decode()}"
        return json.loads(answer)

    def records(self, app):
        """An app's records, by field code the bare values."""
        records = self.control("GET", f"apps/{app}/records")["records"]
        return [{code: field["value"] for code, field in record.items()} for record in records]

    def service_time(self, milliseconds):
        """How long every call takes."""
        self.control("PATCH", "switches", {"serviceTimeMs": milliseconds})

    def stop(self):
        self.process.stop()
