"""Each condition of the deployed templates keeps something out, and each denial refuses something."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudformation import template
from deployment import EXTERNAL_ID, Installation, scanner_template
from ministack_aws import (
    BUS,
    MANAGEMENT,
    ORGANIZATION_ID,
    OUTSIDE,
    PAYMENTS,
    REGION,
    Ministack,
    eventually,
    ministack,
)
from removals import Removal, conditions, conditions_of_denials, denials

Attempt = Callable[[Installation], bool]
"""Does what a condition is there to refuse; whether it was let through."""


@pytest.fixture(scope="module")
def installed(bootstrap: Path) -> Iterator[Installation]:
    with ministack(bootstrap) as aws:
        installed = Installation(aws)
        key = aws.kms_key(MANAGEMENT, REGION).arn
        installed.deploy(
            ExternalId=EXTERNAL_ID, EventBusName=BUS, Digest="always", ReportEncryption=key, LongCensus="on"
        )
        yield installed


def as_scanner(installed: Installation, service: str, tls: str = "1.3") -> Any:
    """A client with the credentials of the scanner's function."""
    return as_role(installed.aws, installed.scanner.output("ScannerRoleArn"), service, tls)


def as_role(aws: Ministack, role_arn: str, service: str, tls: str = "1.3") -> Any:
    keys = aws.ask("credentials", role_arn)
    client = aws.client(service, **{name.lower(): value for name, value in keys.items()})
    client.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("x-tls", tls))
    return client


def let_through(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in DENIED, error
        return False
    return True


# Each protocol's, and SNS's own.
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def enter_an_account_outside(installed: Installation) -> bool:
    """A role of the member role's name, in another organization, that trusts the scanner."""
    reader = Installation(installed.aws, (MANAGEMENT, OUTSIDE))
    reader.deploy_reader(OUTSIDE, template("member-role.yaml"))
    arn = reader.readers[OUTSIDE].output("RoleArn")
    sts = as_scanner(installed, "sts")
    return let_through(sts.assume_role, RoleArn=arn, RoleSessionName="test", ExternalId=EXTERNAL_ID)


def use_the_key_directly(installed: Installation) -> bool:
    """Data keys of the reports' KMS key, otherwise than through S3."""
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in installed.scanner.description()["Parameters"]}
    kms = as_scanner(installed, "kms")
    return let_through(kms.generate_data_key, KeyId=parameters["ReportEncryption"], KeySpec="AES_256")


def put(**different: str) -> Attempt:
    """An event that differs from the census's own."""
    entry = {"EventBusName": BUS, "Source": "keycensus", "DetailType": "Keycensus Key Used Again", "Detail": "{}"}
    return lambda installed: let_through(as_scanner(installed, "events").put_events, Entries=[{**entry, **different}])


def schedule_of(account_id: str, group: str) -> Attempt:
    """Scheduler, for a schedule of this account or group."""

    def attempt(installed: Installation) -> bool:
        resources = installed.scanner.resources()
        own = installed.aws.client("scheduler").get_schedule_group(Name=resources["ScanScheduleGroup"])["Arn"]
        return installed.aws.ask(
            "trusts",
            {
                "role_arn": f"arn:aws:iam::{MANAGEMENT}:role/{resources['ScheduleRole']}",
                "service": "scheduler.amazonaws.com",
                "keys": {"aws:SourceAccount": account_id, "aws:SourceArn": group or own},
            },
        )

    return attempt


def execution_of(account_id: str, machine: str) -> Attempt:
    """Step Functions, for an execution of this account or state machine."""

    def attempt(installed: Installation) -> bool:
        own = installed.scanner.output("StateMachineArn")
        role = installed.scanner.resources()["LongCensusRole"]
        return installed.aws.ask(
            "trusts",
            {
                "role_arn": f"arn:aws:iam::{MANAGEMENT}:role/{role}",
                "service": "states.amazonaws.com",
                "keys": {"aws:SourceAccount": account_id, "aws:SourceArn": machine or own},
            },
        )

    return attempt


def enter_without_external_id(installed: Installation) -> bool:
    arn = installed.readers[PAYMENTS].output("RoleArn")
    return let_through(as_scanner(installed, "sts").assume_role, RoleArn=arn, RoleSessionName="test")


def enter_from_outside(installed: Installation) -> bool:
    """A scanner that the member role trusts, whose account belongs to another organization by now."""
    iam, name = installed.aws.client("iam", OUTSIDE), "scanner"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    enter = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    if name not in {role["RoleName"] for role in iam.list_roles()["Roles"]}:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        iam.put_role_policy(RoleName=name, PolicyName="enter", PolicyDocument=json.dumps({"Statement": [enter]}))
    sts = as_role(installed.aws, f"arn:aws:iam::{OUTSIDE}:role/{name}", "sts")
    arn = installed.readers[PAYMENTS].output("RoleArn")
    return let_through(sts.assume_role, RoleArn=arn, RoleSessionName="test", ExternalId=EXTERNAL_ID)


def over(tls: str, service: str, operation: str, **arguments: Callable[[Installation], str]) -> Attempt:
    """A call over a connection of a TLS version, or none."""
    return lambda installed: let_through(
        getattr(as_scanner(installed, service, tls), operation),
        **{name: value(installed) for name, value in arguments.items()},
    )


def bucket(installed: Installation) -> str:
    return installed.scanner.output("ReportBucketName")


def write(tls: str) -> Attempt:
    return over(tls, "s3", "put_object", Bucket=bucket, Key=lambda _: "keycensus/runs/test")


def look(tls: str) -> Attempt:
    return over(tls, "s3", "list_objects_v2", Bucket=bucket)


send = over(
    "none",
    "sqs",
    "send_message",
    QueueUrl=lambda one: one.scanner.output("DeadLetterQueueUrl"),
    MessageBody=lambda _: "x",
)
publish = over(
    "none", "sns", "publish", TopicArn=lambda one: one.scanner.output("DigestTopicArn"), Message=lambda _: "x"
)


def alarm(account_id: str = MANAGEMENT, service: str = "cloudwatch", secure: bool = True) -> Attempt:
    """CloudWatch, for an alarm; or for something else, or of another account, or over plain HTTP."""

    def attempt(installed: Installation) -> bool:
        source = f"arn:aws:{service}:{REGION}:{MANAGEMENT}:alarm:keycensus-census-failed"
        return installed.aws.ask(
            "lets_publish",
            {
                "topic_arn": installed.scanner.output("AlarmTopicArn"),
                "service": "cloudwatch.amazonaws.com",
                "keys": {"aws:SourceAccount": account_id, "aws:SourceArn": source},
                "secure": secure,
            },
        )

    return attempt


# By what has the policy, which statement, and what is taken away.
ATTEMPTS: dict[str, list[Attempt]] = {
    "ScannerRole-EnterMemberAccounts-aws:ResourceOrgID": [enter_an_account_outside],
    "ScannerRole-EncryptReports-kms:ViaService": [use_the_key_directly],
    "ScannerRole-PutEvents-events:source": [put(Source="payments")],
    "ScannerRole-PutEvents-events:detail-type": [put(DetailType="Keycensus Key Deleted")],
    "ScheduleRole-trust-aws:SourceAccount": [schedule_of(OUTSIDE, "")],
    "ScheduleRole-trust-aws:SourceArn": [schedule_of(MANAGEMENT, "arn:aws:scheduler:eu-west-1::schedule-group/x")],
    "LongCensusRole-trust-aws:SourceAccount": [execution_of(OUTSIDE, "")],
    "LongCensusRole-trust-aws:SourceArn": [
        execution_of(MANAGEMENT, "arn:aws:states:eu-west-1:111111111111:stateMachine:x")
    ],
    "AlarmTopicPolicy-LetAlarmsPublish-aws:SourceAccount": [alarm(account_id=OUTSIDE)],
    "AlarmTopicPolicy-LetAlarmsPublish-aws:SourceArn": [alarm(service="logs")],
    "AlarmTopicPolicy-DenyPlainHttp-all": [alarm(secure=False)],
    "ReaderRole-trust-sts:ExternalId": [enter_without_external_id],
    "ReaderRole-trust-aws:PrincipalOrgID": [enter_from_outside],
    "DeadLetterQueuePolicy-DenyPlainHttp-all": [send],
    "DigestTopicPolicy-DenyPlainHttp-all": [publish],
    "ReportBucketPolicy-DenyPlainHttp-all": [write("none"), look("none")],
    "ReportBucketPolicy-DenyPlainHttp-ReportBucket.Arn": [look("none")],
    "ReportBucketPolicy-DenyPlainHttp-${ReportBucket.Arn}/*": [write("none")],
    "ReportBucketPolicy-DenyOldTls-all": [write("1.1"), look("1.1")],
    "ReportBucketPolicy-DenyOldTls-ReportBucket.Arn": [look("1.1")],
    "ReportBucketPolicy-DenyOldTls-${ReportBucket.Arn}/*": [write("1.1")],
}


@pytest.mark.parametrize("removal", conditions("template.yaml") + denials("template.yaml"), ids=str)
def test_what_the_scanner_s_stack_keeps_out_comes_in_without(installed: Installation, removal: Removal) -> None:
    installed.deploy_scanner(scanner_template())
    assert not any(attempt(installed) for attempt in ATTEMPTS[str(removal)])
    installed.deploy_scanner(removal.apply(scanner_template()))
    assert all(attempt(installed) for attempt in ATTEMPTS[str(removal)])


@pytest.mark.parametrize("removal", conditions("member-role.yaml"), ids=str)
def test_what_the_member_role_keeps_out_comes_in_without(installed: Installation, removal: Removal) -> None:
    trusted = {"OrganizationId": ORGANIZATION_ID}
    if removal.what == "aws:PrincipalOrgID":
        trusted["ScannerRoleArn"] = f"arn:aws:iam::{OUTSIDE}:role/scanner"
    installed.deploy_reader(PAYMENTS, template("member-role.yaml"), **trusted)
    assert not any(attempt(installed) for attempt in ATTEMPTS[str(removal)])
    installed.deploy_reader(PAYMENTS, removal.apply(template("member-role.yaml")), **trusted)
    assert all(attempt(installed) for attempt in ATTEMPTS[str(removal)])


@pytest.mark.parametrize("removal", conditions_of_denials("template.yaml"), ids=str)
def test_a_denial_without_its_condition_denies_everything(installed: Installation, removal: Removal) -> None:
    installed.deploy_scanner(removal.apply(scanner_template()))
    match removal.resource:
        case "AlarmTopicPolicy":
            assert not alarm()(installed)
        case "DeadLetterQueuePolicy":
            before = len(installed.aws.ask("calls"))
            installed.start({"stale_after_days": "soon"})
            [handed_over] = eventually(
                lambda: [one for one in installed.aws.ask("calls")[before:] if one["action"] == "sqs:SendMessage"]
            )
            assert handed_over["allowed"] is False
        case _:
            assert installed.invoke().error is not None
