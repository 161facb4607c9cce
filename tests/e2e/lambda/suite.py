"""The deployed stack, driven from outside: webhooks to changed records, waits, redeliveries, crashes, the sweep.

The emulator's event source takes one nudge at a time for the whole queue (on AWS: one per unit), so nothing here says
anything about units running beside each other; tests/e2e/stories does.
"""

import json
import os
import signal
import sys
import threading
import time
import unittest

from processes import http, wait_until
from stage import Stage, delivery

# All tests share it, and each has a company of its own.
STAGE = None


class Case(unittest.TestCase):
    def succeeded(self, runs):
        for run in runs:
            self.assertEqual(run["state"], "succeeded", run)

    def allocated(self, company, counts):
        """Orders of these counts have each been allocated exactly once."""
        total = sum(counts)
        self.assertEqual(company.stock_record(), (100 - total, total))
        self.assertEqual(company.moved(), sorted(counts))


class TestWebhook(Case):
    def test_a_webhook_becomes_changed_records_and_a_log_record(self):
        company = STAGE.company()
        company.listen()
        order = company.order("A-1", 30)
        [run] = company.until_ended(1)
        self.succeeded([run])
        self.allocated(company, [30])
        [record] = STAGE.kintone.records(company.orders)
        self.assertEqual((record["$id"], record["引当数"], record["状況"]), (str(order), "30", "引当済"))
        [(run_id, log)] = company.logged().items()
        self.assertEqual(run_id, run["id"])
        self.assertEqual((log["state"], log["execution_unit_name"], log["event_type"]),
                         ("succeeded", "受注処理", "ADD_RECORD"))
        flows = [{code: cell["value"] for code, cell in row["value"].items()} for row in log["flows"]]
        self.assertEqual([flow["flow_state"] for flow in flows], ["succeeded", "succeeded"])
        self.assertEqual([flow["output_records"] for flow in flows], ["2", "1"])

    def test_the_trigger_api_starts_a_run_and_tells_its_state_and_no_more(self):
        company = STAGE.company()
        record = company.order("A-1", 30)
        base = f"{STAGE.deployment.url}/trigger/v1/{company.secret}"

        def post(path, body):
            status, answer = http("POST", f"{base}/{path}", json.dumps(body).encode())
            return status, json.loads(answer)

        status, token = post("token", {})
        self.assertEqual(status, 200)
        fields = {"レコード番号": {"type": "RECORD_NUMBER", "value": str(record)}}
        status, started = post(
            "run", {"accessToken": token["accessToken"], "user": "sato", "appId": company.orders, "record": fields}
        )
        self.assertEqual(status, 202, started)
        company.until_ended(1)
        headers = {"Authorization": f"Bearer {token['accessToken']}"}
        status, told = http("GET", f"{base}/status?runId={started['runId']}", headers=headers)
        told = json.loads(told)
        self.assertEqual((status, told["state"]), (200, "succeeded"))
        allowed = {"code", "status", "runId", "state", "queuedAt", "startedAt", "endedAt"}
        self.assertLessEqual(set(told), allowed)
        self.allocated(company, [30])


class TestRefusal(Case):
    def test_a_wrong_secret_and_an_unknown_unit_are_the_same_404_and_queue_nothing(self):
        company = STAGE.company()
        base, wrong = STAGE.deployment.url, "A" * 43
        urls = [f"{base}/r/{company.unit}/{wrong}", f"{base}/r/unobody/{wrong}", f"{base}/r/unobody/{company.secret}"]
        answers = [company.webhook(1, url=url) for url in urls]
        self.assertEqual(answers[0][0], 404)
        self.assertEqual(answers[0][1]["error"], "url.unknown")
        self.assertEqual(answers, [answers[0]] * 3)
        self.assertEqual(company.runs(), [])

    def test_a_wrong_method_is_answered_by_the_function(self):
        company = STAGE.company()
        status, answer = http("GET", company.url)
        self.assertEqual((status, json.loads(answer)["error"]), (405, "request.method"))


class TestWait(Case):
    def test_seven_webhooks_start_two_in_six_seconds_and_the_parked_nudge_comes_back(self):
        company = STAGE.company(starts=2, window=6)
        STAGE.sweeping(False)  # nobody but the queue brings the nudge back
        try:
            company.listen()
            counts = list(range(1, 8))
            for count in counts:
                company.order(f"A-{count}", count)
            wait_until("the third waits for its start", lambda: self.waits(company), 20)
            self.assertGreaterEqual(sum(STAGE.queued()), 1, "the parked nudge is in the queue")
            runs = company.until_ended(7, 60)
        finally:
            STAGE.sweeping(True)
        self.succeeded(runs)
        starts = [int(run["started_at"]) for run in runs]
        self.assertEqual(starts, sorted(starts), "in the order of arrival")
        gaps = [later - earlier for earlier, later in zip(starts, starts[2:])]
        self.assertTrue(all(gap >= 6_000 for gap in gaps), f"three starts within six seconds: {gaps}")
        self.assertLess(max(gaps), 6_000 + 4_000, "nobody waited for the queue's own timeout")
        ends = [int(run["ended_at"]) for run in runs]
        self.assertTrue(all(end <= start for end, start in zip(ends, starts[1:])), "never two at once")
        self.assertEqual(runs[2]["waited"]["reason"], "rate")
        self.allocated(company, counts)
        self.assertEqual(len(company.logged()), 7)

    def waits(self, company):
        return (company.state().get("wait") or {}).get("reason") == "rate"


class TestRedelivery(Case):
    def test_a_doubled_notification_is_one_run(self):
        company = STAGE.company()
        record = company.order("A-1", 30)
        first, second = (company.webhook(record, notification="n-1") for _ in range(2))
        self.assertEqual((first[0], second[0]), (202, 200))
        self.assertEqual(second[1]["runId"], first[1]["runId"])
        self.succeeded(company.until_ended(1))
        self.allocated(company, [30])

    def test_a_nudge_delivered_twice_at_once_runs_once(self):
        company = STAGE.company()
        record = company.order("A-1", 30)
        STAGE.listening(False)
        try:
            self.assertEqual(company.webhook(record)[0], 202)
            STAGE.lose_nudges()
            STAGE.kintone.service_time(100)
            answers = []
            twice = [
                threading.Thread(
                    target=lambda: answers.append(STAGE.invoke("WorkerFunction", delivery("m-1", company.nudge())))
                )
                for _ in range(2)
            ]
            for one in twice:
                one.start()
            for one in twice:
                one.join()
        finally:
            STAGE.kintone.service_time(0)
            STAGE.listening(True)
        used_up = [answer for answer in answers if not answer["batchItemFailures"]]
        parked = [answer for answer in answers if answer["batchItemFailures"] == [{"itemIdentifier": "m-1"}]]
        self.assertEqual((len(used_up), len(parked)), (1, 1), answers)
        self.succeeded(company.until_ended(1))
        self.allocated(company, [30])

    def test_nudges_too_many_change_nothing(self):
        company = STAGE.company()
        self.assertEqual(company.webhook(company.order("A-1", 30))[0], 202)
        self.succeeded(company.until_ended(1))
        before = (company.runs(), company.logged())
        for n in range(3):
            STAGE.emulator.client("sqs").send_message(
                QueueUrl=STAGE.deployment.queue,
                MessageGroupId=company.unit,
                MessageDeduplicationId=f"{company.unit}-{n}",
                MessageBody=company.nudge(),
            )
        wait_until("the queue is empty", lambda: STAGE.queued() == (0, 0))
        self.assertEqual(STAGE.invoke("WorkerFunction", delivery("m-2", company.nudge())), {"batchItemFailures": []})
        self.assertEqual((company.runs(), company.logged()), before)
        self.allocated(company, [30])


class TestCrash(Case):
    def test_a_worker_killed_between_two_flows_leaves_the_same_records_behind(self):
        company = STAGE.company()
        company.shorten_lease(6_000)
        record = company.order("A-1", 30)
        STAGE.kintone.service_time(400)
        try:
            self.assertEqual(company.webhook(record)[0], 202)
            wait_until("the first flow has written", lambda: company.stock_record() == (70, 30))
            self.assertEqual(company.moved(), [], "the second has not")
            killed = STAGE.emulator.functions_processes(STAGE.deployment.resources["WorkerFunction"])
            self.assertTrue(killed)
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        finally:
            STAGE.kintone.service_time(0)
        [run] = company.until_ended(1)
        self.succeeded([run])
        self.assertEqual(run["attempt"], 2)
        self.assertEqual(len(company.state()["starts"]), 1, "resuming is no start")
        self.allocated(company, [30])
        self.assertEqual(len(company.logged()), 1)


class TestSweep(Case):
    def lost(self):
        """A company whose one run's nudge got lost, as the sweep sees it a minute later."""
        company = STAGE.company()
        record = company.order("A-1", 30)
        STAGE.listening(False)
        try:
            self.assertEqual(company.webhook(record)[0], 202)
            STAGE.lose_nudges()
        finally:
            STAGE.listening(True)
        company.make_due()
        return company

    def test_the_sweep_finds_a_run_whose_nudge_was_lost(self):
        STAGE.sweeping(False)
        try:
            company = self.lost()
            time.sleep(1)
            self.assertEqual([run["state"] for run in company.runs()], ["queued"], "nobody else nudges")
            self.assertEqual(STAGE.invoke("SweepFunction", {}), {"nudged": 1, "scheduled": 0, "failed": 0})
            self.succeeded(company.until_ended(1))
        finally:
            STAGE.sweeping(True)
        self.allocated(company, [30])
        self.assertEqual(STAGE.invoke("SweepFunction", {}), {"nudged": 0, "scheduled": 0, "failed": 0})

    def test_the_schedule_invokes_the_sweep(self):
        company = self.lost()
        self.succeeded(company.until_ended(1, 90))


class TestSchedule(Case):
    def test_a_schedule_that_runs_now_is_entered_nudged_and_run_as_any_run(self):
        company = STAGE.company()
        record = company.order("A-1", 30)
        STAGE.sweeping(False)
        try:
            # New Year: it does not fall due here by itself.
            added = company.suiro(
                "schedule", "add", company.unit, "--cron", "0 3 1 1 *", "--param", f"レコード番号={record}"
            )
            schedule = added["schedule"]["id"]
            run = company.suiro("schedule", "run-now", schedule)["run"]
            swept = STAGE.invoke("SweepFunction", {})
            self.assertEqual((swept["scheduled"], swept["failed"]), (1, 0))
            [ended] = company.until_ended(1)
        finally:
            STAGE.sweeping(True)
        self.succeeded([ended])
        self.assertEqual((ended["id"], ended["trigger"]["method"]), (run, "schedule"))
        self.allocated(company, [30])
        log = company.logged()[run]
        self.assertEqual((log["execution_method"], log["schedule_Id"]), ("Schedule", schedule))

    def test_what_falls_due_is_entered_by_the_sweep_and_run(self):
        company = STAGE.company()
        record = company.order("A-1", 30)
        company.suiro("schedule", "add", company.unit, "--cron", "0 3 1 1 *", "--param", f"レコード番号={record}")
        company.make_schedules_due()
        company.until_ended(1, 90)
        self.allocated(company, [30])
        [listed] = company.suiro("schedule", "list", company.unit)
        view = listed["schedule"]
        self.assertEqual((view["last"], view["skipped"]), (1_000, 0))
        self.assertGreater(view["next"], view["last"])


class TestNotices(Case):
    def test_a_credential_that_expires_is_told_by_topic_and_record_once(self):
        company = STAGE.company()
        text, lines = {"type": "SINGLE_LINE_TEXT"}, {"type": "MULTI_LINE_TEXT"}
        fields = {"notice_key": {**text, "unique": True}, "title": text, "remedy": lines}
        app = STAGE.kintone.control("POST", "apps", {"name": "通知", "fields": fields})["app"]
        token = STAGE.kintone.control("POST", "tokens", {"app": app, "rights": ["view", "add", "edit"]})["token"]
        queue = STAGE.subscribed(STAGE.topic)
        STAGE.sweeping(False)
        try:
            company.suiro("notify", "add", company.domain, "owners", "--sns", STAGE.topic)
            # The role may publish on the topic that the deployment names, and on no other.
            company.suiro("notify", "add", company.domain, "others", "--sns", STAGE.other_topic)
            unused = ["message", "execution_unit_Id", "execution_unit_name", "code", "run_id", "link", "occurred_time", "count"]
            company.suiro(
                "notify", "add", company.domain, "app", "--kintone-app", app, "--base-url", STAGE.kintone.base_url,
                *[part for name in unused for part in ("--field", f"{name}=")], KINTONE_API_TOKEN=token,
            )
            day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86_400))
            company.suiro("unit", "update", company.unit, "--credential-expires", day)
            for _ in range(2):
                STAGE.invoke("SweepFunction", {})
            listed = company.suiro("notify", "list", company.domain)
            for name in ("owners", "others", "app"):
                company.suiro("notify", "remove", company.domain, name)
        finally:
            STAGE.sweeping(True)
        last = {target["name"]: target["last"]["error"] for target in listed}
        self.assertEqual((last["owners"], last["app"]), (None, None), listed)
        self.assertIn("NoticeTopic", last["others"])
        [(subject, message)] = STAGE.published(queue)
        self.assertTrue(subject.isascii() and company.unit in subject and "credential" in subject, subject)
        self.assertIn("受注処理", message)
        self.assertIn("suiro unit update", message)
        [record] = STAGE.kintone.records(app)
        self.assertIn("the credential for kintone expires", record["title"])
        self.assertTrue(record["notice_key"].startswith(company.unit), record)
        self.assertNotIn(token, STAGE.logs())


class TestAdministration(Case):
    def test_a_regenerated_url_kills_the_old_one(self):
        company = STAGE.company()
        record = company.order("A-1", 30)
        new = company.suiro("unit", "url", company.unit)["url"]
        self.assertEqual(company.webhook(record)[0], 404)
        self.assertEqual(company.webhook(record, url=new)[0], 202)
        self.succeeded(company.until_ended(1))

    def test_a_run_runs_again_at_the_next_sweep(self):
        company = STAGE.company()
        self.assertEqual(company.webhook(company.order("A-1", 30))[0], 202)
        [first] = company.until_ended(1)
        STAGE.sweeping(False)
        try:
            company.suiro("run", "again", first["id"])
            self.assertEqual(STAGE.invoke("SweepFunction", {})["nudged"], 1)
            runs = company.until_ended(2)
        finally:
            STAGE.sweeping(True)
        self.succeeded(runs)
        self.assertEqual(runs[1]["again_of"], first["id"])
        self.assertEqual(company.moved(), [30, 30], "again means again")


class TestLeaks(Case):
    def test_no_log_holds_a_secret(self):
        company = STAGE.company()
        self.assertEqual(company.webhook(company.order("A-1", 30))[0], 202)
        company.until_ended(1)
        logs = wait_until("the run is logged", lambda: (text := STAGE.logs()) and company.unit in text and text)
        for secret in [company.secret, *company.tokens]:
            self.assertNotIn(secret, logs)
        self.assertEqual(STAGE.queued("DeadQueueUrl"), (0, 0), "no dead letters")


def interrupt(*_):
    raise KeyboardInterrupt  # which unittest does not take for a failed test


def main():
    signal.signal(signal.SIGTERM, interrupt)
    global STAGE
    STAGE = Stage()
    try:
        runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2)
        result = unittest.main(testRunner=runner, exit=False).result
        if not result.wasSuccessful():
            print(f"the emulator's last words:\n{STAGE.emulator.log.read_text(errors='replace')[-4000:]}")
    finally:
        STAGE.stop()
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
