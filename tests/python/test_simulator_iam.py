"""boto3 reads users, access keys and credential reports from the simulator.

Each test runs against moto too, which ``motoext`` fills from the same world: what both answer is what we expect of AWS.
"""

from __future__ import annotations

import csv
import io
import time
from datetime import datetime
from typing import Any

import pytest

from conftest import Aws, Servers, iam, refused

Row = dict[str, str]

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

[[refuse]]
account = "888888888888"
operation = "iam:*"
key = "locked"

[[refuse]]
account = "888888888888"
operation = "iam:GenerateCredentialReport"

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
tags = { owner = "platform", "keycensus:exempt" = "R&D <only>" }
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

# Everything about the only user is refused, and the report too.
[[account]]
id = "888888888888"
[[account.user]]
name = "locked"
[[account.user.access_key]]
id = "AKIALOCKED0000000001"

# Users who are named as what reading their tags is refused with.
[[account]]
id = "999999999999"
"""
CODES = {
    "NoSuchEntity": 404,
    "LimitExceeded": 409,
    "ReportNotPresent": 410,
    "ReportExpired": 410,
    "ReportInProgress": 404,
    "ServiceFailure": 500,
    "InvalidClientTokenId": 403,
    "ExpiredToken": 403,
    "Throttling": 400,
}
for code in CODES:
    IAM_WORLD += f"""
[[account.user]]
name = "{code}"

[[refuse]]
account = "999999999999"
operation = "iam:ListUserTags"
key = "{code}"
code = "{code}"
"""
KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
NO_KEY = ("false", "N/A", "N/A", "N/A", "N/A")


@pytest.fixture
def with_users(imitation: str, servers: Servers) -> Aws:
    """The organization with users, access keys and credential reports."""
    return servers.start(imitation, servers.written(IAM_WORLD))


def answered(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def seconds(text: str) -> datetime:
    return datetime.fromisoformat(text)


def credential_report(client: Any) -> list[Row]:
    content = client.get_credential_report()["Content"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def key_cells(row: Row, number: int) -> tuple[str, ...]:
    return tuple(row[f"access_key_{number}_{column}"] for column in KEY_COLUMNS)


def test_the_users_of_an_account_are_listed_by_name_and_as_the_world_has_them(with_users: Aws) -> None:
    answer = answered(iam(with_users, "222222222222").list_users())
    assert [user["UserName"] for user in answer["Users"]] == ["Zoë, +=.@_-", "derived", "refused"]
    assert answer["IsTruncated"] is False and "Marker" not in answer
    assert answer["Users"][0].pop("UserId").startswith("AIDA")
    assert answer["Users"][0] == {
        "Path": "/ci/deploy/",
        "UserName": "Zoë, +=.@_-",
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
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"owner": "platform", "keycensus:exempt": "R&D <only>"}
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


def test_a_user_who_is_refused_is_refused_with_all_keys(with_users: Aws) -> None:
    client = iam(with_users, "888888888888")
    denied = ("AccessDenied", 403)
    assert refused(client.list_access_keys, UserName="locked") == denied
    assert refused(client.get_access_key_last_used, AccessKeyId="AKIALOCKED0000000001") == denied
    assert [user["UserName"] for user in client.list_users()["Users"]] == ["locked"]
    assert refused(client.generate_credential_report) == denied
    assert refused(client.get_credential_report) == ("ReportNotPresent", 410)


def test_a_refusal_comes_with_the_status_of_its_code(servers: Servers) -> None:
    # moto has one status for those that the world gives none.
    aws = servers.simulator(servers.written(IAM_WORLD))
    for code, status in CODES.items():
        assert refused(iam(aws, "999999999999").list_user_tags, UserName=code) == (code, status)


def test_only_users_below_a_path_are_listed_where_it_is_given(with_users: Aws) -> None:
    below = iam(with_users, "222222222222").list_users(PathPrefix="/ci/")["Users"]
    assert [user["UserName"] for user in below] == ["Zoë, +=.@_-"]
    assert iam(with_users, "777777777777").list_access_keys(UserName="a")["AccessKeyMetadata"] == []


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
    assert [row["user"] for row in credential_report(client)] == ["<root_account>", "a", "b"]


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
    created = "2015-01-01T00:00:00+00:00"
    console = ("not_supported", "no_information", "not_supported", "not_supported", "false")
    account = ("<root_account>", "arn:aws:iam::222222222222:root", created)
    assert tuple(root.values()) == (*account, *console, *NO_KEY, *NO_KEY, "false", "N/A", "false", "N/A", "N/A")
    assert tuple(zoe.values())[3:8] == ("false", "N/A", "N/A", "N/A", "false")
    assert tuple(zoe.values())[18:22] == ("false", "N/A", "false", "N/A")


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
