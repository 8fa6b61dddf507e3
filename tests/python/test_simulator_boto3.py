"""boto3 reads the simulator: every operation a census uses, through the socket, with AWS's own Python client.

Each test runs against moto too, which ``motoext`` fills from the same world: what both answer is what we expect of AWS.
"""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import WORLDS, Aws, Servers, refused
from motoext.populate import READ_BACK_SUFFIX

MEMBER = "444455556666"
UNREACHABLE = "333333333333"
CLOCK_SKEW = timedelta(seconds=120)
"""Ages in a world file become moments when a server starts, up to this long before a test reads the file."""

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

READER = "222222222222"
ROTATED = "2222aaaa-0000-4000-8000-000000000001"
YOUNG = "2222aaaa-0000-4000-8000-000000000002"
IMPORTED = "2222aaaa-0000-4000-8000-000000000003"
SIGNING = "2222aaaa-0000-4000-8000-000000000004"
HMAC = "2222aaaa-0000-4000-8000-000000000005"
LOCKED = "mrk-2222aaaa000040008000000000000006"
ROTATIONS_AND_EVENTS = f"""
now = "2026-11-21T02:00:00Z"

[[bucket]]
name = "keycensus-reports"
region = "eu-west-1"

[[event_bus]]
name = "keycensus"

[[refuse]]
account = "{READER}"
operation = "kms:ListKeyRotations"
key = "{LOCKED}"

[[account]]
id = "111111111111"

[[account]]
id = "{READER}"
regions = ["eu-west-1"]

[[account.key]]
region = "eu-west-1"
id = "{ROTATED}"
aliases = ["alias/rotated"]
created = "1200d"
rotations = ["35d", "800d", "2025-10-17T02:00:00Z", "-5d"]

[[account.key]]
region = "eu-west-1"
id = "{YOUNG}"
created = "12d"

[[account.key]]
region = "eu-west-1"
id = "{IMPORTED}"
created = "500d"
origin = "EXTERNAL"
rotations = ["10d"]

[[account.key]]
region = "eu-west-1"
id = "{SIGNING}"
created = "500d"
spec = "ECC_NIST_P256"
usage = "SIGN_VERIFY"

[[account.key]]
region = "eu-west-1"
id = "{HMAC}"
created = "500d"
spec = "HMAC_256"
usage = "GENERATE_VERIFY_MAC"

[[account.key]]
region = "eu-west-1"
id = "{LOCKED}"
created = "1200d"
multi_region = "PRIMARY"
rotations = ["400d"]
"""


@pytest.fixture(params=["simulator", "moto"])
def aws(request: pytest.FixtureRequest, servers: Servers) -> Aws:
    """The organization with every verdict in it; the scanner is a delegated administrator."""
    return servers.start(request.param, WORLDS / "organization.toml")


@pytest.fixture(params=["simulator", "moto"])
def exact(request: pytest.FixtureRequest, servers: Servers) -> Aws:
    """The organization whose times are absolute and whose texts are hostile."""
    return servers.start(request.param, WORLDS / "parity.toml")


@pytest.fixture(scope="module")
def world_with_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("worlds") / "users.toml"
    path.write_text(USERS, encoding="utf-8")
    return path


@pytest.fixture(params=["simulator", "moto"])
def with_users(request: pytest.FixtureRequest, servers: Servers, world_with_users: Path) -> Aws:
    """The organization with users, access keys and credential reports."""
    return servers.start(request.param, world_with_users)


@pytest.fixture(scope="module")
def world_with_rotations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("worlds") / "rotations.toml"
    path.write_text(ROTATIONS_AND_EVENTS, encoding="utf-8")
    return path


@pytest.fixture(params=["simulator", "moto"])
def with_rotations(request: pytest.FixtureRequest, servers: Servers, world_with_rotations: Path) -> Aws:
    """The organization with rotated keys and an event bus."""
    return servers.start(request.param, world_with_rotations)


# Organizations


def test_every_account_is_listed_once_over_several_pages(aws: Aws) -> None:
    pages = list(aws.client("organizations").get_paginator("list_accounts").paginate())
    assert [len(page["Accounts"]) <= aws.world.page_size for page in pages].count(False) == 0
    assert len(pages) >= 3
    listed = [account for page in pages for account in page["Accounts"]]
    assert sorted(account["Id"] for account in listed) == sorted(account.id for account in aws.world.accounts)


def test_an_account_carries_its_name_state_and_organization_path(exact: Aws) -> None:
    pages = exact.client("organizations").get_paginator("list_accounts").paginate()
    listed = {account["Id"]: account for page in pages for account in page["Accounts"]}
    for account in exact.world.accounts:
        assert listed[account.id]["Name"] == account.name
        assert listed[account.id]["State"] == account.state
        assert listed[account.id]["Status"] == account.state
        assert listed[account.id]["Paths"] == [exact.world.path_of(account)]


def test_a_request_may_ask_for_smaller_pages(aws: Aws) -> None:
    page = aws.client("organizations").list_accounts(MaxResults=1)
    assert len(page["Accounts"]) == 1
    assert page["NextToken"]


def test_an_organizational_unit_says_its_name_and_its_parent(exact: Aws) -> None:
    organizations = exact.client("organizations")
    for unit in exact.world.units:
        described = organizations.describe_organizational_unit(OrganizationalUnitId=unit.id)["OrganizationalUnit"]
        assert (described["Id"], described["Name"]) == (unit.id, unit.name)
        [parent] = organizations.list_parents(ChildId=unit.id)["Parents"]
        assert parent == {
            "Id": unit.parent,
            "Type": "ROOT" if unit.parent == exact.world.root else "ORGANIZATIONAL_UNIT",
        }


def test_the_parent_of_an_account_is_its_organizational_unit(aws: Aws) -> None:
    organizations = aws.client("organizations")
    for account in aws.world.accounts:
        [parent] = organizations.list_parents(ChildId=account.id)["Parents"]
        assert parent["Id"] == account.parent


def test_an_organizational_unit_that_does_not_exist_is_not_found(aws: Aws) -> None:
    describe = aws.client("organizations").describe_organizational_unit
    assert refused(describe, OrganizationalUnitId="ou-exam-none0001") == ("OrganizationalUnitNotFoundException", 400)


def test_a_member_account_may_not_list_the_organization(aws: Aws) -> None:
    organizations = aws.client("organizations", credentials=aws.enter(MEMBER))
    assert refused(organizations.list_accounts) == ("AccessDeniedException", 400)


# STS


def test_the_scanner_is_a_role_session_in_its_own_account(aws: Aws) -> None:
    identity = aws.client("sts").get_caller_identity()
    assert identity["Account"] == aws.world.scanner.account
    assert identity["Arn"].startswith(f"arn:aws:sts::{aws.world.scanner.account}:assumed-role/KeycensusScanner/")


def test_an_assumed_role_is_a_session_in_the_member_account(aws: Aws) -> None:
    credentials = aws.enter(MEMBER)
    assert credentials["SessionToken"] and credentials["Expiration"]
    identity = aws.client("sts", credentials=credentials).get_caller_identity()
    assert identity["Account"] == MEMBER
    assert identity["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/KeycensusReader/keycensus"


@pytest.mark.parametrize(
    ("role", "external_id"),
    [
        pytest.param(f"{MEMBER}:role/security/KeycensusReader", "another", id="with another external ID"),
        pytest.param(f"{MEMBER}:role/security/KeycensusReader", None, id="without the external ID"),
        pytest.param(f"{MEMBER}:role/KeycensusReader", "census-7f3a", id="without the role's path"),
        pytest.param(f"{MEMBER}:role/security/Other", "census-7f3a", id="for a role that does not exist"),
        pytest.param("222222222222:role/KeycensusReader", None, id="in an account that has no role"),
        pytest.param(
            f"{UNREACHABLE}:role/security/KeycensusReader", "census-7f3a", id="with one account's ID in another"
        ),
        pytest.param("999999999999:role/security/KeycensusReader", "census-7f3a", id="in an account nobody has"),
    ],
)
def test_assume_role_is_denied(aws: Aws, role: str, external_id: str | None) -> None:
    arguments = {"RoleArn": f"arn:aws:iam::{role}", "RoleSessionName": "keycensus"}
    if external_id is not None:
        arguments["ExternalId"] = external_id
    assert refused(aws.client("sts").assume_role, **arguments) == ("AccessDenied", 403)


def test_a_role_that_trusts_the_scanner_does_not_trust_another_account(aws: Aws) -> None:
    assume_role = aws.client("sts", credentials=aws.enter("666666666666")).assume_role
    role = f"arn:aws:iam::{MEMBER}:role/security/KeycensusReader"
    denied = refused(assume_role, RoleArn=role, RoleSessionName="keycensus", ExternalId="census-7f3a")
    assert denied == ("AccessDenied", 403)


def test_a_refusal_of_assume_role_names_the_account_to_be_entered(exact: Aws) -> None:
    assume_role = exact.client("sts").assume_role
    role = "arn:aws:iam::444444444444:role/KeycensusReader"
    assert refused(assume_role, RoleArn=role, RoleSessionName="keycensus") == ("AccessDenied", 403)


@pytest.mark.parametrize("name", ["simulator", "moto"])
def test_a_session_ends_when_its_time_is_over(servers: Servers, name: str) -> None:
    aws = servers.start(name, WORLDS / "short-session.toml")
    credentials = aws.enter("222222222222")
    kms = aws.client("kms", "us-east-1", credentials)
    assert kms.list_keys()["Keys"] == []
    time.sleep(2.1)
    assert refused(kms.list_keys) == ("ExpiredTokenException", 400)


# Account Management


def test_an_account_lists_the_regions_enabled_in_it(aws: Aws) -> None:
    client = aws.client("account", "us-east-1", aws.enter("666666666666"))
    pages = client.get_paginator("list_regions").paginate(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"])
    statuses = {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}
    assert statuses == {
        "eu-south-2": "ENABLED",
        "eu-west-1": "ENABLED_BY_DEFAULT",
        "us-east-1": "ENABLED_BY_DEFAULT",
    }


def test_regions_are_listed_in_pages_and_those_that_are_off_say_so(aws: Aws) -> None:
    client = aws.client("account", "us-east-1", aws.enter("666666666666"))
    pages = list(client.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10}))
    assert len(pages) >= 3
    statuses = {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}
    assert (statuses["eu-west-1"], statuses["sa-east-1"]) == ("ENABLED_BY_DEFAULT", "DISABLED")


def test_an_account_lists_the_regions_of_no_other_account(aws: Aws) -> None:
    list_regions = aws.client("account", "us-east-1", aws.enter(MEMBER)).list_regions
    assert refused(list_regions, AccountId="666666666666") == ("AccessDeniedException", 403)


def test_a_refusal_to_list_regions_is_access_denied(exact: Aws) -> None:
    list_regions = exact.client("account", "us-east-1", exact.enter("777777777777")).list_regions
    assert refused(list_regions) == ("AccessDeniedException", 403)


# KMS


def kms_cells(aws: Aws) -> list[tuple[Any, str, Any]]:
    """Every account and Region whose keys can be read, with a KMS client for it."""
    cells = []
    for account in aws.world.accounts:
        own = account.id == aws.world.scanner.account
        if account.state != "ACTIVE" or not account.keys or account.id == UNREACHABLE:
            continue
        credentials = None if own else aws.enter(account.id)
        for region in account.regions:
            if not any(
                r.operation == "kms:*" and (r.account, r.region) == (account.id, region) for r in aws.world.refusals
            ):
                cells.append((account, region, aws.client("kms", region, credentials)))
    assert cells
    return cells


def test_every_key_of_a_cell_is_listed_once(aws: Aws) -> None:
    for account, region, kms in kms_cells(aws):
        pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3})
        listed = [key for page in pages for key in page["Keys"]]
        expected = [key.id for key in account.keys if key.region == region]
        assert sorted(key["KeyId"] for key in listed) == sorted(expected)
        for key in listed:
            assert key["KeyArn"] == f"arn:aws:kms:{region}:{account.id}:key/{key['KeyId']}"


def test_every_alias_names_its_key(exact: Aws) -> None:
    for account, region, kms in kms_cells(exact):
        pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2})
        listed = [alias for page in pages for alias in page["Aliases"]]
        targets = {alias["AliasName"]: alias.get("TargetKeyId") for alias in listed}
        assert len(targets) == len(listed)
        for key in account.keys:
            if key.region == region:
                assert {name: targets.get(name) for name in key.aliases} == dict.fromkeys(key.aliases, key.id)


def test_a_described_key_says_its_state_manager_and_dates(exact: Aws) -> None:
    for account, region, kms in kms_cells(exact):
        for key in account.keys:
            if key.region != region or key.id.endswith("-000000000005"):
                continue
            metadata = kms.describe_key(KeyId=key.id)["KeyMetadata"]
            assert metadata["Arn"] == f"arn:aws:kms:{region}:{account.id}:key/{key.id}"
            assert metadata["AWSAccountId"] == account.id
            assert metadata["KeyState"] == key.state
            assert metadata["KeyManager"] == key.manager
            assert metadata["CreationDate"] == key.created
            assert metadata["Enabled"] is (key.state == "Enabled")
            assert metadata["Origin"] == key.origin
            assert metadata["KeySpec"] == key.spec
            assert metadata["KeyUsage"] == key.usage
            assert metadata.get("DeletionDate") == key.deletion_date


def test_a_multi_region_key_names_its_primary_and_its_replicas(exact: Aws) -> None:
    credentials = exact.enter("222222222222")
    arn = "arn:aws:kms:{}:222222222222:key/mrk-22220000000000000000000000000007".format
    kinds = {}
    for region in ("us-east-1", "eu-west-1"):
        metadata = exact.client("kms", region, credentials).describe_key(KeyId=arn(region))["KeyMetadata"]
        assert metadata["MultiRegion"] is True
        configuration = metadata["MultiRegionConfiguration"]
        assert configuration["PrimaryKey"] == {"Arn": arn("us-east-1"), "Region": "us-east-1"}
        assert configuration["ReplicaKeys"] == [{"Arn": arn("eu-west-1"), "Region": "eu-west-1"}]
        kinds[region] = configuration["MultiRegionKeyType"]
    assert kinds == {"us-east-1": "PRIMARY", "eu-west-1": "REPLICA"}


def test_the_tags_of_a_key_are_listed(exact: Aws) -> None:
    for account, region, kms in kms_cells(exact):
        for key in account.keys:
            if key.region != region or key.id.endswith("-000000000004"):
                continue
            pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key.id, PaginationConfig={"PageSize": 1})
            listed = [tag for page in pages for tag in page["Tags"]]
            assert {tag["TagKey"]: tag["TagValue"] for tag in listed} == key.tags


def test_the_last_use_of_a_key_is_its_operation_moment_and_event(exact: Aws) -> None:
    for account, region, kms in kms_cells(exact):
        for key in account.keys:
            if key.region != region or key.id.endswith("-000000000003"):
                continue
            usage = kms.get_key_last_usage(KeyId=key.id)
            assert usage["KeyId"] == key.id
            assert usage["KeyCreationDate"] == key.created
            assert usage["TrackingStartDate"] == key.tracking_start
            if key.last_used is None:
                assert usage["KeyLastUsage"] == {}
            else:
                assert usage["KeyLastUsage"]["Timestamp"] == key.last_used
                assert usage["KeyLastUsage"]["Operation"] == key.operation
                assert usage["KeyLastUsage"]["CloudTrailEventId"] == key.event_id
                assert usage["KeyLastUsage"]["KmsRequestId"]


def test_an_age_in_a_world_is_counted_back_from_the_start_of_the_server(aws: Aws) -> None:
    kms = aws.client("kms", "eu-west-1", aws.enter(MEMBER))
    key = next(key for key in aws.world.account(MEMBER).keys if "alias/payments" in key.aliases)
    usage = kms.get_key_last_usage(KeyId=key.id)
    assert abs(usage["KeyCreationDate"] - key.created) < CLOCK_SKEW
    assert abs(usage["TrackingStartDate"] - key.tracking_start) < CLOCK_SKEW
    assert abs(usage["KeyLastUsage"]["Timestamp"] - key.last_used) < CLOCK_SKEW


def test_last_usage_takes_a_key_arn_and_no_alias(aws: Aws) -> None:
    kms = aws.client("kms", "eu-west-1", aws.enter(MEMBER))
    key_id = "44440000-0000-4000-8000-000000000003"
    usage = kms.get_key_last_usage(KeyId=f"arn:aws:kms:eu-west-1:{MEMBER}:key/{key_id}")
    assert usage["KeyId"].endswith(key_id)
    assert refused(kms.get_key_last_usage, KeyId="alias/never")[1] == 400


def test_a_key_that_does_not_exist_is_not_found(aws: Aws) -> None:
    kms = aws.client("kms", "eu-west-1", aws.enter(MEMBER))
    missing = "00000000-0000-4000-8000-000000000000"
    assert refused(kms.get_key_last_usage, KeyId=missing) == ("NotFoundException", 400)
    assert refused(kms.describe_key, KeyId=missing) == ("NotFoundException", 400)


@pytest.mark.parametrize(
    ("operation", "key_id"),
    [
        ("get_key_last_usage", "22220000-0000-4000-8000-000000000003"),
        ("list_resource_tags", "22220000-0000-4000-8000-000000000004"),
        ("describe_key", "22220000-0000-4000-8000-000000000005"),
    ],
)
def test_one_key_can_refuse_one_operation(exact: Aws, operation: str, key_id: str) -> None:
    kms = exact.client("kms", "eu-west-1", exact.enter("222222222222"))
    assert refused(getattr(kms, operation), KeyId=key_id) == ("AccessDeniedException", 400)
    others = {"get_key_last_usage", "list_resource_tags", "describe_key"} - {operation}
    for other in others:
        getattr(kms, other)(KeyId=key_id)


def test_a_key_can_be_refused_by_its_alias(aws: Aws) -> None:
    kms = aws.client("kms", "eu-west-1", aws.enter(MEMBER))
    locked = "44440000-0000-4000-8000-000000000008"
    assert refused(kms.get_key_last_usage, KeyId=locked) == ("AccessDeniedException", 400)
    assert kms.describe_key(KeyId=locked)["KeyMetadata"]["KeyId"] == locked


def test_a_region_denied_by_policy_answers_access_denied(aws: Aws) -> None:
    kms = aws.client("kms", "eu-central-1", aws.enter(MEMBER))
    assert refused(kms.list_keys) == ("AccessDeniedException", 400)


def test_a_region_that_is_not_enabled_does_not_know_the_credentials(aws: Aws) -> None:
    kms = aws.client("kms", "sa-east-1", aws.enter(MEMBER))
    assert refused(kms.list_keys) == ("UnrecognizedClientException", 400)


# IAM


def iam(aws: Aws, account: str) -> Any:
    return aws.client("iam", "us-east-1", aws.enter(account))


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


# S3


def test_an_object_is_read_back_as_it_was_written(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), aws.world.buckets[0].name
    s3.head_bucket(Bucket=bucket)
    body = 'a,"b"\nKöln,🔑\n'.encode()
    s3.put_object(Bucket=bucket, Key="boto3/date=2026-01-01/keys.csv", Body=body, ContentType="text/csv; charset=utf-8")
    assert s3.get_object(Bucket=bucket, Key="boto3/date=2026-01-01/keys.csv")["Body"].read() == body


def test_an_object_that_is_there_is_not_written_again_if_none_must_match(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), aws.world.buckets[0].name
    s3.put_object(Bucket=bucket, Key="boto3/once", Body=b"first", IfNoneMatch="*")
    again = refused(s3.put_object, Bucket=bucket, Key="boto3/once", Body=b"second", IfNoneMatch="*")
    assert again == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=bucket, Key="boto3/once")["Body"].read() == b"first"


def test_a_bucket_or_object_that_does_not_exist_is_not_found(aws: Aws) -> None:
    s3 = aws.client("s3")
    assert refused(s3.head_bucket, Bucket="keycensus-no-such-bucket") == ("404", 404)
    assert refused(s3.put_object, Bucket="keycensus-no-such-bucket", Key="a", Body=b"a") == ("NoSuchBucket", 404)
    assert refused(s3.get_object, Bucket=aws.world.buckets[0].name, Key="boto3/none") == ("NoSuchKey", 404)


# SNS


def test_a_message_is_published_with_its_structure_and_attributes(aws: Aws) -> None:
    sns, topic = aws.client("sns"), aws.world.topics[0]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
    texts = {"default": "für Menschen", "email": "für Menschen", "sqs": '{"schema": 1}'}
    published = sns.publish(
        TopicArn=topic,
        Subject="2 keys flagged",
        Message=json.dumps(texts),
        MessageStructure="json",
        MessageAttributes={
            "flagged": {"DataType": "Number", "StringValue": "2"},
            "coverage": {"DataType": "String", "StringValue": "partial"},
        },
    )
    if aws.name == "simulator":
        received = next(m for m in aws.json("/_sim/messages") if m["message_id"] == published["MessageId"])
        assert received["topic_arn"] == topic
        assert received["subject"] == "2 keys flagged"
        assert received["message_structure"] == "json"
        assert json.loads(received["message"]) == texts
        assert received["attributes"] == {"flagged": ["Number", "2"], "coverage": ["String", "partial"]}
    else:
        received = next(m for m in aws.read_back() if m["MessageId"] == published["MessageId"])
        assert received["TopicArn"] == topic
        assert received["Subject"] == "2 keys flagged"
        assert received["Message"] == texts["sqs"]
        assert received["MessageAttributes"] == {
            "flagged": {"Type": "Number", "Value": "2"},
            "coverage": {"Type": "String", "Value": "partial"},
        }


def test_a_topic_that_does_not_exist_is_not_found(aws: Aws) -> None:
    sns, topic = aws.client("sns"), aws.world.topics[0] + "-none"
    assert refused(sns.get_topic_attributes, TopicArn=topic) == ("NotFound", 404)
    assert refused(sns.publish, TopicArn=topic, Message="lost") == ("NotFound", 404)


# KMS: rotations


def rotations(aws: Aws, **arguments: Any) -> dict[str, Any]:
    return aws.client("kms", credentials=aws.enter(READER)).list_key_rotations(**arguments)


def test_the_completed_rotations_of_a_key_are_listed_oldest_first(with_rotations: Aws) -> None:
    now = with_rotations.world.now
    for key_id in (ROTATED, f"arn:aws:kms:eu-west-1:{READER}:key/{ROTATED}"):
        answer = rotations(with_rotations, KeyId=key_id)
        dates = [rotation["RotationDate"] for rotation in answer["Rotations"]]
        assert dates == [now - timedelta(days=days) for days in (800, 400, 35)]
        assert {(r["KeyId"], r["RotationType"]) for r in answer["Rotations"]} == {(ROTATED, "AUTOMATIC")}
        assert answer["Truncated"] is False
    assert rotations(with_rotations, KeyId=YOUNG)["Rotations"] == []
    assert rotations(with_rotations, KeyId=IMPORTED)["Rotations"][0]["RotationType"] == "ON_DEMAND"


def test_rotations_are_listed_in_pages(with_rotations: Aws) -> None:
    kms = with_rotations.client("kms", credentials=with_rotations.enter(READER))
    pages = list(kms.get_paginator("list_key_rotations").paginate(KeyId=ROTATED, PaginationConfig={"PageSize": 2}))
    assert [len(page["Rotations"]) for page in pages] == [2, 1]
    assert [page["Truncated"] for page in pages] == [True, False]


def test_a_key_whose_rotations_cannot_be_listed_says_why(with_rotations: Aws) -> None:
    kms = with_rotations.client("kms", credentials=with_rotations.enter(READER))
    for key_id, code in (
        (SIGNING, "UnsupportedOperationException"),
        (HMAC, "UnsupportedOperationException"),
        (LOCKED, "AccessDeniedException"),
        ("alias/rotated", "NotFoundException"),
        ("2222aaaa-0000-4000-8000-00000000000f", "NotFoundException"),
    ):
        assert refused(kms.list_key_rotations, KeyId=key_id) == (code, 400), key_id


# EventBridge


def entry(bus: str, detail: str, **further: Any) -> dict[str, Any]:
    event = {"EventBusName": bus, "Source": "keycensus", "DetailType": "Keycensus Key Flagged", "Detail": detail}
    return {**event, **further}


def put_on_bus(aws: Aws) -> dict[str, dict[str, Any]]:
    """What is on the world's bus, by event ID, in the words of the events that a rule's targets get."""
    bus = aws.world.event_buses[0]
    if aws.name == "simulator":
        return {
            event["event_id"]: {
                "source": event["source"],
                "detail-type": event["detail_type"],
                "account": event["account"],
                "region": event["region"],
                "resources": event["resources"],
                "detail": json.loads(event["detail"]),
            }
            for event in aws.json("/_sim/events")
            if event["bus"] == bus.name
        }
    sqs = aws.client("sqs")
    queue_url = sqs.get_queue_url(QueueName=bus.name + READ_BACK_SUFFIX)["QueueUrl"]
    events = {}
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            event = json.loads(message["Body"])
            events[event["id"]] = {name: event[name] for name in event.keys() - {"version", "id", "time"}}
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return events


def test_events_are_put_on_the_bus_that_they_name(with_rotations: Aws) -> None:
    arn = "arn:aws:events:eu-west-1:111111111111:event-bus/keycensus"
    resource = f"arn:aws:kms:eu-west-1:{READER}:key/{ROTATED}"
    told = with_rotations.client("events").put_events(
        Entries=[
            entry("keycensus", '{"owner": "Süd"}', Resources=[resource], Time=with_rotations.world.now),
            entry(arn, '{"number": 2}'),
            entry("default", '{"number": 3}'),
        ]
    )
    assert told["FailedEntryCount"] == 0
    by_name, by_arn, elsewhere = (answer["EventId"] for answer in told["Entries"])
    events = put_on_bus(with_rotations)
    first = {name: value for name, value in events[by_name].items() if name != "ingestion-time"}
    assert first == {
        "source": "keycensus",
        "detail-type": "Keycensus Key Flagged",
        "account": "111111111111",
        "region": "eu-west-1",
        "resources": [resource],
        "detail": {"owner": "Süd"},
    }
    assert events[by_arn]["detail"] == {"number": 2}
    assert elsewhere not in events


def test_an_event_for_a_bus_that_is_not_there_is_taken_and_dropped(with_rotations: Aws) -> None:
    events = with_rotations.client("events")
    told = events.put_events(Entries=[entry("keycensu", "{}"), entry("keycensus", '{"kept": true}')])
    assert told["FailedEntryCount"] == 0
    dropped, kept = (answer["EventId"] for answer in told["Entries"])
    there = put_on_bus(with_rotations)
    assert dropped not in there
    assert there[kept]["detail"] == {"kept": True}


def test_an_event_that_is_refused_fails_alone(with_rotations: Aws) -> None:
    without_detail = {name: value for name, value in entry("keycensus", "{}").items() if name != "Detail"}
    told = with_rotations.client("events").put_events(
        Entries=[without_detail, entry("keycensus", "no JSON"), entry("keycensus", "{}")]
    )
    assert told["FailedEntryCount"] == 2
    assert [answer.get("ErrorCode") for answer in told["Entries"]] == ["InvalidArgument", "MalformedDetail", None]


def test_more_than_ten_events_are_too_many(with_rotations: Aws) -> None:
    events = with_rotations.client("events")
    assert refused(events.put_events, Entries=[entry("keycensus", "{}")] * 11) == ("ValidationException", 400)


# The server's own account of what it served


def test_every_call_is_logged_with_its_account_and_region(aws: Aws) -> None:
    kms = aws.client("kms", "us-east-1", aws.enter(MEMBER))
    before = len(aws.calls())
    kms.list_keys()
    assert [(c["operation"], c["account"], c["region"]) for c in aws.calls()[before:]] == [
        ("kms:ListKeys", MEMBER, "us-east-1")
    ]
