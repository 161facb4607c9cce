"""The real template with the real binaries, deployed by a change set as `sam deploy` does it."""

import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).resolve().parents[3] / "template.yaml"
BUCKET = "artifacts"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def binary(name):
    """Where a built program lies."""
    path = Path(os.environ["SUIRO_BIN_DIR"]) / name
    assert path.is_file(), f"{path} is not built"
    return path


def package(name, folder):
    """A function's zip: its binary as `bootstrap`, without symbols to keep it small."""
    stripped = Path(folder) / f"{name}.stripped"
    shutil.copyfile(binary(name), stripped)
    if shutil.which("strip"):
        subprocess.run(["strip", str(stripped)], check=True)
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(entry, stripped.read_bytes(), compresslevel=1)
    stripped.unlink()
    return packed.getvalue()


class Deployment:
    """A deployed stack: its outputs, and the names of what it made."""

    def __init__(self, emulator, folder, name="suiro-e2e", notice_topic=""):
        self.emulator, self.name, self.notice_topic = emulator, name, notice_topic
        template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
        storage = emulator.client("s3")
        storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                function = resource["Metadata"]["BuildProperties"]["Binary"]
                storage.put_object(Bucket=BUCKET, Key=f"{function}.zip", Body=package(function, folder))
                # What `sam package` does to a template, and all that is changed in it.
                resource["Properties"]["CodeUri"] = f"s3://{BUCKET}/{function}.zip"
        self._deploy(yaml.safe_dump(template, allow_unicode=True))

    def _deploy(self, body):
        formation = self.emulator.client("cloudformation")
        parameters = {"Architecture": "x86_64", "AllowLocal": "true", "NoticeTopic": self.notice_topic}
        formation.create_change_set(
            StackName=self.name,
            ChangeSetName="first",
            ChangeSetType="CREATE",
            TemplateBody=body,
            Capabilities=CAPABILITIES,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        formation.get_waiter("change_set_create_complete").wait(
            StackName=self.name, ChangeSetName="first", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        formation.execute_change_set(StackName=self.name, ChangeSetName="first")
        formation.get_waiter("stack_create_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        stack = formation.describe_stacks(StackName=self.name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        resources = formation.describe_stack_resources(StackName=self.name)["StackResources"]
        self.resources = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources}

    @property
    def url(self):
        """Where the emulator serves the HTTP API."""
        return f"{self.emulator.endpoint}/_aws/execute-api/{self.resources['HttpApi']}/$default"

    @property
    def queue(self):
        return self.outputs["QueueUrl"]

    @property
    def table(self):
        return self.outputs["TableName"]
