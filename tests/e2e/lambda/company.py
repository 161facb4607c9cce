"""The demo company (infra/cli/demo) in the simulated kintone, with its unit in the deployed stack."""

import json
import os
import subprocess
import uuid
from pathlib import Path

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from deployment import binary
from processes import http, wait_until

DEMO = Path(__file__).resolve().parents[3] / "infra/cli/demo"
RIGHTS = ["view", "add", "edit", "delete", "admin"]
ENDED = {"succeeded", "failed", "timed_out", "cancelled", "uncertain"}

TEXT, NUMBER = {"type": "SINGLE_LINE_TEXT"}, {"type": "NUMBER"}
KEY = {**TEXT, "unique": True, "required": True}
STATUS = {
    "type": "DROP_DOWN",
    "defaultValue": "受付",
    "options": {name: {"label": name, "index": str(n)} for n, name in enumerate(["受付", "引当済", "不足"])},
}
ORDERS = {"受注番号": KEY, "商品コード": TEXT, "受注数": NUMBER, "引当数": NUMBER, "状況": STATUS}
STOCK = {"商品コード": KEY, "商品名": TEXT, "在庫数": NUMBER, "引当済": NUMBER}
MOVEMENTS = {"受注番号": TEXT, "商品コード": TEXT, "数量": NUMBER}
_to_attribute, _from_attribute = TypeSerializer().serialize, TypeDeserializer().deserialize


class Company:
    """Apps, tokens and a unit of its own: tests do not meet."""

    def __init__(self, deployment, kintone, folder, starts=100, window=60):
        self.deployment, self.kintone, self.folder = deployment, kintone, Path(folder)
        self.table = deployment.emulator.client("dynamodb")
        # The log app starts empty: `suiro` adds what it needs.
        self.orders, self.stock, self.movements, self.log = (
            kintone.control("POST", "apps", {"name": name, "fields": fields})["app"]
            for name, fields in [("受注", ORDERS), ("在庫", STOCK), ("在庫移動", MOVEMENTS), ("実行ログ", {})]
        )
        product = {"商品コード": "P-001", "商品名": "りんご", "在庫数": "100", "引当済": "0"}
        record = {code: {"value": value} for code, value in product.items()}
        kintone.control("POST", "records", {"app": self.stock, "records": [record]})
        self.tokens = [
            kintone.control("POST", "tokens", {"app": app, "rights": RIGHTS})["token"]
            for app in (self.orders, self.stock, self.movements, self.log)
        ]
        added = self.suiro(
            "unit", "add", "--name", "受注処理", "--app", self.orders, "--log-app", self.log,
            "--flow", self._flow("allocate.yaml"), "--flow", self._flow("movement.yaml"),
            "--starts", starts, "--window", window,
            "--base-url", kintone.base_url,
            KINTONE_API_TOKEN=",".join(self.tokens),
        )
        self.unit, self.url = added["unit"], added["url"]
        self.secret = self.url.rpartition("/")[2]
        self.domain = kintone.base_url.partition("://")[2]

    def _flow(self, name):
        """A flow document of the demo, about this company's apps."""
        text = (DEMO / name).read_text(encoding="utf-8")
        for app, number in {"${受注}": self.orders, "${在庫}": self.stock, "${在庫移動}": self.movements}.items():
            text = text.replace(app, str(number))
        path = self.folder / f"{self.orders}-{name}"
        path.write_text(text, encoding="utf-8")
        return path

    def suiro(self, *arguments, **environment):
        """An administrator's command on the deployed stack; what it prints, read as JSON."""
        outputs = self.deployment.outputs
        place = {
            "SUIRO_TABLE": outputs["TableName"],
            "SUIRO_SECRETS_PREFIX": outputs["SecretsPrefix"],
            "SUIRO_URL_BASE": self.deployment.url,
        }
        done = subprocess.run(
            [str(part) for part in (binary("suiro"), *arguments, "--json")],
            env={"PATH": os.environ["PATH"], **self.deployment.emulator.environment(), **place, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"suiro {arguments[:2]} exits {done.returncode}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    # What people and programs do.

    def listen(self):
        """kintone tells the unit of every change in 受注 from now on."""
        self.kintone.control("POST", "webhooks", {"app": self.orders, "url": self.url, "events": ["ADD_RECORD"]})

    def order(self, number, count):
        """An order, typed in on kintone's screen; its record's id."""
        values = {"受注番号": number, "商品コード": "P-001", "受注数": str(count), "状況": "受付"}
        record = {code: {"value": value} for code, value in values.items()}
        return self.kintone.control("POST", "screen", {"act": "add", "app": self.orders, "record": record})["id"]

    def webhook(self, record, notification=None, url=None):
        """A webhook about an order, sent by hand; status and body."""
        body = {
            "id": notification or str(uuid.uuid4()),
            "type": "ADD_RECORD",
            "app": {"id": str(self.orders), "name": "受注"},
            "record": {
                "レコード番号": {"type": "RECORD_NUMBER", "value": str(record)},
                "更新者": {"type": "MODIFIER", "value": {"code": "sato", "name": "佐藤"}},
            },
        }
        data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        status, answer = http("POST", url or self.url, data, headers)
        return status, json.loads(answer)

    # What came of it.

    def item(self, pk, sk):
        """An item's content."""
        key = {"pk": _to_attribute(pk), "sk": _to_attribute(sk)}
        found = self.table.get_item(TableName=self.deployment.table, Key=key, ConsistentRead=True)
        return _from_attribute(found["Item"]["body"])

    def state(self):
        return self.item(f"UNIT#{self.unit}", "STATE")

    def runs(self):
        """The unit's runs, oldest first."""
        found = self.table.query(
            TableName=self.deployment.table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :run)",
            ExpressionAttributeValues={":pk": _to_attribute(f"UNIT#{self.unit}"), ":run": _to_attribute("RUN#")},
        )
        return [_from_attribute(item["body"]) for item in found["Items"]]

    def until_ended(self, count, seconds=40):
        """Waits until so many runs have ended and the unit is free; the runs, oldest first."""
        def ended():
            runs = self.runs()
            done = len([run for run in runs if run["state"] in ENDED]) >= count
            return runs if done and not self.state().get("running") else None

        return wait_until(f"{count} runs of {self.unit} end", ended, seconds)

    def stock_record(self):
        """What the stock app holds of the one product: (在庫数, 引当済)."""
        [record] = self.kintone.records(self.stock)
        return int(record["在庫数"]), int(record["引当済"])

    def moved(self):
        """The quantities of the stock movements, sorted."""
        return sorted(int(record["数量"]) for record in self.kintone.records(self.movements))

    def logged(self):
        """The log app's records by run id."""
        records = self.kintone.records(self.log)
        return {record["run_id"]: record for record in records}

    # What the queue and the sweep need.

    def nudge(self):
        """The nudge of this unit, as api sends it."""
        return json.dumps({"v": 1, "domain": self.domain, "unit": self.unit})

    def make_due(self):
        """As if the sweep's grace had passed: the unit's state has been due for long."""
        self._set("STATE", "due", 1_000)

    def make_schedules_due(self):
        """As if the time of the unit's schedules had come, a second after 1970 began."""
        partition = f"SCHEDULE#{self.domain}"
        found = self.table.query(
            TableName=self.deployment.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :unit)",
            ExpressionAttributeValues={":pk": _to_attribute(partition), ":unit": _to_attribute(f"{self.unit}#")},
        )
        for item in found["Items"]:
            sk = _from_attribute(item["sk"])
            for path in ("due", "body.next"):
                self._set(sk, path, 1_000, partition)

    def shorten_lease(self, milliseconds):
        """A killed worker holds the unit for so long; no command sets this."""
        self._set("UNIT", "body.limits.lease_ms", milliseconds)

    def _set(self, sk, path, value, pk=None):
        """Changes what an item holds at a path that it has."""
        names = {f"#{n}": name for n, name in enumerate(path.split("."))}
        path = ".".join(names)
        self.table.update_item(
            TableName=self.deployment.table,
            Key={"pk": _to_attribute(pk or f"UNIT#{self.unit}"), "sk": _to_attribute(sk)},
            UpdateExpression=f"SET {path} = :value",
            ConditionExpression=f"attribute_exists({path})",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":value": _to_attribute(value)},
        )
