"""The Lambda function itself, in an organization that moto imitates: events in, reports and digest out.

At the end, what the function does not yet show of that imitation: IAM, read by boto3.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import REPOSITORY, WORLDS, Aws, Servers
from lambda_runtime import Invocation, LambdaFunction
from motoext.table import WorldError
from motoext.world import World

EVENTS = sorted((REPOSITORY / "events").glob("*.json"))
SETTINGS = {
    "KEYCENSUS_REPORT_PREFIX": "reports/keycensus",
    "KEYCENSUS_MEMBER_ROLE": "security/KeycensusReader",
    "KEYCENSUS_EXTERNAL_ID": "census-7f3a",
}
PREFIX = SETTINGS["KEYCENSUS_REPORT_PREFIX"]
COLUMNS = (
    "scan_date,account_id,account_name,ou_path,region,kind,key_id,arn,name,owner,manager,state,created_at,tracked_since,"
    "last_used_at,last_operation,last_service,last_used_region,cloudtrail_event_id,idle_days,verdict,flagged,exempt,"
    "recommendation,monthly_cost_usd,detail"
)
COVERAGE_COLUMNS = "scan_date,account_id,account_name,region,kind,status,keys,unreadable,error_code,detail"

Row = dict[str, str]


@pytest.fixture(scope="module")
def aws(servers: Servers) -> Aws:
    return servers.moto(WORLDS / "organization.toml")


@pytest.fixture(scope="module")
def function(aws: Aws, bootstrap: Path) -> Iterator[LambdaFunction]:
    with aws.function(bootstrap, **SETTINGS) as function:
        yield function


class Census:
    """One invocation with an empty event, and everything it left behind."""

    def __init__(self, aws: Aws, function: LambdaFunction) -> None:
        aws.read_back()
        before = len(aws.calls())
        self.invocation: Invocation = function.invoke({})
        self.summary: dict[str, Any] = self.invocation.result()
        self.calls = aws.calls()[before:]
        self.notifications = aws.read_back()
        self.date = self.summary["scanned_at"][:10]
        self.objects = objects(aws)
        self.keys = rows(self.objects[f"{PREFIX}/latest/keys.csv"])
        self.coverage = rows(self.objects[f"{PREFIX}/latest/coverage.csv"])


@pytest.fixture(scope="module")
def census(aws: Aws, function: LambdaFunction) -> Census:
    return Census(aws, function)


def objects(aws: Aws) -> dict[str, bytes]:
    s3, bucket = aws.client("s3"), aws.world.buckets[0].name
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    names = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    return {name: s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}


def rows(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def identity(row: Row) -> tuple[str, str, str]:
    return row["account_id"], row["region"], row["key_id"]


def expected(aws: Aws) -> dict[tuple[str, str, str], Any]:
    """Every key that a listing returns: the world marks those with the verdict to expect."""
    return {
        (account.id, key.region, key.id): key
        for account in aws.world.accounts
        for key in account.keys
        if key.expect is not None
    }


def test_every_listed_key_has_one_row_with_the_expected_verdict(aws: Aws, census: Census) -> None:
    assert Counter(map(identity, census.keys)).most_common(1)[0][1] == 1
    verdicts = {identity(row): row["verdict"] for row in census.keys}
    assert verdicts == {place: key.expect for place, key in expected(aws).items()}


def test_the_flagged_keys_are_those_the_world_expects(aws: Aws, census: Census) -> None:
    flagged = {identity(row): row["flagged"] for row in census.keys}
    assert flagged == {place: "true" if key.expect_flagged else "false" for place, key in expected(aws).items()}


def test_a_row_carries_what_aws_says_about_the_key(aws: Aws, census: Census) -> None:
    found = {identity(row): row for row in census.keys}
    for (account_id, region, key_id), key in expected(aws).items():
        row = found[account_id, region, key_id]
        assert row["scan_date"] == census.date
        assert row["account_name"] == aws.world.account(account_id).name
        assert row["kind"] == "kms_key"
        assert row["arn"] == f"arn:aws:kms:{region}:{account_id}:key/{key_id}"
        assert row["name"] == ";".join(sorted(key.aliases))
        assert row["manager"] == {"CUSTOMER": "customer", "AWS": "aws"}[key.manager]
        assert row["state"] == key.state
        if key.expect in ("in_use", "stale"):
            assert row["last_operation"] == key.operation
            assert row["cloudtrail_event_id"] == key.event_id
        owners = [key.tags[name] for name in ("owner", "Owner", "team", "Team") if name in key.tags]
        assert row["owner"] == (owners[0] if owners else "")
        assert row["exempt"] == ("true" if "keycensus:exempt" in key.tags else "false")
    assert found["444455556666", "eu-west-1", "44440000-0000-4000-8000-000000000001"]["idle_days"] == "90"


def test_keys_csv_has_the_columns_and_the_order_that_are_promised(census: Census) -> None:
    content = census.objects[f"{PREFIX}/latest/keys.csv"].decode("utf-8")
    assert content.splitlines()[0].startswith(COLUMNS)
    assert content.endswith("\n") and "\r" not in content
    order = [(row["account_id"], row["region"], row["kind"], row["key_id"]) for row in census.keys]
    assert order == sorted(order)


def test_every_account_and_every_cell_has_its_status(census: Census) -> None:
    content = census.objects[f"{PREFIX}/latest/coverage.csv"].decode("utf-8")
    assert content.splitlines()[0].startswith(COVERAGE_COLUMNS)
    statuses = {(row["account_id"], row["region"], row["kind"]): row["status"] for row in census.coverage}
    assert statuses == {
        ("111122223333", "us-east-1", "kms_key"): "scanned",
        ("222222222222", "eu-west-1", "kms_key"): "scanned",
        ("222222222222", "us-east-1", "kms_key"): "scanned",
        ("333333333333", "*", "*"): "unreachable",
        ("444455556666", "eu-central-1", "kms_key"): "denied",
        ("444455556666", "eu-west-1", "kms_key"): "partial",
        ("444455556666", "us-east-1", "kms_key"): "scanned",
        ("555555555555", "*", "*"): "skipped",
        ("666666666666", "eu-south-2", "kms_key"): "scanned",
        ("666666666666", "eu-west-1", "kms_key"): "scanned",
        ("666666666666", "us-east-1", "kms_key"): "scanned",
    }
    codes = {
        row["account_id"]: row["error_code"] for row in census.coverage if row["status"] in ("unreachable", "denied")
    }
    assert codes == {"333333333333": "AccessDenied", "444455556666": "AccessDeniedException"}


def test_the_summary_counts_what_the_files_hold(census: Census) -> None:
    summary = census.summary
    assert summary["schema"] == 1
    assert summary["stale_after_days"] == 90
    assert summary["coverage"]["complete"] is False
    assert summary["coverage"]["accounts"] == {"scanned": 4, "unreachable": 1, "skipped": 1}
    cells = Counter(row["status"] for row in census.coverage if row["region"] != "*")
    assert {status: count for status, count in summary["coverage"]["cells"].items() if count} == dict(cells)
    assert summary["keys"]["total"] == len(census.keys)
    assert summary["keys"]["flagged"] == sum(row["flagged"] == "true" for row in census.keys)
    verdicts = Counter(row["verdict"] for row in census.keys)
    assert {verdict: count for verdict, count in summary["keys"]["by_verdict"].items() if count} == dict(verdicts)
    cost = sum(float(row["monthly_cost_usd"]) for row in census.keys if row["flagged"] == "true")
    assert float(summary["keys"]["monthly_cost_usd_flagged"]) == pytest.approx(cost)


def test_the_reports_are_written_for_the_date_and_as_the_latest(aws: Aws, census: Census) -> None:
    bucket = aws.world.buckets[0].name
    for name in ("keys.csv", "coverage.csv", "summary.json"):
        dated = f"{PREFIX}/{name.partition('.')[0]}/date={census.date}/{name}"
        assert census.objects[dated] == census.objects[f"{PREFIX}/latest/{name}"]
        assert census.summary["report"][name.replace(".", "_")] == f"s3://{bucket}/{dated}"


def test_the_written_summary_is_the_answer_of_the_function(census: Census) -> None:
    written = json.loads(census.objects[f"{PREFIX}/latest/summary.json"])
    # The digest goes out after the reports, so only the answer can know its message ID, and how long it all took.
    told_later = ("digest", "elapsed_ms", "calls")
    assert {name: value for name, value in written.items() if name not in told_later} == {
        name: value for name, value in census.summary.items() if name not in told_later
    }


def test_the_digest_is_the_last_call_and_arrives_with_its_attributes(census: Census) -> None:
    assert census.calls[-1]["operation"] == "sns:Publish"
    [notification] = census.notifications
    assert notification["MessageId"] == census.summary["digest"]["message_id"]
    flagged = census.summary["keys"]["flagged"]
    subject = notification["Subject"]
    assert subject.isascii() and len(subject) < 100 and str(flagged) in subject
    attributes = {name: (value["Type"], value["Value"]) for name, value in notification["MessageAttributes"].items()}
    assert attributes["flagged"] == ("Number", str(flagged))
    assert attributes["coverage"] == ("String", "partial")
    # A queue receives the summary, where a mailbox receives text: MessageStructure is json.
    assert json.loads(notification["Message"])["keys"] == census.summary["keys"]


def test_the_usage_of_aws_managed_keys_is_never_asked_for(aws: Aws, census: Census) -> None:
    asked = {
        (call["account"], call["region"], call["resource"])
        for call in census.calls
        if call["operation"] == "kms:GetKeyLastUsage"
    }
    managed = {place for place, key in expected(aws).items() if key.manager == "AWS"}
    assert managed and not asked & managed


def test_the_calls_in_the_summary_are_the_calls_that_were_served(census: Census) -> None:
    served = Counter(call["operation"] for call in census.calls)
    told = census.summary["calls"]
    for operation in ("kms:ListKeys", "kms:GetKeyLastUsage"):
        assert told[operation]["sent"] == served[operation]
        assert told[operation]["throttled"] == 0


def test_there_are_events_to_try() -> None:
    assert EVENTS, f"no event payloads in {REPOSITORY / 'events'}"


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_an_event_works_as_it_stands(aws: Aws, function: LambdaFunction, path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    detail = event.get("detail", event)
    overrides = json.loads(detail) if isinstance(detail, str) else detail
    summary = function.invoke(event).result()
    assert summary["stale_after_days"] == overrides.get("stale_after_days", 90)
    read = {row["account_id"] for row in rows(objects(aws)[f"{PREFIX}/latest/keys.csv"])}
    accounts = overrides.get("accounts", [account.id for account in aws.world.accounts])
    assert read and read <= set(accounts)


def test_one_instance_serves_one_event_after_another(function: LambdaFunction) -> None:
    first, second = (function.invoke(event).result() for event in ({"digest": "never"}, {"digest": "never"}))
    assert first["run_id"] != second["run_id"]
    assert first["keys"] == second["keys"]


def test_no_digest_is_sent_when_the_event_says_never(aws: Aws, function: LambdaFunction) -> None:
    aws.read_back()
    assert function.invoke({"digest": "never"}).result()["digest"]["message_id"] is None
    assert aws.read_back() == []


def test_an_organizational_unit_covers_the_accounts_below_it_at_any_depth(aws: Aws, function: LambdaFunction) -> None:
    summary = function.invoke({"organizational_units": "ou-exam-prod0001", "digest": "never"}).result()
    assert summary["coverage"]["accounts"]["scanned"] == 2
    read = {row["account_id"] for row in rows(objects(aws)[f"{PREFIX}/latest/keys.csv"])}
    assert read == {"444455556666"}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        pytest.param({"stale_after_day": 180}, "stale_after_day", id="an unknown setting"),
        pytest.param({"stale_after_days": "soon"}, "stale_after_days", id="a word for a number"),
        pytest.param({"stale_after_days": 0}, "stale_after_days", id="a number out of range"),
        pytest.param({"digest": "sometimes"}, "digest", id="a choice there is not"),
        pytest.param({"accounts": "prod"}, "accounts", id="an account that is no account ID"),
        pytest.param(
            {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {"colour": "red"}},
            "colour",
            id="an unknown setting in the detail of an event",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_an_error_that_names_it_before_any_call(
    aws: Aws, function: LambdaFunction, event: dict[str, Any], named: str
) -> None:
    before = len(aws.calls())
    failed = function.invoke(event)
    assert failed.error_type == "SettingsError"
    assert named in (failed.error_message or "").lower()
    assert aws.calls()[before:] == []


def test_after_an_error_the_same_instance_serves_the_next_event(function: LambdaFunction) -> None:
    assert function.invoke({"colour": "red"}).error_type == "SettingsError"
    assert function.invoke({"digest": "never"}).result()["schema"] == 1


def test_a_bucket_that_does_not_exist_is_an_error_before_any_key_is_read(aws: Aws, bootstrap: Path) -> None:
    settings = {**SETTINGS, "KEYCENSUS_REPORT_BUCKET": "keycensus-no-such-bucket"}
    before = len(aws.calls())
    with aws.function(bootstrap, **settings) as function:
        failed = function.invoke({})
    assert failed.error_type is not None
    assert "keycensus-no-such-bucket" in (failed.error_message or "")
    assert [call for call in aws.calls()[before:] if call["operation"].startswith("kms:")] == []


def test_a_missing_bucket_setting_is_an_error_that_names_it(aws: Aws, bootstrap: Path) -> None:
    with aws.function(bootstrap, **{**SETTINGS, "KEYCENSUS_REPORT_BUCKET": None}) as function:
        failed = function.invoke({})
    assert failed.error_type == "SettingsError"
    assert "report_bucket" in (failed.error_message or "").lower()


def test_a_role_that_no_account_has_is_an_error_since_nothing_could_be_read(aws: Aws, bootstrap: Path) -> None:
    with aws.function(bootstrap, **{**SETTINGS, "KEYCENSUS_MEMBER_ROLE": "NoSuchRole"}) as function:
        failed = function.invoke({"accounts": "111122223333,444455556666"})
    assert failed.error_type is not None
    assert "NoSuchRole" in (failed.error_message or "")


def test_an_organization_that_cannot_be_listed_is_an_error_that_names_the_call(
    servers: Servers, bootstrap: Path
) -> None:
    aws = servers.moto(WORLDS / "not-delegated.toml")
    with aws.function(bootstrap) as function:
        failed = function.invoke({})
    assert failed.error_type is not None
    assert "ListAccounts" in (failed.error_message or "")
    assert "AccessDenied" in (failed.error_message or "")
    assert not any(call["operation"].startswith("kms:") for call in aws.calls())


def test_a_throttled_call_is_tried_again_and_counted(servers: Servers, bootstrap: Path) -> None:
    aws = servers.moto(WORLDS / "throttled.toml")
    with aws.function(bootstrap) as function:
        summary = function.invoke({}).result()
    assert summary["keys"]["by_verdict"]["stale"] == 1
    assert summary["coverage"]["complete"] is True
    assert summary["calls"]["kms:GetKeyLastUsage"] == {"sent": 3, "throttled": 2}


def test_no_credential_is_written_to_the_log(aws: Aws, census: Census) -> None:
    assert census.invocation.log
    assert aws.world.scanner.secret_access_key not in census.invocation.log
    assert aws.world.scanner.access_key_id not in census.invocation.log


# IAM, read by boto3

IAM_WORLD = """
now = "2026-11-21T02:00:00Z"

[[refuse]]
account = "555555555555"
operation = "iam:ListUsers"

[[refuse]]
account = "222222222222"
operation = "iam:GetAccessKeyLastUsed"
key = "AKIAREFUSED000000001"
code = "Throttling"
status = 400

[[refuse]]
account = "222222222222"
operation = "iam:ListUserTags"
key = "refused"

[[refuse]]
account = "333333333333"
operation = "iam:GetAccessKeyLastUsed"
key = "after"
code = "ServiceFailure"
status = 500

[[account]]
id = "111111111111"

[[account]]
id = "222222222222"
[account.credential_report]
age = "0d"
[[account.user]]
name = "Zoë, +=.@_-"
path = "/ci/deploy/"
created = "2024-02-29T12:34:56Z"
tags = { owner = "platform", "keycensus:exempt" = "break glass" }
[[account.user.access_key]]
id = "AKIAZOE0000000000001"
created = "2025-01-01T00:00:01Z"
last_used = "2026-11-20T13:44:59Z"
service = "ec2"
last_used_region = "eu-west-1"
[[account.user.access_key]]
id = "AKIAZOE0000000000002"
status = "Inactive"
[[account.user.access_key]]
id = "AKIAZOE0000000000003"
last_used = "1d"
[[account.user]]
name = "refused"
[[account.user.access_key]]
id = "AKIAREFUSED000000001"
[[account.user]]
name = "derived"
[[account.user.access_key]]
[[account.user.access_key]]

# There is a report, older than some of what the account holds now.
[[account]]
id = "333333333333"
[account.credential_report]
age = "2h"
[[account.root_access_key]]
created = "1200d"
last_used = "2026-11-01T10:29:59Z"
[[account.root_access_key]]
status = "Inactive"
created = "2025-06-01T00:00:00Z"
[[account.user]]
name = "before"
created = "2h"
[[account.user.access_key]]
id = "AKIABEFORE0000000001"
last_used = "1h"
[[account.user.access_key]]
id = "AKIABEFORE0000000002"
created = "1h"
[[account.user]]
name = "after"
created = "1h"
[[account.user.access_key]]
id = "AKIAAFTER00000000001"

# The report has expired, and another takes an hour.
[[account]]
id = "444444444444"
[account.credential_report]
age = "4h"
takes_ms = 3600000

[[account]]
id = "555555555555"
[account.credential_report]
age = "0d"
content = "user,arn\\n<root_account>,what a world says\\n"

# A report takes a moment, and the account holds nothing.
[[account]]
id = "666666666666"
[account.credential_report]
takes_ms = 50

# A report is generated at once.
[[account]]
id = "777777777777"
[account.credential_report]
takes_ms = 0
[[account.user]]
name = "b"
[[account.user]]
name = "a"
"""
KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
NO_KEY = ("false", "N/A", "N/A", "N/A", "N/A")


@pytest.fixture(scope="module")
def with_users(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    world = tmp_path_factory.mktemp("worlds") / "iam.toml"
    world.write_text(IAM_WORLD, encoding="utf-8")
    return servers.moto(world)


def iam(aws: Aws, account_id: str) -> Any:
    return aws.client("iam", "us-east-1", aws.enter(account_id))


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    """Error code and HTTP status of a call that AWS does not serve."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def answered(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def seconds(text: str) -> datetime:
    return datetime.fromisoformat(text)


def credential_report(client: Any) -> list[Row]:
    return rows(client.get_credential_report()["Content"])


def key_cells(row: Row, number: int) -> tuple[str, ...]:
    return tuple(row[f"access_key_{number}_{column}"] for column in KEY_COLUMNS)


def test_the_users_of_an_account_are_listed_by_name_and_as_the_world_has_them(with_users: Aws) -> None:
    answer = answered(iam(with_users, "222222222222").list_users())
    assert [user["UserName"] for user in answer["Users"]] == ["Zoë, +=.@_-", "derived", "refused"]
    assert answer["IsTruncated"] is False and "Marker" not in answer
    assert answer["Users"][0] == {
        "Path": "/ci/deploy/",
        "UserName": "Zoë, +=.@_-",
        "UserId": "AIDAHTEOUKFQHWZLVX6M",
        "Arn": "arn:aws:iam::222222222222:user/ci/deploy/Zoë, +=.@_-",
        "CreateDate": seconds("2024-02-29T12:34:56Z"),
    }
    assert answer["Users"][2]["CreateDate"] == seconds("2025-10-17T02:00:00Z"), "400 days before now"


def test_an_account_that_the_world_gives_no_users_has_none(with_users: Aws) -> None:
    assert answered(iam(with_users, "666666666666").list_users()) == {"Users": [], "IsTruncated": False}


def test_users_keys_and_tags_come_in_pages_when_asked_to(with_users: Aws) -> None:
    client, name = iam(with_users, "222222222222"), "Zoë, +=.@_-"
    for operation, member, arguments, whole in (
        ("list_users", "Users", {}, 3),
        ("list_access_keys", "AccessKeyMetadata", {"UserName": name}, 3),
        ("list_user_tags", "Tags", {"UserName": name}, 2),
    ):
        pages = list(client.get_paginator(operation).paginate(**arguments, PaginationConfig={"PageSize": 1}))
        assert [page["IsTruncated"] for page in pages] == [True] * (whole - 1) + [False]
        single = getattr(client, operation)(**arguments)
        assert [item for page in pages for item in page[member]] == single[member]
        assert len(single[member]) == whole


def test_the_access_keys_of_a_user_are_those_of_the_world(with_users: Aws) -> None:
    listed = iam(with_users, "222222222222").list_access_keys(UserName="Zoë, +=.@_-")["AccessKeyMetadata"]
    user_created = seconds("2024-02-29T12:34:56Z")
    assert [tuple(key.values()) for key in listed] == [
        ("Zoë, +=.@_-", "AKIAZOE0000000000001", "Active", seconds("2025-01-01T00:00:01Z")),
        ("Zoë, +=.@_-", "AKIAZOE0000000000002", "Inactive", user_created),
        ("Zoë, +=.@_-", "AKIAZOE0000000000003", "Active", user_created),
    ]


def test_access_key_ids_that_a_world_leaves_out_are_derived_from_where_the_keys_are(with_users: Aws) -> None:
    listed = iam(with_users, "222222222222").list_access_keys(UserName="derived")["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in listed] == ["AKIAS3LUGVAN3JAHHDCG", "AKIANN4R7ABCP2W6ZTE5"]


def test_the_tags_of_a_user_are_those_of_the_world(with_users: Aws) -> None:
    client = iam(with_users, "222222222222")
    tags = client.list_user_tags(UserName="Zoë, +=.@_-")["Tags"]
    assert tags == [{"Key": "owner", "Value": "platform"}, {"Key": "keycensus:exempt", "Value": "break glass"}]
    assert answered(client.list_user_tags(UserName="derived")) == {"Tags": [], "IsTruncated": False}


def test_the_last_use_of_an_access_key_is_told_to_the_second(with_users: Aws) -> None:
    client = iam(with_users, "222222222222")
    assert answered(client.get_access_key_last_used(AccessKeyId="AKIAZOE0000000000001")) == {
        "UserName": "Zoë, +=.@_-",
        "AccessKeyLastUsed": {
            "LastUsedDate": seconds("2026-11-20T13:44:59Z"),
            "ServiceName": "ec2",
            "Region": "eu-west-1",
        },
    }
    by_default = client.get_access_key_last_used(AccessKeyId="AKIAZOE0000000000003")["AccessKeyLastUsed"]
    assert by_default == {
        "LastUsedDate": seconds("2026-11-20T02:00:00Z"),
        "ServiceName": "s3",
        "Region": "us-east-1",
    }


def test_the_last_use_of_a_key_never_used_has_no_date(with_users: Aws) -> None:
    answer = iam(with_users, "222222222222").get_access_key_last_used(AccessKeyId="AKIAZOE0000000000002")
    assert answer["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}


def test_a_user_who_is_not_there_is_no_such_entity(with_users: Aws) -> None:
    client = iam(with_users, "333333333333")
    for call in (client.list_access_keys, client.list_user_tags):
        assert refused(call, UserName="derived") == ("NoSuchEntity", 404)


@pytest.mark.parametrize("key_id", ["AKIANOBODYS000000001", "AKIAZOE0000000000001"], ids=["nobody's", "another's"])
def test_the_last_use_of_a_key_outside_the_account_is_not_told(with_users: Aws, key_id: str) -> None:
    call = iam(with_users, "333333333333").get_access_key_last_used
    assert refused(call, AccessKeyId=key_id) == ("AccessDenied", 403)


def test_iam_operations_are_refused_as_the_world_says(with_users: Aws) -> None:
    assert refused(iam(with_users, "555555555555").list_users) == ("AccessDenied", 403)
    client = iam(with_users, "222222222222")
    assert refused(client.get_access_key_last_used, AccessKeyId="AKIAREFUSED000000001") == ("Throttling", 400)
    assert refused(client.list_user_tags, UserName="refused") == ("AccessDenied", 403)
    assert client.list_access_keys(UserName="refused")["AccessKeyMetadata"], "only the named operation is refused"
    by_user = iam(with_users, "333333333333").get_access_key_last_used
    assert refused(by_user, AccessKeyId="AKIAAFTER00000000001") == ("ServiceFailure", 500)
    assert by_user(AccessKeyId="AKIABEFORE0000000001")["UserName"] == "before", "only the named user is refused"


def test_the_access_key_of_a_user_is_no_credential(with_users: Aws) -> None:
    credentials = {"AccessKeyId": "AKIAZOE0000000000001", "SecretAccessKey": "unknown"}
    call = with_users.client("iam", "us-east-1", credentials).list_users
    assert refused(call) == ("InvalidClientTokenId", 403)


def test_iam_calls_are_logged_with_the_key_or_the_user_they_are_about(with_users: Aws) -> None:
    client = iam(with_users, "333333333333")
    before = len(with_users.calls())
    client.get_access_key_last_used(AccessKeyId="AKIABEFORE0000000001")
    client.list_access_keys(UserName="before")
    client.list_users()
    assert [(call["operation"], call["account"], call["resource"]) for call in with_users.calls()[before:]] == [
        ("iam:GetAccessKeyLastUsed", "333333333333", "AKIABEFORE0000000001"),
        ("iam:ListAccessKeys", "333333333333", "before"),
        ("iam:ListUsers", "333333333333", ""),
    ]


def test_a_credential_report_is_there_after_it_has_been_generated(with_users: Aws) -> None:
    client = iam(with_users, "777777777777")
    assert refused(client.get_credential_report) == ("ReportNotPresent", 410)
    started = answered(client.generate_credential_report())
    assert started == {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}
    assert answered(client.generate_credential_report()) == {"State": "COMPLETE"}
    answer = client.get_credential_report()
    assert answer["ReportFormat"] == "text/csv"
    assert answer["GeneratedTime"] >= with_users.world.now
    assert [row["user"] for row in rows(answer["Content"])] == ["<root_account>", "a", "b"]


def test_a_credential_report_takes_its_time_and_bears_the_moment_it_was_begun(with_users: Aws) -> None:
    client = iam(with_users, "666666666666")
    states = [client.generate_credential_report()["State"]]
    while states[-1] != "COMPLETE":
        time.sleep(0.01)
        states.append(client.generate_credential_report()["State"])
    assert states[0] == "STARTED" and set(states[1:-1]) <= {"INPROGRESS"}
    [root] = credential_report(client)
    assert key_cells(root, 1) == key_cells(root, 2) == NO_KEY


def test_a_report_of_four_hours_ago_has_expired_and_is_generated_anew(with_users: Aws) -> None:
    client = iam(with_users, "444444444444")
    assert refused(client.get_credential_report) == ("ReportExpired", 410)
    assert client.generate_credential_report()["State"] == "STARTED"
    assert answered(client.generate_credential_report()) == {"State": "INPROGRESS"}
    assert refused(client.get_credential_report) == ("ReportInProgress", 404)


def test_the_credential_report_tells_of_a_users_first_two_keys(with_users: Aws) -> None:
    root, zoe, _, one_key = credential_report(iam(with_users, "222222222222"))
    assert zoe["arn"] == "arn:aws:iam::222222222222:user/ci/deploy/Zoë, +=.@_-"
    assert zoe["user_creation_time"] == "2024-02-29T12:34:56+00:00"
    used = ("2026-11-20T13:30:00+00:00", "eu-west-1", "ec2")
    assert key_cells(zoe, 1) == ("true", "2025-01-01T00:00:01+00:00", *used)
    assert key_cells(zoe, 2) == ("false", "2024-02-29T12:34:56+00:00", "N/A", "N/A", "N/A")
    assert zoe["additional_credentials_info"] == "Additional access keys: 1"
    assert key_cells(one_key, 2) == NO_KEY
    assert one_key["additional_credentials_info"] == root["additional_credentials_info"] == "N/A"
    assert (root["password_enabled"], zoe["password_enabled"]) == ("not_supported", "false")


def test_the_credential_report_is_the_only_place_that_tells_of_root_access_keys(with_users: Aws) -> None:
    client = iam(with_users, "333333333333")
    root = credential_report(client)[0]
    assert (root["user"], root["arn"]) == ("<root_account>", "arn:aws:iam::333333333333:root")
    used = ("2026-11-01T10:15:00+00:00", "us-east-1", "s3")
    assert key_cells(root, 1) == ("true", "2023-08-09T02:00:00+00:00", *used)
    assert key_cells(root, 2) == ("false", "2025-06-01T00:00:00+00:00", "N/A", "N/A", "N/A")


def test_a_credential_report_shows_the_account_as_it_was_when_it_was_begun(with_users: Aws) -> None:
    client = iam(with_users, "333333333333")
    assert client.get_credential_report()["GeneratedTime"] == seconds("2026-11-21T00:00:00Z")
    _, *shown = credential_report(client)
    assert [row["user"] for row in shown] == ["before"], "the other user was created later"
    assert key_cells(shown[0], 1) == ("true", "2026-11-21T00:00:00+00:00", "N/A", "N/A", "N/A"), "it was used later"
    assert key_cells(shown[0], 2) == NO_KEY, "it was created later"


def test_a_credential_report_that_the_world_writes_out_is_answered_as_written(with_users: Aws) -> None:
    content = iam(with_users, "555555555555").get_credential_report()["Content"]
    assert content == b"user,arn\n<root_account>,what a world says\n"


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        pytest.param('[[account.user]]\nname = "a"\ncolour = 1', "colour", id="an unknown field"),
        pytest.param("[[account.user]]", "name is missing", id="a user without a name"),
        pytest.param('[[account.user]]\nname = "ann"\n[[account.user]]\nname = "Ann"', "ann and Ann", id="one name"),
        pytest.param("[[account.root_access_key]]\n" * 3, "at most 2", id="three root access keys"),
        pytest.param('[[account.root_access_key]]\nid = "AKIA"', "unknown id", id="a root access key with an ID"),
        pytest.param('[[account.root_access_key]]\nstatus = "On"', "Inactive", id="a status there is not"),
        pytest.param('[account.credential_report]\nage = "old"', "age", id="an age that is none"),
        pytest.param(
            '[[account.user]]\nname = "a"\n' + '[[account.user.access_key]]\nid = "AKIATWICE00000000001"\n' * 2,
            "AKIATWICE00000000001",
            id="an access key twice",
        ),
    ],
)
def test_a_world_whose_iam_part_cannot_be_used_is_an_error_that_says_where(entries: str, named: str) -> None:
    with pytest.raises(WorldError, match=named):
        World.parse(f'[[account]]\nid = "111111111111"\n{entries}')
