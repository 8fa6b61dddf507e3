"""Each permission of the deployed templates is needed: without it, the very call is denied and the census shows it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudformation import template
from conftest import REPOSITORY, built
from deployment import EXTERNAL_ID, Census, Installation, executed, scanner_template
from ministack_aws import (
    BUS,
    CHAT_TOPIC,
    MANAGEMENT,
    ORGANIZATION,
    REGION,
    REGIONS,
    Key,
    Ministack,
    eventually,
    ministack,
    refusing,
    tomorrow_at,
)
from removals import Removal, permissions

OF_SCANNER, OF_READER = permissions("template.yaml"), permissions("member-role.yaml")

MEMBER_ROLE = "audit/KeyReader"
# Everything is on that a permission is for.
PARAMETERS = {
    "ExternalId": EXTERNAL_ID,
    "MemberRole": MEMBER_ROLE,
    "EventBusName": BUS,
    "ChatTopicArn": CHAT_TOPIC,
    "SecurityHub": "on",
    "Secrets": "on",
    "ServiceCredentials": "on",
    "RefusedUses": "on",
    "AuditGuard": "on",
    "Digest": "always",
    "LastUsageRps": "100",
}

Act = Callable[[Installation, Key, Callable[[], None]], None]


def populate(aws: Ministack, account_id: str) -> None:
    """The same keys in every account, with all that there is to read about a key."""
    for region in REGIONS:
        idle = aws.idle_key(account_id, region, owner="payments")
        aws.client("kms", account_id, region).create_alias(AliasName="alias/ledger", TargetKeyId=idle.id)
    disabled = aws.idle_key(account_id, REGION)
    aws.client("kms", account_id, REGION).disable_key(KeyId=disabled.id)
    access_key = aws.access_key(account_id, "batch")
    aws.client("iam", account_id).tag_user(UserName="batch", Tags=[{"Key": "owner", "Value": "payments"}])
    aws.past(access_key, created_days_ago=400)


@pytest.fixture(scope="module")
def key(bootstrap: Path) -> Iterator[tuple[Installation, Key]]:
    """An installation, and a key of the scanner's own account to do something to."""
    with ministack(bootstrap) as aws:
        for account_id in ORGANIZATION:
            populate(aws, account_id)
        installed = Installation(aws)
        key = aws.idle_key(MANAGEMENT, REGION)
        installed.deploy(**PARAMETERS, ReportEncryption=key.arn)
        yield installed, key


@pytest.mark.parametrize("permission", OF_SCANNER, ids=str)
def test_a_permission_of_the_scanner_s_stack_is_needed(key: tuple[Installation, Key], permission: Removal) -> None:
    installed, _ = key
    act = ACTS.get((permission.resource, permission.sid)) or ACTS.get(permission.what) or by_hand
    before = len(installed.aws.ask("calls"))
    long_census = "on" if act in OF_LONG_CENSUS else "off"
    act(*key, lambda: installed.deploy_scanner(permission.apply(scanner_template()), LongCensus=long_census))
    denied = {call["action"] for call in installed.aws.ask("calls")[before:] if not call["allowed"]}
    assert denied & set(permission.actions)
    assert denied <= {*permission.actions, *([SCHEDULED] if act is undelivered else [])}


def by_hand(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    installed.invoke()


def newly_flagged(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    change(installed, key, (1, 200), remove)


def used_again(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    change(installed, key, (200, 1), remove)


def needed_again(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    """Two censuses, and shortly before the second, without the permission, somebody is refused the use of a key."""
    installed.deploy_scanner(scanner_template())
    disabled = installed.aws.idle_key(MANAGEMENT, REGION)
    installed.aws.client("kms", MANAGEMENT, REGION).disable_key(KeyId=disabled.id)
    assert installed.invoke().error is None
    installed.aws.past(disabled, created_days_ago=400, last_used_days_ago=200, refused_days_ago=0.01)
    remove()
    assert installed.invoke().error is None


def change(installed: Installation, key: Key, last_used: tuple[int, int], remove: Callable[[], None]) -> None:
    """Two censuses, with another last use of a key before each; the second without the permission."""
    installed.deploy_scanner(scanner_template())
    for days_ago, prepare in zip(last_used, (lambda: None, remove), strict=True):
        installed.aws.past(key, created_days_ago=400, last_used_days_ago=days_ago)
        prepare()
        assert installed.invoke().error is None


def delivered_twice(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    event = json.loads((REPOSITORY / "events" / "eventbridge-rule.json").read_text(encoding="utf-8"))
    for _ in range(2):
        installed.invoke(event)


def failing(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    before = len(installed.aws.ask("calls"))
    installed.start({"stale_after_days": "soon"})
    eventually(lambda: any(one["action"] == "sqs:SendMessage" for one in installed.aws.ask("calls")[before:]))


SCHEDULED = "lambda:InvokeFunction"


def scheduled(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    installed.aws.ask("time", tomorrow_at(2))


def undelivered(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    with refusing(installed.aws, installed.scanner.resources()["ScheduleRole"], SCHEDULED):
        installed.aws.ask("time", tomorrow_at(2))


def scheduled_to_be_long(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    executed(installed, lambda: installed.aws.ask("time", tomorrow_at(2)), least=0)


def failing_long(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    states, machine = installed.aws.client("stepfunctions"), installed.scanner.output("StateMachineArn")
    wrong = json.dumps({"stale_after_days": "soon"})
    executed(installed, lambda: states.start_execution(stateMachineArn=machine, input=wrong))


def not_to_be_logged(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    installed.deploy_scanner(scanner_template(), LongCensus="off")
    with pytest.raises(AssertionError, match="not authorized to access the Log Destination"):
        remove()


OF_LONG_CENSUS = {scheduled_to_be_long, failing_long, not_to_be_logged}


def alarmed(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
    remove()
    name = f"{installed.scanner.name}-census-failed"
    for state in ("OK", "ALARM"):
        installed.aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def of_another_run(file: str) -> Act:
    """A census that finds a file in latest/ which is not of the last run, as one leaves it that was cut off."""

    def act(installed: Installation, key: Key, remove: Callable[[], None]) -> None:
        installed.deploy_scanner(scanner_template())
        installed.invoke()
        bucket = installed.scanner.output("ReportBucketName")
        s3 = installed.aws.client("s3")
        s3.put_object(Bucket=bucket, Key=f"keycensus/latest/{file}", Body=b"of another run")
        remove()
        assert installed.invoke().error is None

    return act


# What has a permission used, where a census by hand without trouble does not.
ACTS: dict[str | tuple[str, str], Act] = {
    "events:PutEvents": newly_flagged,
    "Keycensus Key Newly Flagged": newly_flagged,
    "Keycensus Key Needed Again": needed_again,
    "Keycensus Key Used Again": used_again,
    "${ReportBucket.Arn}/${ReportPrefix}/runs/*": delivered_twice,
    "${ReportBucket.Arn}/${ReportPrefix}/coverage/*": of_another_run("coverage.csv"),
    "${ReportBucket.Arn}/${ReportPrefix}/keys/*": of_another_run("keys.csv"),
    "${ReportBucket.Arn}/${ReportPrefix}/unseen/*": of_another_run("unseen.csv"),
    ("ScannerRole", "HandOverFailedEvents"): failing,
    ("ScheduleRole", "StartScanner"): scheduled,
    ("ScheduleRole", "StartLongCensus"): scheduled_to_be_long,
    ("LongCensusRole", "InvokeScanner"): scheduled_to_be_long,
    ("LongCensusRole", "HandOverFailedCensuses"): failing_long,
    ("LongCensusRole", "LogExecutions"): not_to_be_logged,
    ("AlarmTopicPolicy", "LetAlarmsPublish"): alarmed,
    ("ScheduleRole", "HandOverUndeliveredEvents"): undelivered,
}


# Of the reader's role, every account lacks another permission; the last lacks none.
LACKING = {f"2222222222{number:02}": permission for number, permission in enumerate(OF_READER)}
HEALTHY = "333333333333"
EXPLAINS = "cloudtrail:LookupEvents"
"""Needed by ``keycensus explain``, and by a census where a key is disabled."""

WITHOUT_NAME = {"444444444444": "RoleName", "555555555555": "Path"}


@pytest.fixture(scope="module")
def census(bootstrap: Path) -> Iterator[Census]:
    accounts = [MANAGEMENT, *LACKING, *WITHOUT_NAME, HEALTHY]
    with ministack(bootstrap, accounts) as aws:
        for account_id in accounts:
            populate(aws, account_id)
        installed = Installation(aws, accounts)
        installed.deploy_scanner(scanner_template(), **PARAMETERS)
        for account_id in installed.readers:
            reader = template("member-role.yaml")
            if account_id in LACKING:
                reader = LACKING[account_id].apply(reader)
            if account_id in WITHOUT_NAME:
                del reader["Resources"]["ReaderRole"]["Properties"][WITHOUT_NAME[account_id]]
            installed.deploy_reader(account_id, reader, Explain="on")
        mark = installed.mark()
        summary = installed.invoke().summary
        for account_id, permission in LACKING.items():
            if permission.what == EXPLAINS:
                explain(installed, account_id)
        yield installed.census(mark, summary)


def explain(installed: Installation, account_id: str) -> None:
    """Has the command line explain a key that was used lately, with the scanner's credentials."""
    key = installed.aws.kms_key(account_id, REGION)
    installed.aws.past(key, created_days_ago=400, last_used_days_ago=1)
    explained = subprocess.run(
        [
            built("KEYCENSUS_CLI", "keycensus"),
            "explain",
            key.arn,
            "--member-role",
            MEMBER_ROLE,
            "--external-id",
            EXTERNAL_ID,
        ],
        env={
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": installed.aws.url,
            "AWS_REGION": REGION,
            **installed.aws.ask("credentials", installed.scanner.output("ScannerRoleArn")),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cloudtrail:LookupEvents AccessDenied" in explained.stdout
    # Not all could be read.
    assert explained.returncode == 4


def what_is_said_of(census: Census, account_id: str) -> list[list[str]]:
    """Rows of the report about an account, without what only names it."""
    own = ("account_id", "account_name", "arn", "key_id", "ou_path")
    rows = [row for row in census.keys + census.coverage if row["account_id"] == account_id]
    return sorted([value for column, value in row.items() if column not in own] for row in rows)


@pytest.mark.parametrize("account_id", LACKING, ids=lambda account_id: str(LACKING[account_id]))
def test_a_permission_of_the_member_role_is_needed(census: Census, account_id: str) -> None:
    denied = {
        call["action"] for call in census.calls if not call["allowed"] and call["principal"].split(":")[4] == account_id
    }
    assert denied == {*LACKING[account_id].actions}


@pytest.mark.parametrize(
    "account_id",
    LACKING,
    ids=lambda account_id: str(LACKING[account_id]),
)
def test_the_report_shows_a_permission_that_the_member_role_lacks(census: Census, account_id: str) -> None:
    assert what_is_said_of(census, account_id) != what_is_said_of(census, HEALTHY)


@pytest.mark.parametrize("account_id", WITHOUT_NAME, ids=lambda account_id: WITHOUT_NAME[account_id])
def test_a_member_role_of_another_name_is_not_entered(census: Census, account_id: str) -> None:
    [row] = [row for row in census.coverage if row["account_id"] == account_id]
    assert (row["status"], row["error_code"]) == ("unreachable", "AccessDenied")


def test_an_account_whose_role_lacks_nothing_is_read_in_full(census: Census) -> None:
    rows = [row for row in census.coverage if row["account_id"] == HEALTHY]
    assert {row["status"] for row in rows} == {"scanned"}
    assert len(rows) == 2 * len(REGIONS) + 1
