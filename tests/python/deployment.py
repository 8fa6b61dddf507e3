"""An installation of Keycensus on ministack: its templates deployed as they stand, under enforced IAM."""

from __future__ import annotations

import csv
import io
import json
import os
import queue
import subprocess
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudformation import as_json, template
from conftest import HERE, REPOSITORY, address

MANAGEMENT, PAYMENTS, STOREFRONT = "111111111111", "222222222222", "333333333333"
ORGANIZATION = (MANAGEMENT, PAYMENTS, STOREFRONT)
OUTSIDE = "999999999999"
"""An account of another organization."""

REGION, REGIONS = "eu-west-1", ("eu-west-1", "us-east-1")
EXTERNAL_ID = "census-7f3a"
BUS = "security"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]

VENV = "target/ministack-venv"
PATIENCE_SECONDS = 60

Row = dict[str, str]


@dataclass(frozen=True)
class Key:
    kind: str
    account: str
    region: str
    id: str


@dataclass
class Ministack:
    """A server of ministack, and clients in its accounts."""

    url: str

    def client(self, service: str, account_id: str = MANAGEMENT, region: str = REGION, **credentials: str) -> Any:
        """A client of an account's root, whom ministack allows everything, or with the credentials of a role."""
        keys = credentials or {"aws_access_key_id": account_id, "aws_secret_access_key": "root"}
        retries = {"total_max_attempts": 1}
        config = Config(retries=retries, read_timeout=120, s3={"addressing_style": "path"}, proxies={})
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=config, **keys)

    def ask(self, what: str, value: Any = None) -> Any:
        """What the server tells and does beside AWS's own APIs: see ministackext/door.py."""
        request = urllib.request.Request(f"{self.url}/_ministackext/{what}", json.dumps(value).encode(), method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def kms_key(self, account_id: str, region: str, **tags: str) -> Key:
        listed = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
        made = self.client("kms", account_id, region).create_key(Tags=listed)
        return Key("kms", account_id, region, made["KeyMetadata"]["KeyId"])

    def access_key(self, account_id: str, user: str) -> Key:
        iam = self.client("iam", account_id)
        iam.create_user(UserName=user)
        return Key("iam", account_id, "global", iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"])

    def past(self, key: Key, **days_ago: float) -> None:
        """Gives a key an age and a last use."""
        self.ask("past", {**asdict(key), **days_ago})

    def queue(self, name: str) -> str:
        """A new queue, that topics and rules of its account may send to; its ARN."""
        sqs = self.client("sqs")
        url, arn = sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{name}"
        services = {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}
        statement = {"Effect": "Allow", "Principal": services, "Action": "sqs:SendMessage", "Resource": arn}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        return arn

    def taken(self, queue_arn: str) -> list[dict[str, Any]]:
        """Takes every message out of a queue."""
        sqs, found = self.client("sqs"), []
        url = sqs.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found += messages
        return found


@contextmanager
def ministack(*more: str) -> Iterator[Ministack]:
    """A server until the block ends, with a folder of its own for what it writes."""
    python = REPOSITORY / VENV / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python} is missing: run make {VENV}/ready", pytrace=False)
    with TemporaryDirectory(prefix="keycensus-ministack-") as folder:
        process = subprocess.Popen(
            [
                *(str(python), "-m", "ministackext"),
                *("--accounts", ",".join(ORGANIZATION), "--regions", ",".join(REGIONS)),
                # As older answers are.
                *("--without-paths", STOREFRONT),
                *more,
            ],
            cwd=HERE,
            env={**os.environ, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # Standard error is inherited: pytest shows what a server writes there below the test that fails.
            text=True,
        )
        try:
            lines: queue.Queue[str] = queue.Queue()
            threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
            yield Ministack(address(process, lines))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def eventually(what: Callable[[], Any]) -> Any:
    """The first answer that is true; what happens on its own takes a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := what()):
        assert time.monotonic() < deadline, f"nothing came of {what}"
        time.sleep(0.02)
    return answer


@dataclass
class Stack:
    """A stack of CloudFormation's."""

    aws: Ministack
    account_id: str
    name: str

    def deploy(self, template: dict[str, Any], **parameters: str) -> None:
        """Creates or updates it, as ``sam deploy`` does; parameters that are not given keep their value."""
        cloudformation = self.aws.client("cloudformation", self.account_id)
        before = self.description()
        given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        if before is not None:
            kept = {one["ParameterKey"] for one in before["Parameters"]} & template["Parameters"].keys()
            given += [{"ParameterKey": name, "UsePreviousValue": True} for name in kept - parameters.keys()]
        act = cloudformation.create_stack if before is None else cloudformation.update_stack
        act(
            StackName=self.name, TemplateBody=json.dumps(as_json(template)), Capabilities=CAPABILITIES, Parameters=given
        )
        eventually(lambda: not self.status().endswith("IN_PROGRESS"))
        assert self.status() == ("CREATE_COMPLETE" if before is None else "UPDATE_COMPLETE"), self.failures()

    def delete(self) -> None:
        self.aws.client("cloudformation", self.account_id).delete_stack(StackName=self.name)
        eventually(lambda: self.description() is None)

    def description(self) -> dict[str, Any] | None:
        try:
            [stack] = self.aws.client("cloudformation", self.account_id).describe_stacks(StackName=self.name)["Stacks"]
        except ClientError:
            return None
        return stack

    def status(self) -> str:
        return self.description()["StackStatus"]

    def failures(self) -> list[tuple[str, str]]:
        events = self.aws.client("cloudformation", self.account_id).describe_stack_events(StackName=self.name)
        return [
            (event["LogicalResourceId"], event.get("ResourceStatusReason", ""))
            for event in events["StackEvents"]
            if "FAILED" in event["ResourceStatus"]
        ]

    def output(self, name: str) -> str:
        return {one["OutputKey"]: one["OutputValue"] for one in self.description()["Outputs"]}[name]

    def resources(self) -> dict[str, str]:
        """Physical IDs, by logical ones."""
        cloudformation = self.aws.client("cloudformation", self.account_id)
        listed = cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}


def scanner_template() -> dict[str, Any]:
    """``template.yaml`` as ``sam package`` leaves it, which uploads the code and says where."""
    packaged = template("template.yaml")
    packaged["Resources"]["ScannerFunction"]["Properties"]["CodeUri"] = "s3://artifacts/bootstrap.zip"
    return packaged


def upload_code(aws: Ministack, bootstrap: Path) -> None:
    """The function's code. Its ``bootstrap`` is a script that becomes the built one, which is large."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("bootstrap", f'#!/bin/sh\nexec "{bootstrap}"\n')
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="artifacts", Key="bootstrap.zip", Body=package.getvalue())


@dataclass
class Census:
    """A run of the deployed function, and everything that it left behind."""

    summary: dict[str, Any] | None
    error: dict[str, Any] | None
    calls: list[dict[str, Any]]
    digests: list[dict[str, Any]]
    events: list[dict[str, Any]]
    log: list[str]
    keys: list[Row] = field(default_factory=list)
    coverage: list[Row] = field(default_factory=list)

    @cached_property
    def denied(self) -> set[str]:
        """The actions that some call or some service was denied."""
        return {call["action"] for call in self.calls if not call["allowed"]}

    def key(self, key_id: str) -> Row:
        [row] = [row for row in self.keys if row["key_id"] == key_id]
        return row


class Installation:
    """The scanner in the management account, the reader in every other, and who listens to what comes out."""

    def __init__(self, aws: Ministack, name: str = "keycensus") -> None:
        self.aws = aws
        self.scanner = Stack(aws, MANAGEMENT, name)
        self.readers = {account: Stack(aws, account, f"{name}-reader") for account in ORGANIZATION[1:]}
        self.topic_queue, self.bus_queue = aws.queue(f"{name}-digests"), aws.queue(f"{name}-events")
        self.subscribed: set[str] = set()

    def deploy(
        self,
        scanner: dict[str, Any] | None = None,
        reader: dict[str, Any] | None = None,
        **parameters: str,
    ) -> None:
        """Deploys both templates, in the order and with the parameters that docs/DEPLOY.md says."""
        self.scanner.deploy(scanner or scanner_template(), **parameters)
        topic = self.scanner.output("DigestTopicArn")
        if topic not in self.subscribed:
            self.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.topic_queue)
            self.subscribed.add(topic)
        given = {
            one["ParameterKey"]: one["ParameterValue"]
            for one in json.loads(self.scanner.output("MemberRoleParameters"))
        }
        path, _, role = f"/{self.scanner.output('MemberRole')}".rpartition("/")
        for stack in self.readers.values():
            stack.deploy(reader or template("member-role.yaml"), RolePath=f"{path}/", RoleName=role, **given)

    def function(self) -> str:
        return self.scanner.output("FunctionName")

    def dead_letters(self) -> str:
        """The ARN of the dead-letter queue."""
        return f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{self.scanner.output('DeadLetterQueueUrl').rpartition('/')[2]}"

    def invoke(self, event: Any = None) -> Census:
        """Has the function make a census, as ``aws lambda invoke`` does."""
        mark = self.mark()
        answer = self.aws.client("lambda").invoke(FunctionName=self.function(), Payload=json.dumps(event or {}))
        payload = json.load(answer["Payload"])
        failed = "FunctionError" in answer
        return self.census(mark, None if failed else payload, payload if failed else None)

    def mark(self) -> tuple[int, set[str]]:
        """What there was before a run: how many calls, which log streams."""
        self.aws.taken(self.topic_queue)
        self.aws.taken(self.bus_queue)
        return len(self.aws.ask("calls")), set(self.streams())

    def census_on_its_own(self, mark: tuple[int, set[str]]) -> Census:
        """What a run that an event started has left behind, once it is over."""
        eventually(lambda: len(self.streams()) > len(mark[1]))
        return self.census(mark, self.summary())

    def streams(self) -> list[str]:
        logs, group = self.aws.client("logs"), f"/aws/lambda/{self.scanner.name}"
        return [one["logStreamName"] for one in logs.describe_log_streams(logGroupName=group)["logStreams"]]

    def census(
        self, mark: tuple[int, set[str]], summary: dict[str, Any] | None, error: dict[str, Any] | None = None
    ) -> Census:
        """What a run left behind since ``mark``."""
        logs, group = self.aws.client("logs"), f"/aws/lambda/{self.scanner.name}"
        streams = [stream for stream in self.streams() if stream not in mark[1]]
        written = [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
        ]
        census = Census(
            summary,
            error,
            self.aws.ask("calls")[mark[0] :],
            [json.loads(message["Body"]) for message in self.aws.taken(self.topic_queue)],
            [json.loads(message["Body"]) for message in self.aws.taken(self.bus_queue)],
            written,
        )
        if summary and "report" in summary:
            census.keys = self.rows(summary["report"]["keys_csv"])
            census.coverage = self.rows(summary["report"]["coverage_csv"])
        return census

    def rule_to_queue(self) -> None:
        """Has what is put on the bus arrive in the queue."""
        events, rule = self.aws.client("events"), self.scanner.name
        events.put_rule(Name=rule, EventBusName=BUS, EventPattern='{"source": ["keycensus"]}')
        events.put_targets(Rule=rule, EventBusName=BUS, Targets=[{"Id": "queue", "Arn": self.bus_queue}])

    def read(self, url: str) -> bytes:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return self.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

    def rows(self, url: str) -> list[Row]:
        return list(csv.DictReader(io.StringIO(self.read(url).decode("utf-8"), newline="")))

    def summary(self, prefix: str = "keycensus") -> dict[str, Any]:
        """The summary of the last report."""
        return json.loads(self.read(f"s3://{self.scanner.output('ReportBucketName')}/{prefix}/latest/summary.json"))
