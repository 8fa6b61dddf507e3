"""boto3 reads from the simulator what depends on a key, who used it, and changes keys where that is allowed.

Each test runs against moto too, but for the event history, which moto does not keep.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import Aws, Servers, refused

OWNER = "222222222222"
NOBODY = "333333333333"
STALE = "2222bbbb-0000-4000-8000-000000000001"
GUARDED = "2222bbbb-0000-4000-8000-000000000002"
PENDING = "2222bbbb-0000-4000-8000-000000000003"
LOCKED = "2222bbbb-0000-4000-8000-000000000004"
STALE_ARN = f"arn:aws:kms:eu-west-1:{OWNER}:key/{STALE}"
SHARED_ARN = "arn:aws:kms:eu-west-1:999999999999:key/2222bbbb-0000-4000-8000-00000000000f"
GUARD = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "KeycensusGuard",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["kms:ScheduleKeyDeletion", "kms:DisableKey"],
            "Resource": "*",
            "Condition": {"NumericLessThanEquals": {"kms:TrailingDaysWithoutKeyUsage": "365"}},
        }
    ],
}
DEPENDENTS = f"""
now = "2026-11-21T02:00:00Z"

[[refuse]]
account = "{OWNER}"
operation = "kms:ListGrants"
key = "{LOCKED}"

[[refuse]]
account = "{OWNER}"
operation = "kms:GetKeyPolicy"
key = "{LOCKED}"

[[refuse]]
account = "{NOBODY}"
operation = "ec2:*"

[[account]]
id = "111111111111"

[[account]]
id = "{NOBODY}"
regions = ["eu-west-1"]

[[account]]
id = "{OWNER}"
regions = ["eu-west-1", "us-east-1"]

[[account.key]]
region = "eu-west-1"
id = "{STALE}"
aliases = ["alias/stale"]
created = "900d"

[[account.key.grant]]
grantee = "rds.amazonaws.com"
id = "{"1" * 64}"
created = "300d"
operations = ["Decrypt", "CreateGrant"]

[[account.key.grant]]
grantee = "arn:aws:iam::{OWNER}:role/etl"
name = "nightly"
created = "200d"
retiring = "arn:aws:iam::{OWNER}:role/admin"

[[account.key.grant]]
grantee_service = "dynamodb.amazonaws.com"
created = "100d"

[[account.key]]
region = "eu-west-1"
id = "{GUARDED}"
created = "900d"
policy = '{json.dumps(GUARD)}'

[[account.key]]
region = "eu-west-1"
id = "{PENDING}"
created = "900d"
state = "PendingDeletion"
deletion_date = "-12d"

[[account.key]]
region = "eu-west-1"
id = "{LOCKED}"
created = "900d"

[[account.user]]
name = "bot"

[[account.user.access_key]]
id = "AKIABOT0000000000001"

[[account.user.access_key]]
id = "AKIABOT0000000000002"

[[account.volume]]
region = "eu-west-1"
id = "vol-0000000000000000a"
kms_key = "alias/stale"
size = 500
created = "2024-02-03T04:05:06Z"

[[account.volume]]
region = "eu-west-1"
kms_key = "{SHARED_ARN}"

[[account.volume]]
region = "eu-west-1"

[[account.snapshot]]
region = "eu-west-1"
id = "snap-0000000000000000a"
kms_key = "{STALE}"
volume = "vol-0000000000000000a"
size = 500
created = "2025-02-03T04:05:06Z"
description = "nightly <1>"

[[account.snapshot]]
region = "eu-west-1"
"""
HISTORY = f"""
now = "2026-11-21T02:00:00Z"

[[account]]
id = "{OWNER}"
regions = ["eu-west-1"]

[[account.key]]
region = "eu-west-1"
id = "{STALE}"
created = "900d"
last_used = "3d"
event_id = "eeee0001-0000-4000-8000-000000000000"

[[account.trail_event]]
region = "eu-west-1"
time = "1d"
key = "{STALE}"
caller = "arn:aws:iam::{OWNER}:user/anna"
error_code = "KMSInvalidStateException"
"""
MANY = "".join(
    '[[account.volume]]\nregion = "eu-west-1"\n[[account.snapshot]]\nregion = "eu-west-1"\n' for _ in range(12)
)


@pytest.fixture
def aws(imitation: str, servers: Servers) -> Aws:
    """The account with everything that may depend on keys."""
    return servers.start(imitation, servers.written(DEPENDENTS))


@pytest.fixture
def changeable(tmp_path: Path) -> Path:
    """The same account for one test, which may change its keys."""
    path = tmp_path / "changing.toml"
    path.write_text(DEPENDENTS, encoding="utf-8")
    return path


@pytest.fixture
def changing(imitation: str, servers: Servers, changeable: Path) -> Aws:
    return servers.start(imitation, changeable, "allowed")


@pytest.fixture
def history(servers: Servers) -> Aws:
    """An account with an event history."""
    return servers.simulator(servers.written(HISTORY))


def client(aws: Aws, service: str, account: str = OWNER, region: str = "eu-west-1") -> Any:
    return aws.inside(account, service, region)


# EC2


def test_volumes_tell_the_key_they_are_encrypted_with(aws: Aws) -> None:
    volumes = {volume["VolumeId"]: volume for volume in client(aws, "ec2").describe_volumes()["Volumes"]}
    derived = [volume.id for volume in aws.world.account(OWNER).volumes]
    assert list(volumes) == derived
    told = [(volume["Encrypted"], volume.get("KmsKeyId")) for volume in volumes.values()]
    assert told == [(True, STALE_ARN), (True, SHARED_ARN), (False, None)]
    first = volumes["vol-0000000000000000a"]
    assert (first["Size"], first["State"], first["Attachments"]) == (500, "available", [])
    assert first["CreateTime"] == datetime.fromisoformat("2024-02-03T04:05:06Z")


def test_snapshots_of_the_account_tell_the_key_they_are_encrypted_with(aws: Aws) -> None:
    listed = client(aws, "ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    # Whatever the owner, moto tells some thousand public ones besides.
    own = [snapshot for snapshot in listed if snapshot["OwnerId"] == OWNER]
    assert [snapshot["SnapshotId"] for snapshot in own] == [
        snapshot.id for snapshot in aws.world.account(OWNER).snapshots
    ]
    encrypted, plain = own
    assert (encrypted["Encrypted"], encrypted["KmsKeyId"]) == (True, STALE_ARN)
    assert (encrypted["VolumeId"], encrypted["VolumeSize"]) == ("vol-0000000000000000a", 500)
    assert encrypted["StartTime"] == datetime.fromisoformat("2025-02-03T04:05:06Z")
    assert (encrypted["State"], encrypted["Description"]) == ("completed", "nightly <1>")
    assert (plain["Encrypted"], plain.get("KmsKeyId")) == (False, None)


def test_what_is_encrypted_can_be_asked_for(aws: Aws) -> None:
    ec2 = client(aws, "ec2")
    encrypted = [{"Name": "encrypted", "Values": ["true"]}]
    assert len(ec2.describe_volumes(Filters=encrypted)["Volumes"]) == 2
    snapshots = ec2.describe_snapshots(OwnerIds=["self"], Filters=encrypted)["Snapshots"]
    assert [snapshot["SnapshotId"] for snapshot in snapshots if snapshot["OwnerId"] == OWNER] == [
        "snap-0000000000000000a"
    ]


def test_another_region_has_its_own_volumes(aws: Aws) -> None:
    assert client(aws, "ec2", region="us-east-1").describe_volumes()["Volumes"] == []


def test_ec2_refuses_in_its_own_words(aws: Aws) -> None:
    denied = client(aws, "ec2", NOBODY).describe_volumes
    assert refused(denied) == ("UnauthorizedOperation", 403)
    elsewhere = client(aws, "ec2", region="sa-east-1").describe_snapshots
    assert refused(elsewhere, OwnerIds=["self"]) == ("AuthFailure", 401)


def test_volumes_and_snapshots_come_in_pages(servers: Servers) -> None:
    text = f'[[account]]\nid = "{OWNER}"\nregions = ["eu-west-1"]\n{MANY}'
    ec2 = client(servers.simulator(servers.written(text)), "ec2")
    for operation, name, further in (
        ("describe_volumes", "Volumes", {}),
        ("describe_snapshots", "Snapshots", {"OwnerIds": ["self"]}),
    ):
        pages = list(ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 5}, **further))
        assert [len(page[name]) for page in pages] == [5, 5, 2]
        assert len({item[f"{name[:-1]}Id"] for page in pages for item in page[name]}) == 12
    assert refused(ec2.describe_volumes, MaxResults=4) == ("InvalidParameterValue", 400)


# KMS: grants and policies


def test_the_grants_of_a_key_tell_who_may_use_it(aws: Aws) -> None:
    kms = client(aws, "kms")
    for key_id in (STALE, STALE_ARN):
        pages = kms.get_paginator("list_grants").paginate(KeyId=key_id)
        rds, role, service = (grant for page in pages for grant in page["Grants"])
        assert (rds["GrantId"], rds["GranteePrincipal"]) == ("1" * 64, "rds.amazonaws.com")
        assert (rds["KeyId"], rds["Operations"]) == (STALE_ARN, ["Decrypt", "CreateGrant"])
        assert rds["CreationDate"] == aws.world.now - timedelta(days=300)
        assert (role["GranteePrincipal"], role["Name"]) == (f"arn:aws:iam::{OWNER}:role/etl", "nightly")
        assert role["RetiringPrincipal"] == f"arn:aws:iam::{OWNER}:role/admin"
        assert service["GranteeServicePrincipal"] == "dynamodb.amazonaws.com"
        assert "GranteePrincipal" not in service
        assert role["GrantId"] == aws.world.account(OWNER).keys[0].grants[1].id
    assert kms.list_grants(KeyId=GUARDED)["Grants"] == []


def test_the_policy_of_a_key_is_its_own_or_the_one_that_aws_gives(aws: Aws) -> None:
    kms = client(aws, "kms")
    for name in ({}, {"PolicyName": "default"}):
        told = kms.get_key_policy(KeyId=GUARDED, **name)
        assert (json.loads(told["Policy"]), told["PolicyName"]) == (GUARD, "default")
    policy = json.loads(kms.get_key_policy(KeyId=STALE)["Policy"])
    assert policy == {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


@pytest.mark.parametrize("operation", ["list_grants", "get_key_policy"])
def test_grants_and_policies_that_cannot_be_read_say_why(aws: Aws, operation: str) -> None:
    read = getattr(client(aws, "kms"), operation)
    assert refused(read, KeyId=LOCKED) == ("AccessDeniedException", 400)
    assert refused(read, KeyId="alias/stale") == ("NotFoundException", 400)
    assert refused(read, KeyId="2222bbbb-0000-4000-8000-00000000000f") == ("NotFoundException", 400)


def test_there_is_no_policy_of_another_name(aws: Aws) -> None:
    read = client(aws, "kms").get_key_policy
    assert refused(read, KeyId=STALE, PolicyName="AWS_RAM") == ("NotFoundException", 400)


def test_a_key_that_is_pending_deletion_tells_the_date(aws: Aws) -> None:
    metadata = client(aws, "kms").describe_key(KeyId=PENDING)["KeyMetadata"]
    assert metadata["DeletionDate"] == aws.world.now + timedelta(days=12)


# Changes


def test_a_key_is_disabled_scheduled_for_deletion_and_brought_back(changing: Aws) -> None:
    kms = client(changing, "kms")

    def state() -> str:
        return kms.describe_key(KeyId=STALE)["KeyMetadata"]["KeyState"]

    kms.disable_key(KeyId=STALE)
    assert state() == "Disabled"
    scheduled = kms.schedule_key_deletion(KeyId=STALE, PendingWindowInDays=30)
    # moto answers what it was asked with, AWS the ARN.
    assert scheduled["KeyId"].endswith(STALE)
    assert state() == "PendingDeletion"
    assert kms.describe_key(KeyId=STALE)["KeyMetadata"]["DeletionDate"] == scheduled["DeletionDate"]
    kms.cancel_key_deletion(KeyId=STALE)
    assert state() == "Disabled"
    kms.enable_key(KeyId=STALE)
    assert state() == "Enabled"


def test_an_access_key_is_deactivated_and_deleted(servers: Servers, changeable: Path) -> None:
    # The backend of moto does not know the keys of a world, lest it take them for credentials.
    aws = servers.start("simulator", changeable, "allowed")
    iam = client(aws, "iam")

    def statuses() -> list[str]:
        return [key["Status"] for key in iam.list_access_keys(UserName="bot")["AccessKeyMetadata"]]

    named = {"UserName": "bot", "AccessKeyId": "AKIABOT0000000000001"}
    iam.update_access_key(**named, Status="Inactive")
    assert statuses() == ["Inactive", "Active"]
    iam.update_access_key(**named, Status="Active")
    assert statuses() == ["Active", "Active"]
    iam.delete_access_key(**named)
    assert statuses() == ["Active"]
    assert refused(iam.delete_access_key, **named) == ("NoSuchEntity", 404)


def test_nothing_is_changed_where_it_was_not_allowed(servers: Servers) -> None:
    aws = servers.simulator(servers.written(DEPENDENTS))
    assert refused(client(aws, "kms").disable_key, KeyId=STALE) == ("UnknownOperationException", 501)
    assert client(aws, "kms").describe_key(KeyId=STALE)["KeyMetadata"]["KeyState"] == "Enabled"


# CloudTrail


def lookup(aws: Aws, name: str, value: str) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": name, "AttributeValue": value}]
    pages = client(aws, "cloudtrail").get_paginator("lookup_events").paginate(LookupAttributes=attributes)
    return [event for page in pages for event in page["Events"]]


def test_the_event_of_a_last_use_is_found_by_its_id(history: Aws) -> None:
    usage = client(history, "kms").get_key_last_usage(KeyId=STALE)["KeyLastUsage"]
    [event] = lookup(history, "EventId", usage["CloudTrailEventId"])
    assert (event["EventName"], event["EventTime"]) == ("Decrypt", usage["Timestamp"])
    assert event["Resources"] == [{"ResourceType": "AWS::KMS::Key", "ResourceName": STALE_ARN}]
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventID"] == usage["CloudTrailEventId"]
    assert record["userIdentity"]["arn"].startswith(f"arn:aws:sts::{OWNER}:assumed-role/application/")
    assert record["requestParameters"]["keyId"] == STALE_ARN


def test_attempts_on_a_key_are_found_by_its_arn(history: Aws) -> None:
    refused_attempt, use = lookup(history, "ResourceName", STALE_ARN)
    assert use["EventId"] == "eeee0001-0000-4000-8000-000000000000"
    assert refused_attempt["Username"] == "anna"
    record = json.loads(refused_attempt["CloudTrailEvent"])
    assert record["errorCode"] == "KMSInvalidStateException"
    assert record["errorMessage"] == f"{STALE_ARN} is pending deletion."


def test_a_lookup_takes_one_attribute_and_a_range_of_time(history: Aws) -> None:
    look = client(history, "cloudtrail").lookup_events
    two = [{"AttributeKey": name, "AttributeValue": "x"} for name in ("EventId", "EventName")]
    assert refused(look, LookupAttributes=two) == ("InvalidLookupAttributesException", 400)
    now = history.world.now
    within = look(StartTime=now - timedelta(days=2), EndTime=now)["Events"]
    assert [event["Username"] for event in within] == ["anna"]
    first = look(MaxResults=1)
    assert (len(first["Events"]), len(look(NextToken=first["NextToken"])["Events"])) == (1, 1)
