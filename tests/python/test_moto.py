"""The Lambda function itself, in an organization that moto imitates: events in, reports and digest out."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY, WORLDS, Aws, Servers
from lambda_runtime import Invocation, LambdaFunction
from motoext.identities import AccessKey, Password, ServiceCredential, User
from motoext.secrets import Secret
from motoext.world import Key

EVENTS = sorted((REPOSITORY / "events").glob("*.json"))
SETTINGS = {
    "KEYCENSUS_REPORT_PREFIX": "reports/keycensus",
    "KEYCENSUS_MEMBER_ROLE": "security/KeycensusReader",
    "KEYCENSUS_EXTERNAL_ID": "census-7f3a",
    "KEYCENSUS_KINDS": "kms,iam,passwords,secrets,service_credentials",
}
PREFIX = SETTINGS["KEYCENSUS_REPORT_PREFIX"]
COLUMNS = (
    "scan_date,account_id,account_name,ou_path,region,kind,key_id,arn,name,owner,manager,state,created_at,tracked_since,"
    "last_used_at,last_operation,last_service,last_used_region,cloudtrail_event_id,idle_days,verdict,flagged,exempt,"
    "recommendation,monthly_cost_usd,detail"
)
COVERAGE_COLUMNS = "scan_date,account_id,account_name,region,kind,status,keys,unreadable,error_code,detail"

Row = dict[str, str]
Place = tuple[str, str, str]


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


def told(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def identity(row: Row) -> Place:
    return row["account_id"], row["region"], row["key_id"]


def expected_kms_keys(aws: Aws) -> dict[Place, Key]:
    """Every KMS key that a listing returns: the world marks those with the verdict to expect."""
    return {
        (account.id, key.region, key.id): key
        for account in aws.world.accounts
        for key in account.keys
        if key.expect is not None
    }


def expected_access_keys(aws: Aws) -> dict[Place, tuple[User, AccessKey]]:
    """Every access key of a user."""
    return {
        (account.id, "global", key.id): (user, key)
        for account in aws.world.accounts
        for user in account.users
        for key in user.access_keys
    }


def expected_root_access_keys(aws: Aws) -> dict[Place, AccessKey]:
    """Every root access key, by what stands for its ID."""
    return {
        (account.id, "global", f"root_access_key_{number}"): key
        for account in aws.world.accounts
        for number, key in enumerate(account.root_access_keys, 1)
    }


def expected_passwords(aws: Aws) -> dict[Place, tuple[User | None, Password]]:
    """Every password of a user, and of a root user."""
    of_users = {
        (account.id, "global", user.name): (user, user.password)
        for account in aws.world.accounts
        for user in account.users
        if user.password is not None
    }
    return of_users | {
        (account.id, "global", "<root_account>"): (None, account.root_password)
        for account in aws.world.accounts
        if account.root_password is not None
    }


def expected_service_credentials(aws: Aws) -> dict[Place, tuple[User, ServiceCredential]]:
    """Every service-specific credential of a user."""
    return {
        (account.id, "global", credential.id): (user, credential)
        for account in aws.world.accounts
        for user in account.users
        for credential in user.service_credentials
    }


def expected_secrets(aws: Aws) -> dict[Place, Secret]:
    """Every secret that a listing returns."""
    return {
        (account.id, secret.region, secret.id): secret
        for account in aws.world.accounts
        for secret in account.secrets
        if secret.expect is not None
    }


def expected(aws: Aws) -> dict[Place, Any]:
    """Every key of any kind that has to have a row."""
    access_keys = {place: key for place, (_, key) in expected_access_keys(aws).items()}
    passwords = {place: password for place, (_, password) in expected_passwords(aws).items()}
    credentials = {place: credential for place, (_, credential) in expected_service_credentials(aws).items()}
    of_iam = access_keys | expected_root_access_keys(aws) | passwords | credentials
    return expected_kms_keys(aws) | of_iam | expected_secrets(aws)


def test_every_listed_key_has_one_row_with_the_expected_verdict(aws: Aws, census: Census) -> None:
    assert Counter(map(identity, census.keys)).most_common(1)[0][1] == 1
    verdicts = {identity(row): row["verdict"] for row in census.keys}
    assert verdicts == {place: key.expect for place, key in expected(aws).items()}


def test_the_flagged_keys_are_those_the_world_expects(aws: Aws, census: Census) -> None:
    flagged = {identity(row): row["flagged"] for row in census.keys}
    assert flagged == {place: "true" if key.expect_flagged else "false" for place, key in expected(aws).items()}


def test_a_row_carries_what_aws_says_about_the_kms_key(aws: Aws, census: Census) -> None:
    found = {identity(row): row for row in census.keys}
    for (account_id, region, key_id), key in expected_kms_keys(aws).items():
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
            assert row["kms_request_id"] == key.event_id[::-1]
        owners = [key.tags[name] for name in ("owner", "Owner", "team", "Team") if name in key.tags]
        assert row["owner"] == (owners[0] if owners else "")
        assert row["exempt"] == ("true" if "keycensus:exempt" in key.tags else "false")
    assert found["444455556666", "eu-west-1", "44440000-0000-4000-8000-000000000001"]["idle_days"] == "90"


def test_refused_uses_of_stopped_keys_are_counted_and_those_keys_brought_back(census: Census) -> None:
    columns = ["refused_uses", "refused_last_at", "refused_last_by", "recommendation"]
    found = {row["key_id"]: [row[column] for column in columns] for row in census.keys}
    [uses, at, by, recommendation] = found["44440000-0000-4000-8000-000000000004"]
    assert (uses, by, recommendation) == ("2", "arn:aws:sts::444455556666:assumed-role/nightly/job", "enable_again")
    assert at != ""
    assert found["44440000-0000-4000-8000-000000000007"] == ["0", "", "", "none"]
    assert found["44440000-0000-4000-8000-000000000001"][0] == ""


def test_a_row_carries_what_aws_says_about_the_access_key(aws: Aws, census: Census) -> None:
    found = {identity(row): row for row in census.keys}
    for place, (user, key) in expected_access_keys(aws).items():
        row = found[place]
        assert row["kind"] == "iam_access_key"
        assert row["name"] == user.name
        assert row["arn"] == f"arn:aws:iam::{place[0]}:user{user.path}{user.name}"
        assert (row["state"], row["manager"], row["monthly_cost_usd"]) == (key.status, "customer", "0.00")
        if key.expect in ("in_use", "stale"):
            assert key.last_use is not None
            assert (row["last_service"], row["last_used_region"]) == (key.last_use.service, key.last_use.region)
            # The server read the world's ages a moment before these tests did.
            assert abs(datetime.fromisoformat(row["last_used_at"]) - key.last_use.at) < timedelta(minutes=1)
        assert row["exempt"] == ("true" if "keycensus:exempt" in user.tags else "false")
    owners = {row["name"]: row["owner"] for row in census.keys if row["kind"] == "iam_access_key"}
    assert owners == {"before-tracking": "", "break-glass": "resilience", "deploy": "platform", "protected": ""}


def test_a_row_carries_what_the_credential_report_says_about_the_password(aws: Aws, census: Census) -> None:
    found = {identity(row): row for row in census.keys}
    for place, (user, password) in expected_passwords(aws).items():
        row = found[place]
        assert (row["state"], row["manager"], row["monthly_cost_usd"]) == ("", "customer", "0.00")
        if user is None:
            assert (row["kind"], row["name"], row["created_at"]) == ("root_password", "<root_account>", "")
        else:
            assert (row["kind"], row["name"]) == ("iam_password", user.name)
            assert row["arn"] == f"arn:aws:iam::{place[0]}:user{user.path}{user.name}"
            assert abs(datetime.fromisoformat(row["created_at"]) - password.changed) < timedelta(minutes=1)
            assert row["exempt"] == ("true" if "keycensus:exempt" in user.tags else "false")
            assert row["recommendation"] == ("remove_password" if password.expect_flagged else "none")
        if password.last_used is None:
            assert row["last_used_at"] == ""
        else:
            early = password.last_used - datetime.fromisoformat(row["last_used_at"])
            assert -timedelta(minutes=1) < early < timedelta(minutes=6)
    owners = {row["name"]: row["owner"] for row in census.keys if row["kind"] == "iam_password"}
    assert owners == {"before-tracking": "", "newcomer": "", "nobody": "", "somebody": "sales"}


def test_a_row_carries_what_iam_says_about_the_service_specific_credential(aws: Aws, census: Census) -> None:
    found = {identity(row): row for row in census.keys}
    for place, (user, credential) in expected_service_credentials(aws).items():
        row = found[place]
        assert (row["kind"], row["manager"], row["monthly_cost_usd"]) == ("service_credential", "customer", "0.00")
        assert row["name"] == ";".join(sorted([user.name, credential.service]))
        assert row["arn"] == f"arn:aws:iam::{place[0]}:user{user.path}{user.name}"
        assert row["state"] == credential.status
        assert (row["last_used_at"], row["tracked_since"], row["idle_days"]) == ("", "", "")
        assert abs(datetime.fromisoformat(row["created_at"]) - credential.created) < timedelta(minutes=1)
        if credential.expires is None:
            assert row["expires_at"] == ""
        else:
            assert abs(datetime.fromisoformat(row["expires_at"]) - credential.expires) < timedelta(minutes=1)
        assert row["exempt"] == ("true" if "keycensus:exempt" in user.tags else "false")
    advice = {row["key_id"]: row["recommendation"] for row in census.keys if row["kind"] == "service_credential"}
    assert advice == {
        "ACCABEDROCK0000000001": "set_expiry",
        "ACCABEDROCK0000000002": "rotate",
        "ACCALOGS0000000000001": "none",
        "ACCACODECOMMIT0000001": "rotate",
        "ACCACODECOMMIT0000002": "none",
        "ACCAEXEMPT00000000001": "none",
    }
    listed = Counter(
        call["account"] for call in census.calls if call["operation"] == "iam:ListServiceSpecificCredentials"
    )
    assert set(listed.values()) == {1}


def test_a_row_carries_what_secrets_manager_says_about_the_secret(aws: Aws, census: Census) -> None:
    found = {identity(row): row for row in census.keys}
    for place, secret in expected_secrets(aws).items():
        row = found[place]
        assert (row["kind"], row["name"], row["monthly_cost_usd"]) == ("secret", secret.name, "0.40")
        assert row["arn"] == f"arn:aws:secretsmanager:{secret.region}:{place[0]}:secret:{secret.id}"
        assert row["manager"] == ("customer" if secret.owning_service is None else "aws")
        assert row["state"] == ("RotationEnabled" if secret.rotation else "")
        assert row["tracked_since"] == ""
        assert abs(datetime.fromisoformat(row["created_at"]) - secret.created) < timedelta(minutes=1)
        used = "" if secret.last_accessed is None else f"{secret.last_accessed.astimezone(UTC):%Y-%m-%d}T00:00:00Z"
        assert row["last_used_at"] == used
        assert row["exempt"] == ("true" if "keycensus:exempt" in secret.tags else "false")
    advice = {
        row["name"]: row["recommendation"]
        for row in census.keys
        if row["flagged"] == "true" and row["kind"] == "secret"
    }
    assert advice == {
        "prod/stale": "schedule_deletion",
        "prod/never": "schedule_deletion",
        "global/db": "check_by_hand",
    }
    primary = next(row for row in census.keys if row["name"] == "global/db" and row["region"] == "eu-west-1")
    assert primary["detail"] == "primary idle; set in use in us-east-1"
    called = {call["operation"] for call in census.calls if call["operation"].startswith("secretsmanager:")}
    assert called == {"secretsmanager:ListSecrets"}


def test_access_keys_come_with_what_to_do_about_them(census: Census) -> None:
    advice = {row["key_id"]: row["recommendation"] for row in census.keys if row["kind"].endswith("access_key")}
    assert advice == {
        "AKIAEXEMPT0000000001": "none",
        "AKIAINUSE00000000001": "rotate",
        "AKIAOLDEST0000000001": "deactivate",
        "AKIAPROTECTED0000001": "grant_access",
        "AKIAREPLACED00000001": "delete",
        "root_access_key_1": "remove_root_key",
        "root_access_key_2": "remove_root_key",
    }


def test_root_access_keys_come_with_the_time_of_the_report_that_told_of_them(aws: Aws, census: Census) -> None:
    found = {identity(row): row for row in census.keys}
    for place, key in expected_root_access_keys(aws).items():
        row = found[place]
        assert (row["kind"], row["name"], row["state"]) == ("root_access_key", "<root_account>", key.status)
        iam = aws.inside(place[0], "iam", "us-east-1")
        assert row["detail"] == f"credential report of {told(iam.get_credential_report()['GeneratedTime'])}"


def test_users_without_keys_are_asked_about_only_where_the_report_is_older_than_the_census(census: Census) -> None:
    asked = sorted(
        (call["account"], call["resource"]) for call in census.calls if call["operation"] == "iam:ListAccessKeys"
    )
    older = [
        ("444455556666", name)
        for name in ("before-tracking", "break-glass", "newcomer", "nobody", "protected", "somebody", "zoe")
    ]
    assert asked == [("111122223333", "deploy"), *older]


def test_keys_csv_has_the_columns_and_the_order_that_are_promised(census: Census) -> None:
    content = census.objects[f"{PREFIX}/latest/keys.csv"].decode("utf-8")
    assert content.splitlines()[0].startswith(COLUMNS)
    assert content.endswith("\n") and "\r" not in content
    order = [(row["account_id"], row["region"], row["kind"], row["key_id"]) for row in census.keys]
    assert order == sorted(order)


def test_every_account_and_every_cell_has_its_status(aws: Aws, census: Census) -> None:
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
        ("111122223333", "global", "iam_access_key"): "scanned",
        ("222222222222", "global", "iam_access_key"): "scanned",
        ("444455556666", "global", "iam_access_key"): "partial",
        ("666666666666", "global", "iam_access_key"): "scanned",
        **{
            (account.id, region, "secret"): "scanned"
            for account in aws.world.accounts
            for region in account.regions
            if account.id not in ("333333333333", "555555555555")
        },
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


def test_the_digest_goes_out_after_the_report_and_arrives_with_its_attributes(census: Census) -> None:
    operations = [call["operation"] for call in census.calls]
    # The two records of what became of it, of the event and of the report's lease, are all that is written after it.
    assert operations[operations.index("sns:Publish") :] == ["sns:Publish", "s3:PutObject", "s3:PutObject"]
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
    managed = {place for place, key in expected_kms_keys(aws).items() if key.manager == "AWS"}
    assert managed and not asked & managed


def test_the_calls_in_the_summary_are_the_calls_that_were_served(census: Census) -> None:
    served = Counter(call["operation"] for call in census.calls)
    told = census.summary["calls"]
    for operation in ("kms:ListKeys", "kms:GetKeyLastUsage", "iam:GetCredentialReport", "iam:GetAccessKeyLastUsed"):
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
    # What is new to the first depends on what other tests have left; to the second, nothing is.
    assert second["keys"] == first["keys"] | {"newly_flagged": 0}
    assert second["changes"] | {"compared_with": None} == {
        "compared_with": None,
        "first_census": None,
        "first_census_cause": None,
        "new": 0,
        "newly_flagged": 0,
        "needed_again": 0,
        "used_again": 0,
        "state_changed": 0,
        "gone": 0,
        "unseen": 0,
    }


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


def test_no_access_key_id_is_written_to_the_log_or_sent(aws: Aws, census: Census) -> None:
    [notification] = census.notifications
    for _, _, key_id in expected_access_keys(aws):
        assert key_id not in census.invocation.log
        assert key_id not in json.dumps(notification)
