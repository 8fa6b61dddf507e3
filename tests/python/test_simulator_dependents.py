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
created = "2024-02-03T04:05:06.789Z"

[[account.volume]]
region = "eu-west-1"
kms_key = "{SHARED_ARN}"
attached_to = "i-0000000000000000a"

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
PRIMARY = "mrk-2222bbbb000040008000000000000005"
OF_AWS = "2222bbbb-0000-4000-8000-000000000006"
FURTHER = f"""
[[account.key]]
region = "eu-west-1"
id = "{PRIMARY}"
created = "900d"
multi_region = "PRIMARY"
multi_region_replicas = ["us-east-1"]

[[account.key]]
region = "eu-west-1"
id = "{OF_AWS}"
created = "900d"
manager = "AWS"

[[account.user]]
name = "web"
"""
SESSION = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{OWNER}:assumed-role/app/i-1",
    "accessKeyId": "ASIAAPP0000000000001",
}
HISTORY = f"""
now = "2026-11-21T02:00:00Z"

[[account]]
id = "{OWNER}"
regions = ["eu-west-1", "us-east-1"]

[[account.key]]
region = "eu-west-1"
id = "{STALE}"
created = "900d"
last_used = "3d"
operation = "GenerateDataKey"
event_id = "eeee0001-0000-4000-8000-000000000000"

[[account.key]]
region = "eu-west-1"
id = "{GUARDED}"
created = "900d"
last_used = "5d"
event_id = "eeee0002-0000-4000-8000-000000000000"

[[account.key]]
region = "eu-west-1"
id = "{PENDING}"
created = "900d"
last_used = "91d"
event_id = "eeee0003-0000-4000-8000-000000000000"

[[account.key]]
region = "us-east-1"
id = "{LOCKED}"
created = "900d"
last_used = "1d"

[[account.trail_event]]
region = "eu-west-1"
time = "1d"
key = "{STALE}"
caller = "arn:aws:iam::{OWNER}:user/anna"
error_code = "KMSInvalidStateException"

[[account.trail_event]]
region = "eu-west-1"
id = "eeee0002-0000-4000-8000-000000000000"
time = "5d"
key = "{GUARDED}"
caller = "arn:aws:iam::{OWNER}:user/ops/bert"
access_key = "AKIABERT000000000001"
source_ip = "192.0.2.7"
user_agent = "aws-cli/2.31"
parameters = '{{"encryptionContext": {{"a": "b"}}}}'

[[account.trail_event]]
region = "eu-west-1"
time = "2d"
name = "GetSecretValue"
source = "secretsmanager.amazonaws.com"
access_key = "AKIABERT000000000001"
content = "no JSON at all"

[[account.trail_event]]
region = "eu-west-1"
time = "6d"
name = "Sign"
user_identity = '{{"type": "AWSAccount", "principalId": "AROAX:etl", "accountId": "999999999999"}}'

[[account.trail_event]]
region = "eu-west-1"
time = "7d"
name = "Sign"
content = '{json.dumps({"userIdentity": SESSION})}'

[[account.trail_event]]
region = "eu-west-1"
time = "8d"
name = "Sign"
content = '{{"userIdentity": null}}'
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
def administered(servers: Servers, changeable: Path) -> Aws:
    """The simulator with more keys than moto can have, for one test, which may change them."""
    changeable.write_text(DEPENDENTS + FURTHER, encoding="utf-8")
    return servers.start("simulator", changeable, "allowed")


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
    created = datetime.fromisoformat("2024-02-03T04:05:06.789Z")
    # moto has whole seconds.
    assert first["CreateTime"] == (created.replace(microsecond=0) if aws.name == "moto" else created)
    attached = volumes[derived[1]]
    # moto attaches none.
    attachments = [] if aws.name == "moto" else ["i-0000000000000000a"]
    assert [attachment["InstanceId"] for attachment in attached["Attachments"]] == attachments
    assert (attached["State"] == "in-use") == bool(attachments)
    assert len(derived[1]) == len("vol-") + 17


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
    by_account = client(aws, "ec2").describe_snapshots(OwnerIds=[OWNER])["Snapshots"]
    assert {snapshot["SnapshotId"] for snapshot in own} <= {snapshot["SnapshotId"] for snapshot in by_account}


def test_snapshots_of_another_account_are_not_listed(servers: Servers) -> None:
    aws = servers.simulator(servers.written(DEPENDENTS))
    assert client(aws, "ec2", "111111111111", "us-east-1").describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert client(aws, "ec2").describe_snapshots(OwnerIds=["111111111111"])["Snapshots"] == []


def test_what_is_encrypted_can_be_asked_for(aws: Aws) -> None:
    ec2 = client(aws, "ec2")
    for values, count in (["false"], 1), (["true", "false"], 3), (["maybe"], 0), (["true"], 2):
        encrypted = [{"Name": "encrypted", "Values": values}]
        assert len(ec2.describe_volumes(Filters=encrypted)["Volumes"]) == count, values
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


def test_grants_come_in_pages_and_can_be_asked_for_by_id_or_grantee(servers: Servers) -> None:
    kms = client(servers.simulator(servers.written(DEPENDENTS)), "kms")
    pages = kms.get_paginator("list_grants").paginate(KeyId=STALE, PaginationConfig={"PageSize": 2})
    assert [len(page["Grants"]) for page in pages] == [2, 1]
    for one in ({"GrantId": "1" * 64}, {"GranteePrincipal": "rds.amazonaws.com"}):
        [grant] = kms.list_grants(KeyId=STALE, **one)["Grants"]
        assert grant["GrantId"] == "1" * 64


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


def test_the_policy_that_aws_gives_names_the_root_of_its_partition(servers: Servers) -> None:
    cell = 'region = "cn-north-1"\nid = "beijing"\ncreated = "9d"'
    text = f'[[account]]\nid = "{OWNER}"\nregions = ["cn-north-1"]\n[[account.key]]\n{cell}'
    policy = client(servers.simulator(servers.written(text)), "kms", region="cn-north-1").get_key_policy(
        KeyId="beijing"
    )
    [statement] = json.loads(policy["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws-cn:iam::{OWNER}:root"}


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


def test_each_change_answers_and_refuses_as_the_state_of_a_key_has_it(administered: Aws) -> None:
    kms = client(administered, "kms")

    def described() -> dict[str, Any]:
        return kms.describe_key(KeyId=STALE)["KeyMetadata"]

    for change, key_id, state in (
        (kms.disable_key, STALE, "Disabled"),
        (kms.disable_key, STALE_ARN, "Disabled"),
        (kms.enable_key, STALE, "Enabled"),
    ):
        assert set(change(KeyId=key_id)) == {"ResponseMetadata"}
        assert (described()["KeyState"], described()["Enabled"]) == (state, state == "Enabled")
    for days in (1, 6, 31):
        out_of_range = refused(kms.schedule_key_deletion, KeyId=STALE, PendingWindowInDays=days)
        assert out_of_range == ("ValidationException", 400)
    scheduled = kms.schedule_key_deletion(KeyId=STALE, PendingWindowInDays=7)
    assert (scheduled["KeyState"], scheduled["PendingWindowInDays"]) == ("PendingDeletion", 7)
    late = scheduled["DeletionDate"] - (administered.world.now + timedelta(days=7))
    assert timedelta() <= late < timedelta(minutes=5)
    for change in (kms.disable_key, kms.enable_key, kms.schedule_key_deletion):
        assert refused(change, KeyId=STALE) == ("KMSInvalidStateException", 400)
    assert kms.cancel_key_deletion(KeyId=STALE_ARN)["KeyId"] == STALE_ARN
    assert (described()["KeyState"], "DeletionDate" in described()) == ("Disabled", False)
    assert refused(kms.cancel_key_deletion, KeyId=STALE) == ("KMSInvalidStateException", 400)
    assert kms.schedule_key_deletion(KeyId=STALE)["PendingWindowInDays"] == 30
    for key_id, code in ((OF_AWS, "AccessDeniedException"), ("none", "NotFoundException")):
        assert refused(kms.disable_key, KeyId=key_id) == (code, 400)
    assert refused(kms.disable_key, KeyId="alias/stale") == ("NotFoundException", 400)


def test_a_primary_waits_for_its_replicas_without_a_date(administered: Aws) -> None:
    kms = client(administered, "kms")
    scheduled = kms.schedule_key_deletion(KeyId=PRIMARY, PendingWindowInDays=12)
    assert (scheduled["KeyState"], "DeletionDate" in scheduled) == ("PendingReplicaDeletion", False)
    metadata = kms.describe_key(KeyId=PRIMARY)["KeyMetadata"]
    assert (metadata["PendingDeletionWindowInDays"], "DeletionDate" in metadata) == (12, False)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"UserName": "nobody"}, ("NoSuchEntity", 404)),
        ({"UserName": "web"}, ("NoSuchEntity", 404)),
        ({"Status": "Off"}, ("ValidationError", 400)),
        ({"UserName": ""}, ("ValidationError", 400)),
    ],
    ids=["of nobody", "of another user", "to another status", "of no user"],
)
def test_a_change_of_an_access_key_names_its_user_and_a_status(
    administered: Aws, changed: dict[str, str], expected: tuple[str, int]
) -> None:
    arguments = {"UserName": "bot", "AccessKeyId": "AKIABOT0000000000001", "Status": "Inactive", **changed}
    unchecked = administered.client("iam", credentials=administered.enter(OWNER), parameter_validation=False)
    assert refused(unchecked.update_access_key, **arguments) == expected


def test_an_access_key_is_deactivated_and_deleted(administered: Aws) -> None:
    # The backend of moto does not know the keys of a world, lest it take them for credentials.
    iam = client(administered, "iam")

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
    used = refused(iam.get_access_key_last_used, AccessKeyId=named["AccessKeyId"])
    assert used == ("AccessDenied", 403)


@pytest.mark.parametrize("operation", ["disable_key", "enable_key", "schedule_key_deletion", "cancel_key_deletion"])
def test_nothing_is_changed_where_it_was_not_allowed(servers: Servers, operation: str) -> None:
    kms = client(servers.simulator(servers.written(DEPENDENTS)), "kms")
    assert refused(getattr(kms, operation), KeyId=STALE) == ("UnknownOperationException", 501)
    assert kms.describe_key(KeyId=STALE)["KeyMetadata"]["KeyState"] == "Enabled"


# CloudTrail


def lookup(aws: Aws, name: str, value: str) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": name, "AttributeValue": value}]
    pages = client(aws, "cloudtrail").get_paginator("lookup_events").paginate(LookupAttributes=attributes)
    return [event for page in pages for event in page["Events"]]


def test_the_event_of_a_last_use_is_found_by_its_id(history: Aws) -> None:
    usage = client(history, "kms").get_key_last_usage(KeyId=STALE)["KeyLastUsage"]
    [event] = lookup(history, "EventId", usage["CloudTrailEventId"])
    assert (event["EventName"], event["EventTime"]) == ("GenerateDataKey", usage["Timestamp"])
    assert event["ReadOnly"] == "true"
    assert event["Resources"] == [{"ResourceType": "AWS::KMS::Key", "ResourceName": STALE_ARN}]
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventID"] == usage["CloudTrailEventId"]
    assert (record["eventTime"], record["awsRegion"]) == ("2026-11-18T02:00:00Z", "eu-west-1")
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"].startswith(f"arn:aws:sts::{OWNER}:assumed-role/application/")
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == f"arn:aws:iam::{OWNER}:role/application"
    assert record["requestParameters"]["keyId"] == STALE_ARN
    assert "errorCode" not in record


def test_an_event_of_the_world_says_who_called_and_replaces_the_derived_one(history: Aws) -> None:
    [event] = lookup(history, "EventId", "eeee0002-0000-4000-8000-000000000000")
    assert event["Username"] == "bert"
    record = json.loads(event["CloudTrailEvent"])
    assert record["userIdentity"]["type"] == "IAMUser"
    assert record["userIdentity"]["accessKeyId"] == "AKIABERT000000000001"
    assert (record["sourceIPAddress"], record["userAgent"]) == ("192.0.2.7", "aws-cli/2.31")
    assert record["requestParameters"]["encryptionContext"] == {"a": "b"}


@pytest.mark.parametrize(
    ("attribute", "value", "ages"),
    [
        ("EventName", "Decrypt", [1, 5]),
        ("EventSource", "secretsmanager.amazonaws.com", [2]),
        ("ReadOnly", "true", [1, 2, 3, 5, 6, 7, 8]),
        ("ReadOnly", "false", []),
        ("Username", "bert", [5]),
        ("ResourceType", "AWS::KMS::Key", [1, 3, 5]),
        ("ResourceName", STALE_ARN, [1, 3]),
        ("AccessKeyId", "AKIABERT000000000001", [2, 5]),
        # Older than 90 days.
        ("EventId", "eeee0003-0000-4000-8000-000000000000", []),
    ],
)
def test_events_are_found_by_each_attribute_latest_first(
    history: Aws, attribute: str, value: str, ages: list[int]
) -> None:
    found = lookup(history, attribute, value)
    assert [(history.world.now - event["EventTime"]).days for event in found] == ages


def test_an_event_tells_what_there_is_of_its_caller(history: Aws) -> None:
    [other] = lookup(history, "EventName", "GetSecretValue")
    assert other["CloudTrailEvent"] == "no JSON at all"
    stranger, session, nobody = lookup(history, "EventName", "Sign")
    assert json.loads(stranger["CloudTrailEvent"])["userIdentity"]["accountId"] == "999999999999"
    assert (session["Username"], session["AccessKeyId"]) == ("i-1", "ASIAAPP0000000000001")
    for event in (stranger, nobody):
        assert not {"Username", "AccessKeyId"} & event.keys()


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
    # Moments are whole or broken seconds.
    within = look(StartTime=now - timedelta(days=3), EndTime=now - timedelta(days=1, seconds=0.5))["Events"]
    assert [(now - event["EventTime"]).days for event in within] == [2, 3]
    pages = client(history, "cloudtrail").get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 3})
    events = [[event["EventId"] for event in page["Events"]] for page in pages]
    assert [len(page) for page in events] == [3, 3, 1]
    assert len({event_id for page in events for event_id in page}) == 7
    assert refused(client(history, "cloudtrail", region="sa-east-1").lookup_events) == (
        "UnrecognizedClientException",
        400,
    )
