"""An installation of Keycensus on ministack: its templates deployed as they stand, under enforced IAM."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from cloudformation import as_json, template
from ministack_aws import BUS, MANAGEMENT, ORGANIZATION, REGION, Ministack, eventually

EXTERNAL_ID = "census-7f3a"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]

Row = dict[str, str]


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
        url = self.upload(json.dumps(as_json(template)))
        try:
            act(StackName=self.name, TemplateURL=url, Capabilities=CAPABILITIES, Parameters=given)
        except ClientError as error:
            # sam deploy takes it for success that nothing differs.
            assert "No updates are to be performed" in str(error), error
            return
        eventually(lambda: not self.status().endswith("IN_PROGRESS"))
        assert self.status() == ("CREATE_COMPLETE" if before is None else "UPDATE_COMPLETE"), self.failures()

    def upload(self, template: str) -> str:
        """The URL of a template in S3, where ``sam deploy`` puts it too: a request takes 51,200 bytes at most."""
        s3 = self.aws.client("s3", self.account_id)
        bucket = f"templates-{self.account_id}"
        if bucket not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=bucket, Key=self.name, Body=template.encode())
        return f"{self.aws.url}/{bucket}/{self.name}"

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
        return [
            (event["LogicalResourceId"], event.get("ResourceStatusReason", ""))
            for event in self.told()
            if "FAILED" in event["ResourceStatus"]
        ]

    def events(self) -> set[tuple[str, str]]:
        """Every status that a resource has had, by its logical ID."""
        return {(event["LogicalResourceId"], event["ResourceStatus"]) for event in self.told()}

    def told(self) -> list[dict[str, Any]]:
        pages = self.aws.client("cloudformation", self.account_id).get_paginator("describe_stack_events")
        return [event for page in pages.paginate(StackName=self.name) for event in page["StackEvents"]]

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
    machine = packaged["Resources"]["LongCensusMachine"]["Properties"]
    machine["DefinitionUri"] = f"s3://artifacts/{machine['DefinitionUri']}"
    return packaged


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
    encryption: str | None = None
    """That of ``keys.csv``, as S3 says."""

    @cached_property
    def denied(self) -> set[str]:
        """The actions that some call or some service was denied."""
        return {call["action"] for call in self.calls if not call["allowed"]}

    def key(self, key_id: str) -> Row:
        [row] = [row for row in self.keys if row["key_id"] == key_id]
        return row


def executions(installed: Installation) -> list[dict[str, Any]]:
    """Those of the state machine, the last one first, with all that is said of each."""
    states = installed.aws.client("stepfunctions")
    listed = states.list_executions(stateMachineArn=installed.scanner.output("StateMachineArn"))["executions"]
    return [states.describe_execution(executionArn=one["executionArn"]) for one in listed]


def executed(installed: Installation, start: Callable[[], Any], least: int = 1) -> list[dict[str, Any]]:
    """The executions of the state machine that something starts, once all of them are over."""
    before = {one["executionArn"] for one in executions(installed)}
    start()

    def new() -> list[dict[str, Any]]:
        return [one for one in executions(installed) if one["executionArn"] not in before]

    eventually(lambda: len(new()) >= least and all(one["status"] != "RUNNING" for one in new()))
    return new()


class Installation:
    """The scanner in the management account, the reader in every other, and who listens to what comes out."""

    def __init__(self, aws: Ministack, accounts: Sequence[str] = ORGANIZATION, name: str = "keycensus") -> None:
        self.aws = aws
        self.scanner = Stack(aws, MANAGEMENT, name)
        self.readers = {account: Stack(aws, account, f"{name}-reader") for account in accounts[1:]}
        self.topic_queue, self.bus_queue = aws.queue(f"{name}-digests"), aws.queue(f"{name}-events")
        self.subscribed: set[str] = set()

    def deploy(self, **parameters: str) -> None:
        """Deploys both templates as they stand, in the order and with the parameters that docs/DEPLOY.md says."""
        self.deploy_scanner(scanner_template(), **parameters)
        for account_id in self.readers:
            self.deploy_reader(account_id, template("member-role.yaml"))

    def deploy_scanner(self, template: dict[str, Any], **parameters: str) -> None:
        self.scanner.deploy(template, **parameters)
        topic = self.scanner.output("DigestTopicArn")
        if topic not in self.subscribed:
            self.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.topic_queue)
            self.subscribed.add(topic)

    def deploy_reader(self, account_id: str, template: dict[str, Any], **parameters: str) -> None:
        path, _, role = f"/{self.scanner.output('MemberRole')}".rpartition("/")
        given = json.loads(self.scanner.output("MemberRoleParameters"))
        given = {one["ParameterKey"]: one["ParameterValue"] for one in given}
        self.readers[account_id].deploy(template, **{"RolePath": f"{path}/", "RoleName": role, **given, **parameters})

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

    def start(self, event: Any) -> None:
        """Gives the function an event and does not wait, as most services of AWS do."""
        self.aws.client("lambda").invoke(
            FunctionName=self.function(), InvocationType="Event", Payload=json.dumps(event).encode()
        )

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
            census.encryption = self.encryption(summary["report"]["keys_csv"])
        return census

    def rule_to_queue(self) -> None:
        """Has what is put on the bus arrive in the queue."""
        events, rule = self.aws.client("events"), self.scanner.name
        events.put_rule(Name=rule, EventBusName=BUS, EventPattern='{"source": ["keycensus"]}')
        events.put_targets(Rule=rule, EventBusName=BUS, Targets=[{"Id": "queue", "Arn": self.bus_queue}])

    def encryption(self, url: str) -> str | None:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return self.aws.client("s3").head_object(Bucket=bucket, Key=key).get("ServerSideEncryption")

    def read(self, url: str) -> bytes:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return self.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

    def rows(self, url: str) -> list[Row]:
        return list(csv.DictReader(io.StringIO(self.read(url).decode("utf-8"), newline="")))

    def summary(self, prefix: str = "keycensus") -> dict[str, Any]:
        """The summary of the last report."""
        return json.loads(self.read(f"s3://{self.scanner.output('ReportBucketName')}/{prefix}/latest/summary.json"))
