"""Both templates deployed as they stand, by a third-party CloudFormation under enforced IAM, and the real function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from deployment import EXTERNAL_ID, Census, Installation, scanner_template
from ministack_aws import (
    BUS,
    ORGANIZATION,
    REGIONS,
    Ministack,
    eventually,
    ministack,
    refusing,
    tomorrow_at,
)

# S3's IAM actions are not always named as its operations.
ACTION_OF = {"s3:HeadBucket": "s3:ListBucket", "s3:ListObjectsV2": "s3:ListBucket"}


@pytest.fixture(scope="module")
def aws(bootstrap: Path) -> Iterator[Ministack]:
    with ministack(bootstrap) as aws:
        yield aws


@pytest.fixture(scope="module")
def keys(aws: Ministack) -> dict[str, str]:
    """The keys of the organization, and the verdict on each."""
    keys = {}
    for account_id in ORGANIZATION:
        for region in REGIONS:
            idle, used = aws.idle_key(account_id, region), aws.kms_key(account_id, region)
            aws.past(used, created_days_ago=400, last_used_days_ago=1)
            keys |= {idle.id: "stale", used.id: "in_use"}
        access_key = aws.access_key(account_id, f"user-of-{account_id}")
        aws.past(access_key, created_days_ago=400)
        keys[access_key.id] = "never_used"
    return keys


@pytest.fixture(scope="module")
def installed(aws: Ministack, keys: dict[str, str]) -> Installation:
    installed = Installation(aws)
    installed.deploy(ExternalId=EXTERNAL_ID, EventBusName=BUS, LastUsageRps="100")
    return installed


@pytest.fixture(scope="module")
def census(installed: Installation) -> Census:
    return installed.invoke()


def test_a_census_by_hand_reads_every_key_of_every_account(census: Census, keys: dict[str, str]) -> None:
    assert census.error is None
    assert census.summary["coverage"]["complete"] is True
    assert census.summary["coverage"]["accounts"] == {"scanned": 3, "skipped": 0, "unreachable": 0}
    assert {row["key_id"]: row["verdict"] for row in census.keys} == keys


def test_no_call_is_denied_and_every_call_was_authorized(census: Census) -> None:
    assert census.denied == set()
    authorized = {call["action"] for call in census.calls}
    sent = {ACTION_OF.get(name, name) for name in census.summary["calls"]}
    assert sent - {"sts:GetCallerIdentity"} <= authorized


def test_the_digest_arrives(census: Census) -> None:
    [digest] = census.digests
    assert digest["Subject"].startswith("Keycensus: 9 keys unused for 90 days or more")
    assert json.loads(digest["Message"])["run_id"] == census.summary["run_id"]


def test_the_log_is_written_where_the_stack_says(census: Census) -> None:
    assert any("census finished" in line for line in census.log)


def test_the_schedule_starts_a_census_at_its_hour(aws: Ministack, installed: Installation, census: Census) -> None:
    mark = installed.mark()
    for hour in (1, 2):
        aws.ask("time", tomorrow_at(hour))
    scheduled = installed.census_on_its_own(mark)
    assert scheduled.summary["run_id"] != census.summary["run_id"]
    assert scheduled.summary["coverage"]["complete"] is True
    assert scheduled.denied == set()
    [digest] = scheduled.digests
    assert json.loads(digest["Message"])["run_id"] == scheduled.summary["run_id"]
    # Scheduler delivers an occurrence at least once, and each attempt has another execution ID.
    mark = installed.mark()
    aws.ask("time", tomorrow_at(2))
    again = installed.census_on_its_own(mark)
    assert again.summary["run_id"] == scheduled.summary["run_id"]
    assert again.digests == []


def test_an_event_that_is_delivered_twice_gives_one_report_and_one_digest(installed: Installation) -> None:
    event = json.loads((REPOSITORY / "events" / "eventbridge-rule.json").read_text(encoding="utf-8"))
    first, second = installed.invoke(event), installed.invoke(event)
    assert second.error is None
    assert second.summary["run_id"] == first.summary["run_id"] == installed.summary()["run_id"]
    assert (len(first.digests), len(second.digests)) == (1, 0)


def test_a_failing_run_is_tried_thrice_and_reaches_the_dead_letter_queue(
    aws: Ministack, installed: Installation
) -> None:
    mark, wrong = installed.mark(), {"stale_after_days": "soon"}
    installed.start(wrong)
    [letter] = eventually(lambda: aws.taken(installed.dead_letters()))
    record = json.loads(letter["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestPayload"] == wrong
    assert "stale_after_days" in record["responsePayload"]["errorMessage"]
    begun = [line for line in installed.census(mark, None).log if line.startswith("START RequestId: ")]
    assert len(begun) == 3
    assert len(set(begun)) == 1


def test_an_event_that_scheduler_cannot_hand_over_reaches_the_dead_letter_queue(
    aws: Ministack, installed: Installation
) -> None:
    with refusing(aws, installed.scanner.resources()["ScheduleRole"], "lambda:InvokeFunction"):
        aws.ask("time", tomorrow_at(2))
        [letter] = eventually(lambda: aws.taken(installed.dead_letters()))
    assert letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"] == "the role may not invoke the function"
    assert "scheduler" in letter["Body"]


def test_an_alarm_reaches_whoever_subscribed_to_the_topic_of_the_alarms(
    aws: Ministack, installed: Installation
) -> None:
    oncall, cloudwatch = aws.queue("oncall"), aws.client("cloudwatch")
    aws.client("sns").subscribe(TopicArn=installed.scanner.output("AlarmTopicArn"), Protocol="sqs", Endpoint=oncall)
    alarms = sorted(
        one["AlarmName"] for one in cloudwatch.describe_alarms(AlarmNamePrefix="keycensus-")["MetricAlarms"]
    )
    assert len(alarms) == 6
    for name in alarms:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    told = [json.loads(json.loads(message["Body"])["Message"])["AlarmName"] for message in aws.taken(oncall)]
    assert sorted(told) == alarms


def test_a_creation_that_fails_leaves_nothing_and_can_be_tried_again(aws: Ministack, installed: Installation) -> None:
    """As docs/DEPLOY.md says: a stack in ROLLBACK_COMPLETE can only be deleted."""
    buckets = names_of_buckets(aws)
    failing, in_order = Installation(aws, name="failing"), scanner_template()
    # AWS makes both at once.
    in_order["Resources"]["AthenaDatabase"]["DependsOn"] = "ReportBucketPolicy"
    taken = installed.scanner.output("AthenaDatabaseName")
    with pytest.raises(AssertionError, match=f"Database {taken} already exists"):
        failing.deploy_scanner(in_order, AthenaDatabaseName=taken)
    assert failing.scanner.status() == "ROLLBACK_COMPLETE"
    assert ("ReportBucket", "CREATE_COMPLETE") in failing.scanner.events()
    assert names_of_buckets(aws) == buckets
    failing.scanner.delete()
    failing.deploy_scanner(scanner_template(), AthenaDatabaseName="failing")
    assert names_of_buckets(aws) == buckets | {failing.scanner.output("ReportBucketName")}
    failing.scanner.delete()


def names_of_buckets(aws: Ministack) -> set[str]:
    return {bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]}


def test_deletion_leaves_the_bucket_and_nothing_else(aws: Ministack) -> None:
    gone = Installation(aws, name="gone")
    gone.deploy(AthenaDatabaseName="gone")
    gone.invoke()
    bucket = gone.scanner.output("ReportBucketName")
    gone.scanner.delete()
    policy: dict[str, Any] = json.loads(aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    assert {one["Sid"] for one in policy["Statement"]} == {"DenyPlainHttp", "DenyOldTls"}
    assert aws.client("s3").list_objects_v2(Bucket=bucket, Prefix="keycensus/latest/")["KeyCount"] > 0


def test_a_recreated_stack_goes_on_comparing_with_the_reports_that_are_copied_to_its_bucket(aws: Ministack) -> None:
    again = Installation(aws, name="again")
    again.deploy(AthenaDatabaseName="again")
    before = again.invoke()
    kept = again.scanner.output("ReportBucketName")
    assert before.summary["changes"]["first_census"], before.summary["changes"]
    again.scanner.delete()
    again.deploy(AthenaDatabaseName="again")
    copy_objects(aws, kept, again.scanner.output("ReportBucketName"))
    after = again.invoke()
    assert after.summary["previous"]["compared_with"] == before.summary["run_id"]
    assert {row["change"] for row in after.keys} == {"same"}


def copy_objects(aws: Ministack, source: str, target: str) -> None:
    """As ``aws s3 sync`` does."""
    s3 = aws.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=source):
        for one in page["Contents"]:
            s3.copy_object(Bucket=target, Key=one["Key"], CopySource={"Bucket": source, "Key": one["Key"]})
