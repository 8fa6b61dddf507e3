"""boto3 reads users, access keys and credential reports from the simulator.

Each test runs against moto too, which ``motoext`` fills from the same world: what both answer is what we expect of AWS.
"""

from __future__ import annotations

import csv
import io
import time
from datetime import datetime, timedelta

import pytest

from conftest import Aws, Servers, iam, refused

BOT = "222222222222"
OLD_REPORT = "333333333333"
NO_REPORT = "444444444444"
USERS = f"""
now = "2026-11-21T02:00:00Z"

[[refuse]]
account = "{OLD_REPORT}"
operation = "iam:GetAccessKeyLastUsed"
key = "AKIAREFUSED000000001"

[[refuse]]
account = "{OLD_REPORT}"
operation = "iam:*"
key = "locked"

[[refuse]]
account = "{NO_REPORT}"
operation = "iam:GenerateCredentialReport"

[[account]]
id = "111111111111"

[[account]]
id = "{BOT}"

[account.credential_report]
age = "1h"

[[account.root_access_key]]
status = "Inactive"
created = "1200d"
last_used = "20d 7m"
service = "iam"
last_used_region = "eu-west-1"

[[account.user]]
name = "web"

[[account.user]]
name = "deploy,bot"
path = "/ci/"
created = "900d"
tags = {{ owner = "platform", "keycensus:exempt" = "R&D <only>" }}

[[account.user.access_key]]
id = "AKIADEPLOY0000000001"
created = "300d"
last_used = "3d 12h"
service = "ec2"
last_used_region = "eu-west-1"

[[account.user.access_key]]
id = "AKIADEPLOY0000000002"
status = "Inactive"

[[account.user.access_key]]
id = "AKIADEPLOY0000000003"

[[account]]
id = "{OLD_REPORT}"

[account.credential_report]
age = "4h"
takes_ms = 1500

[[account.user]]
name = "open"

[[account.user.access_key]]
id = "AKIAREFUSED000000001"

[[account.user.access_key]]
id = "AKIAREFUSED000000002"

[[account.user]]
name = "locked"

[[account.user.access_key]]
id = "AKIAREFUSED000000003"

[[account]]
id = "{NO_REPORT}"
"""


@pytest.fixture
def with_users(imitation: str, servers: Servers) -> Aws:
    """The organization with users, access keys and credential reports."""
    return servers.start(imitation, servers.written(USERS))


def ago(**age: int) -> datetime:
    return datetime.fromisoformat("2026-11-21T02:00:00Z") - timedelta(**age)


def test_users_are_listed_by_name_over_several_pages(with_users: Aws) -> None:
    pages = list(iam(with_users, BOT).get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}))
    assert [page["IsTruncated"] for page in pages] == [True, False]
    first, second = (user for page in pages for user in page["Users"])
    assert (first["UserName"], first["Path"]) == ("deploy,bot", "/ci/")
    assert first["Arn"] == f"arn:aws:iam::{BOT}:user/ci/deploy,bot"
    assert first["CreateDate"] == ago(days=900)
    assert first["UserId"].startswith("AIDA")
    assert second["UserName"] == "web"
    assert not {"Tags", "PasswordLastUsed"} & {*first, *second}


def test_the_access_keys_of_a_user_say_their_status_and_creation(with_users: Aws) -> None:
    paginator = iam(with_users, BOT).get_paginator("list_access_keys")
    pages = list(paginator.paginate(UserName="deploy,bot", PaginationConfig={"PageSize": 2}))
    assert len(pages) == 2
    keys = [key for page in pages for key in page["AccessKeyMetadata"]]
    assert [(key["AccessKeyId"], key["Status"], key["CreateDate"]) for key in keys] == [
        ("AKIADEPLOY0000000001", "Active", ago(days=300)),
        ("AKIADEPLOY0000000002", "Inactive", ago(days=900)),
        ("AKIADEPLOY0000000003", "Active", ago(days=900)),
    ]
    assert {key["UserName"] for key in keys} == {"deploy,bot"}


def test_a_user_without_access_keys_lists_none(with_users: Aws) -> None:
    assert iam(with_users, BOT).list_access_keys(UserName="web")["AccessKeyMetadata"] == []


def test_the_last_use_of_an_access_key_is_its_moment_service_and_region(with_users: Aws) -> None:
    used = iam(with_users, BOT).get_access_key_last_used(AccessKeyId="AKIADEPLOY0000000001")
    assert used["UserName"] == "deploy,bot"
    assert used["AccessKeyLastUsed"] == {
        "LastUsedDate": ago(days=3, hours=12),
        "ServiceName": "ec2",
        "Region": "eu-west-1",
    }


def test_an_access_key_that_was_never_used_has_no_date(with_users: Aws) -> None:
    unused = iam(with_users, BOT).get_access_key_last_used(AccessKeyId="AKIADEPLOY0000000002")
    assert unused["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}


def test_the_tags_of_a_user_are_listed(with_users: Aws) -> None:
    paginator = iam(with_users, BOT).get_paginator("list_user_tags")
    pages = list(paginator.paginate(UserName="deploy,bot", PaginationConfig={"PageSize": 1}))
    assert len(pages) == 2
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    assert tags == {"owner": "platform", "keycensus:exempt": "R&D <only>"}


def test_a_user_or_access_key_that_does_not_exist_is_refused(with_users: Aws) -> None:
    client = iam(with_users, BOT)
    assert refused(client.list_access_keys, UserName="nobody") == ("NoSuchEntity", 404)
    assert refused(client.list_user_tags, UserName="nobody") == ("NoSuchEntity", 404)
    # As for a key of another account.
    for key in ("AKIANOBODY0000000001", "AKIAREFUSED000000002"):
        assert refused(client.get_access_key_last_used, AccessKeyId=key) == ("AccessDenied", 403)


def test_one_access_key_or_one_user_can_be_refused(with_users: Aws) -> None:
    client = iam(with_users, OLD_REPORT)
    denied = ("AccessDenied", 403)
    assert refused(client.get_access_key_last_used, AccessKeyId="AKIAREFUSED000000001") == denied
    assert client.get_access_key_last_used(AccessKeyId="AKIAREFUSED000000002")["UserName"] == "open"
    assert refused(client.list_access_keys, UserName="locked") == denied
    assert refused(client.get_access_key_last_used, AccessKeyId="AKIAREFUSED000000003") == denied
    assert len(client.list_users()["Users"]) == 2


def test_a_credential_report_that_exists_tells_of_the_root_user_and_every_user(with_users: Aws) -> None:
    client = iam(with_users, BOT)
    assert client.generate_credential_report()["State"] == "COMPLETE"
    report = client.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    assert report["GeneratedTime"] == ago(hours=1)
    root, bot, web = csv.DictReader(io.StringIO(report["Content"].decode(), newline=""))
    assert (root["user"], root["arn"]) == ("<root_account>", f"arn:aws:iam::{BOT}:root")
    assert root["access_key_1_active"] == "false"
    assert root["access_key_1_last_rotated"] == "2023-08-09T02:00:00+00:00"
    # In steps of a quarter of an hour.
    assert root["access_key_1_last_used_date"] == "2026-11-01T01:45:00+00:00"
    assert (root["access_key_1_last_used_region"], root["access_key_1_last_used_service"]) == ("eu-west-1", "iam")
    assert (root["access_key_2_active"], root["access_key_2_last_rotated"]) == ("false", "N/A")
    assert (bot["user"], bot["arn"]) == ("deploy,bot", f"arn:aws:iam::{BOT}:user/ci/deploy,bot")
    assert (bot["access_key_1_active"], bot["access_key_2_active"]) == ("true", "false")
    assert bot["access_key_2_last_used_date"] == "N/A"
    assert bot["additional_credentials_info"] == "Additional access keys: 1"
    assert (web["user"], web["access_key_1_last_rotated"], web["additional_credentials_info"]) == ("web", "N/A", "N/A")


def test_a_credential_report_that_expired_is_generated_again(with_users: Aws) -> None:
    client = iam(with_users, OLD_REPORT)
    assert refused(client.get_credential_report) == ("ReportExpired", 410)
    assert client.generate_credential_report()["State"] == "STARTED"
    assert client.generate_credential_report()["State"] == "INPROGRESS"
    assert refused(client.get_credential_report) == ("ReportInProgress", 404)
    time.sleep(1.6)
    assert client.generate_credential_report()["State"] == "COMPLETE"
    assert client.get_credential_report()["GeneratedTime"] >= ago()


def test_a_credential_report_nobody_asked_for_is_not_there(with_users: Aws) -> None:
    client = iam(with_users, NO_REPORT)
    assert refused(client.generate_credential_report) == ("AccessDenied", 403)
    assert refused(client.get_credential_report) == ("ReportNotPresent", 410)
