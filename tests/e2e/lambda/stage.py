"""Emulator, deployed stack and simulated kintone, and what tests do to them."""

import json
import tempfile
import time

from company import Company
from deployment import Deployment
from emulator import Emulator
from kintone import Kintone


class Stage:
    """Emulator, deployed stack and simulated kintone: one for all tests."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="suiro-e2e-")
        self.emulator = self.kintone = None
        try:
            self.emulator = Emulator(self.folder.name)
            self.kintone = Kintone()
            topics = self.emulator.client("sns")
            self.topic, self.other_topic = (topics.create_topic(Name=name)["TopicArn"] for name in ("owners", "others"))
            self.deployment = Deployment(self.emulator, self.folder.name, notice_topic=self.topic)
        except BaseException:
            self.stop()
            raise

    def company(self, **limits):
        return Company(self.deployment, self.kintone, self.folder.name, **limits)

    def invoke(self, function, event):
        """Invokes a function directly; what it answers."""
        answer = self.emulator.client("lambda").invoke(
            FunctionName=self.deployment.resources[function], Payload=json.dumps(event).encode()
        )
        body = answer["Payload"].read().decode()
        assert "FunctionError" not in answer, f"{function} failed: {body}"
        return json.loads(body)

    def listening(self, enabled):
        """Whether the worker takes nudges from the queue."""
        functions = self.emulator.client("lambda")
        [mapping] = functions.list_event_source_mappings()["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
        time.sleep(0 if enabled else 1)  # what it is polling for now is still delivered

    def sweeping(self, enabled):
        """Whether the schedule invokes the sweep."""
        scheduler = self.emulator.client("scheduler")
        [schedule] = scheduler.list_schedules()["Schedules"]
        found = scheduler.get_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
        kept = {name: found[name] for name in ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(**kept, State="ENABLED" if enabled else "DISABLED")

    def lose_nudges(self):
        self.emulator.client("sqs").purge_queue(QueueUrl=self.deployment.queue)

    def queued(self, queue="QueueUrl"):
        """(visible, hidden) messages."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.emulator.client("sqs").get_queue_attributes(
            QueueUrl=self.deployment.outputs[queue], AttributeNames=names
        )["Attributes"]
        return tuple(int(found[name]) for name in names)

    def subscribed(self, topic):
        """A new queue that gets what is published on a topic."""
        queues = self.emulator.client("sqs")
        url = queues.create_queue(QueueName=topic.rpartition(":")[2])["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url

    def published(self, queue):
        """What has been published since: subjects and messages."""
        found = self.emulator.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2)
        bodies = [json.loads(message["Body"]) for message in found.get("Messages", [])]
        return [(body["Subject"], body["Message"]) for body in bodies]

    def logs(self):
        """Everything that the functions and the HTTP API have logged."""
        client, lines = self.emulator.client("logs"), []
        for group in client.describe_log_groups()["logGroups"]:
            for page in client.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                lines += [event["message"] for event in page["events"]]
        return "\n".join(lines)

    def stop(self):
        for process in (self.kintone, self.emulator):
            if process:
                process.stop()
        self.folder.cleanup()


def delivery(message_id, body):
    """A nudge as SQS's event source hands it to the worker."""
    return {
        "Records": [
            {
                "messageId": message_id,
                "receiptHandle": f"handle-of-{message_id}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:ap-northeast-1:000000000000:nudges.fifo",
                "awsRegion": "ap-northeast-1",
            }
        ]
    }
