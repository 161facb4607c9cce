"""pyntone against the simulator: its helpers over all records, tables, cursors, files, comments and errors."""

import json
import os
import subprocess
import unittest
import urllib.request

from pyntone.http.http_client import KintoneError
from pyntone.kintone_rest_api_client import KintoneRestAPIClient
from pyntone.types.auth import ApiTokenAuth, PasswordAuth

RIGHTS = ["view", "add", "edit", "delete"]
FIELDS = {
    "code": {"type": "SINGLE_LINE_TEXT", "unique": True},
    "数": {"type": "NUMBER"},
    "明細": {"type": "SUBTABLE", "fields": {"品": {"type": "SINGLE_LINE_TEXT"}}},
    "f": {"type": "FILE"},
}


class Sim:
    """A simulator of its own for this file."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ["SUIRO_SIM_BIN"], "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.base_url = self.process.stdout.readline().strip()

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base_url}/_sim/{path}", data=data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return json.load(answer)

    def dump(self, app):
        return self.control("GET", f"apps/{app}/records")["records"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Pyntone(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Sim()

    @classmethod
    def tearDownClass(cls):
        cls.sim.stop()

    def setUp(self):
        self.sim.control("POST", "reset")
        self.app = self.sim.control("POST", "apps", {"name": "py", "fields": FIELDS})["app"]
        self.sim.control("POST", "tokens", {"app": self.app, "rights": RIGHTS, "token": "T"})
        self.client = self.connect(ApiTokenAuth(api_token="T"))

    def connect(self, auth, **more):
        return KintoneRestAPIClient(base_url=self.sim.base_url, auth=auth, **more)

    def refused(self, status, code, call, *args, **named):
        with self.assertRaises(KintoneError) as caught:
            call(*args, **named)
        self.assertEqual((caught.exception.status_code, caught.exception.json["code"]), (status, code))

    def rows(self, count):
        return [{"code": {"value": f"P{i}"}, "数": {"value": i}} for i in range(count)]

    def test_all_records(self):
        added = self.client.record.add_all_records(app=self.app, records=self.rows(2050))["records"]
        self.assertEqual(len(added), 2050)
        self.assertEqual(added[-1], {"id": "2050", "revision": "1"})
        read = self.client.record.get_all_records(app=self.app)
        self.assertEqual(sorted(read, key=lambda record: int(record["$id"]["value"])), self.sim.dump(self.app))
        by_offset = self.client.record.get_all_records_with_offset(self.app, order_by="数 asc")
        by_cursor = self.client.record.get_all_records_with_cursor(self.app, query="order by 数 asc")
        self.assertEqual(by_offset, by_cursor)
        self.assertEqual([record["数"]["value"] for record in by_cursor], [str(i) for i in range(2050)])
        changes = [{"id": record["id"], "record": {"数": {"value": "7"}}} for record in added[:150]]
        changed = self.client.record.update_all_records(app=self.app, records=changes)["records"]
        self.assertEqual({record["revision"] for record in changed}, {"2"})
        self.client.record.delete_all_reocrds(app=self.app, records=[{"id": record["id"]} for record in added[100:]])
        left = self.sim.dump(self.app)
        self.assertEqual([record["数"]["value"] for record in left], ["7"] * 100)

    def test_single_records(self):
        table = {"明細": {"value": [{"value": {"品": {"value": "りんご"}}}]}}
        made = self.client.record.add_record(app=self.app, record={"code": {"value": "A"}, **table})
        self.assertEqual(made, {"id": "1", "revision": "1"})
        told = self.client.record.get_record(self.app, 1)["record"]
        self.assertEqual(told["明細"]["value"][0]["value"]["品"], {"type": "SINGLE_LINE_TEXT", "value": "りんご"})
        key = {"field": "code", "value": "A"}
        self.client.record.update_record(app=self.app, update_key=key, record={"数": {"value": "2"}}, revision=1)
        self.client.record.upsert_record(app=self.app, update_key=key, record={"数": {"value": "3"}})
        self.assertEqual(self.sim.dump(self.app)[0]["数"]["value"], "3")
        records = self.client.record
        self.refused(409, "GAIA_CO02", records.update_record, app=self.app, record_id=1, record={}, revision=1)
        self.refused(404, "GAIA_RE01", records.get_record, self.app, 99)
        self.refused(400, "CB_VA01", records.add_record, app=self.app, record={"code": {"value": "A"}})
        self.refused(400, "GAIA_IQ11", records.get_records, app=self.app, query="nothing = 1")

    def test_files(self):
        key = self.client.file.upload_file({"name": "a.txt", "data": b"\x00bytes"})["fileKey"]
        self.client.record.add_record(app=self.app, record={"f": {"value": [{"fileKey": key}]}})
        held = self.sim.dump(self.app)[0]["f"]["value"][0]
        self.assertEqual((held["name"], held["size"]), ("a.txt", "6"))
        self.assertEqual(self.client.file.download_file(held["fileKey"]), b"\x00bytes")

    def test_comments(self):
        self.client.record.add_record(app=self.app, record={})
        self.client.record.add_record_comment(self.app, 1, {"text": "こんにちは"})
        told = self.client.record.get_record_comments(self.app, 1)
        self.assertEqual([comment["text"] for comment in told["comments"]], ["こんにちは "])
        self.assertEqual((told["older"], told["newer"]), (False, False))
        self.client.record.delete_record_comment(self.app, 1, 1)
        self.refused(400, "GAIA_RE02", self.client.record.delete_record_comment, self.app, 1, 1)

    def test_credentials(self):
        self.sim.control("POST", "users", {"login": "sato", "password": "p"})
        guest = self.sim.control("POST", "apps", {"name": "guest", "guestSpace": 5, "fields": FIELDS})["app"]
        inside = self.connect(PasswordAuth("sato", "p"), guest_space_id=5)
        inside.record.add_record(app=guest, record={"code": {"value": "g"}})
        self.assertEqual(self.sim.dump(guest)[0]["作成者"]["value"]["code"], "sato")
        outside = self.connect(PasswordAuth("sato", "p"))
        self.refused(400, "GAIA_IL23", outside.record.get_records, app=guest)
        self.refused(403, "CB_NO02", inside.record.get_records, app=self.app)
        wrong = self.connect(PasswordAuth("sato", "q"))
        self.refused(401, "CB_WA01", wrong.record.get_records, app=self.app)
        self.sim.control("POST", "tokens", {"app": guest, "rights": RIGHTS, "token": "G"})
        both = self.connect(ApiTokenAuth(api_token=["T", "G"]))
        self.assertEqual(both.record.get_records(app=self.app)["records"], [])
        self.assertEqual(both.app.get_form_fields(self.app)["properties"]["code"]["unique"], True)


if __name__ == "__main__":
    unittest.main()
