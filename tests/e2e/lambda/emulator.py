"""The emulated AWS: ministack on a free loopback port, and boto3 clients for it."""

import sys
from pathlib import Path

import boto3
from botocore.config import Config

from processes import Process, free_port, http, wait_until

REGION = "ap-northeast-1"
# The emulator's own administrator; opens nothing else.
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class Emulator:
    """Runs until `stop`. What it and the Lambda processes print goes to `emulator.log` in `folder`."""

    def __init__(self, folder):
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = Path(folder) / "emulator.log"
        with self.log.open("wb") as output:
            self.process = Process([Path(sys.executable).with_name("ministack")], self._environment(folder), output)
        self._clients = {}
        wait_until("the emulator answers", self._healthy)

    def _environment(self, folder):
        return {
            **KEYS,
            "AWS_DEFAULT_REGION": REGION,
            "MINISTACK_REGION": REGION,
            # On the server, it is what reaches the Lambda processes.
            "AWS_ENDPOINT_URL": self.endpoint,
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            # Roles are enforced: an action that a role lacks fails here as it would on AWS.
            "AUTH": "true",
            "TMPDIR": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _healthy(self):
        assert self.process.alive(), f"the emulator has ended:\n{self.log.read_text(errors='replace')}"
        try:
            return http("GET", f"{self.endpoint}/_ministack/health", timeout=5)[0] == 200
        except OSError:
            return False

    def environment(self):
        """What a program needs to take the emulator for AWS."""
        return {**KEYS, "AWS_REGION": REGION, "AWS_ENDPOINT_URL": self.endpoint, "AWS_EC2_METADATA_DISABLED": "true"}

    def client(self, service):
        """A boto3 client."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
                config=Config(proxies={}, retries={"max_attempts": 1}, read_timeout=120),
            )
        return self._clients[service]

    def functions_processes(self, name):
        """Ids of the live processes of a Lambda function."""
        found = []
        for pid in self.process.descendants():
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            except OSError:
                continue  # it ended meanwhile
            if f"AWS_LAMBDA_FUNCTION_NAME={name}".encode() in environment:
                found.append(pid)
        return found

    def stop(self):
        self.process.stop()
