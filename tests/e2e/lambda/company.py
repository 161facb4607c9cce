"""The demo company (infra/cli/demo) in the simulated kintone, with its unit in the deployed stack."""

import hashlib
import itertools
import json
import secrets
import uuid
from pathlib import Path

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from processes import http, wait_until

DEMO = Path(__file__).resolve().parents[3] / "infra/cli/demo"
RIGHTS = ["view", "add", "edit", "delete", "admin"]
ENDED = {"succeeded", "failed", "timed_out", "cancelled", "uncertain"}
# Far from any test; a test sets what it looks at.
LIMITS = {"starts": 100, "window_ms": 60_000, "wait_ms": 600_000, "lease_ms": 90_000}

TEXT, NUMBER, LINES = {"type": "SINGLE_LINE_TEXT"}, {"type": "NUMBER"}, {"type": "MULTI_LINE_TEXT"}
TIME = {"type": "DATETIME"}
KEY = {**TEXT, "unique": True, "required": True}
STATUS = {
    "type": "DROP_DOWN",
    "defaultValue": "受付",
    "options": {name: {"label": name, "index": str(n)} for n, name in enumerate(["受付", "引当済", "不足"])},
}
ORDERS = {"受注番号": KEY, "商品コード": TEXT, "受注数": NUMBER, "引当数": NUMBER, "状況": STATUS}
STOCK = {"商品コード": KEY, "商品名": TEXT, "在庫数": NUMBER, "引当済": NUMBER}
MOVEMENTS = {"受注番号": TEXT, "商品コード": TEXT, "数量": NUMBER}
OF_FLOW = {
    **dict.fromkeys(["flow_name", "flow_state"], TEXT),
    **dict.fromkeys(["input_records", "output_records", "api_counts"], NUMBER),
    "flow_message": LINES,
}
LOG = {
    **dict.fromkeys(["execution_unit_Id", "execution_unit_name", "execution_method", "notification_Id"], TEXT),
    **dict.fromkeys(["event_type", "execution_user", "state", "wait_reason"], TEXT),
    **dict.fromkeys(["start_time", "end_time", "queued_time"], TIME),
    **dict.fromkeys(["log_message", "records", "journal"], LINES),
    "app_Id": NUMBER,
    "run_id": KEY,
    "flows": {"type": "SUBTABLE", "fields": OF_FLOW},
}

_number = itertools.count(1)
_to_attribute, _from_attribute = TypeSerializer().serialize, TypeDeserializer().deserialize


def coded(fields):
    """A form's properties: every field knows its code, as kintone wants it."""
    def one(code, field):
        inner = {"fields": coded(field["fields"])} if "fields" in field else {}
        return {**field, **inner, "code": code, "label": code}

    return {code: one(code, field) for code, field in fields.items()}


class Company:
    """Apps, tokens and a unit of its own: tests do not meet."""

    def __init__(self, deployment, kintone, limits=None):
        self.deployment, self.kintone = deployment, kintone
        self.table = deployment.emulator.client("dynamodb")
        self.orders, self.stock, self.movements, self.log = (
            kintone.control("POST", "apps", {"name": name, "fields": coded(fields)})["app"]
            for name, fields in [("受注", ORDERS), ("在庫", STOCK), ("在庫移動", MOVEMENTS), ("実行ログ", LOG)]
        )
        product = {"商品コード": "P-001", "商品名": "りんご", "在庫数": "100", "引当済": "0"}
        record = {code: {"value": value} for code, value in product.items()}
        kintone.control("POST", "records", {"app": self.stock, "records": [record]})
        self.tokens = [
            kintone.control("POST", "tokens", {"app": app, "rights": RIGHTS})["token"]
            for app in (self.orders, self.stock, self.movements, self.log)
        ]
        self._add_unit({**LIMITS, **(limits or {})})
        self.url = f"{deployment.url}/r/{self.unit}/{self.secret}"

    def _add_unit(self, limits):
        """The items that an administrator's tools write (shared/model/src/ledger/admin.rs)."""
        number = next(_number)
        self.unit, self.secret = f"ue2e{number:08d}", secrets.token_urlsafe(32)
        self.domain = self.kintone.base_url.partition("://")[2]
        connection = f"ce2e{number}"
        credential = f"{self.domain.replace(':', '_')}/{connection}"
        self.deployment.emulator.client("secretsmanager").create_secret(
            Name=self.deployment.outputs["SecretsPrefix"] + credential,
            SecretString=json.dumps({"kind": "tokens", "tokens": self.tokens}),
        )
        digest = hashlib.sha256(self.secret.encode()).hexdigest()
        apps = {"${受注}": self.orders, "${在庫}": self.stock, "${在庫移動}": self.movements}
        flows = [(DEMO / name).read_text(encoding="utf-8") for name in ("allocate.yaml", "movement.yaml")]
        for name, app in apps.items():
            flows = [flow.replace(name, str(app)) for flow in flows]
        definition = {
            "v": 1,
            "id": self.unit,
            "domain": self.domain,
            "name": "受注処理",
            "app": self.orders,
            "flows": ["引当/出荷", "在庫レコード追加"],
            "parameters": ["レコード番号"],
            "record_number": "レコード番号",
            "log_app": self.log,
            "limits": limits,
            "connection": connection,
            "secrets": [{"hash": digest}],
        }
        state = {"v": 1, "enabled": True, "last": 0, "waiting": [], "starts": []}
        where = {"name": connection, "base_url": self.kintone.base_url, "credential": credential}
        self._put(f"UNIT#{self.unit}", "UNIT", definition)
        self._put(f"UNIT#{self.unit}", "STATE", state)
        self._put(f"DOMAIN#{self.domain}", f"UNIT#{self.unit}", {})
        self._put(f"DOMAIN#{self.domain}", f"CONNECTION#{connection}", where)
        self._put(f"SECRET#{digest}", "SECRET", {"unit": self.unit})
        for n, text in enumerate(flows):
            self._put(f"FLOWS#{self.unit}", f"FLOW#{n:04d}", {"text": text})

    def _put(self, pk, sk, body):
        item = {"pk": pk, "sk": sk, "v": 1, "body": body}
        self.table.put_item(
            TableName=self.deployment.table, Item={name: _to_attribute(value) for name, value in item.items()}
        )

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
        """As if the sweep's grace had passed: the unit's state is due since a second."""
        self.table.update_item(
            TableName=self.deployment.table,
            Key={"pk": _to_attribute(f"UNIT#{self.unit}"), "sk": _to_attribute("STATE")},
            UpdateExpression="SET due = :past",
            ConditionExpression="attribute_exists(due)",
            ExpressionAttributeValues={":past": _to_attribute(1_000)},
        )
