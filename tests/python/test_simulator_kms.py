"""boto3 reads KMS keys from the simulator: what they are, when they were last used, how often they were rotated.

Each test runs against moto too, which ``motoext`` fills from the same world: what both answer is what we expect of AWS.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conftest import Aws, Servers, refused

MEMBER = "444455556666"
UNREACHABLE = "333333333333"
CLOCK_SKEW = timedelta(seconds=120)
"""Ages in a world file become moments when a server starts, up to this long before a test reads the file."""

READER = "222222222222"
ROTATED = "2222aaaa-0000-4000-8000-000000000001"
YOUNG = "2222aaaa-0000-4000-8000-000000000002"
IMPORTED = "2222aaaa-0000-4000-8000-000000000003"
SIGNING = "2222aaaa-0000-4000-8000-000000000004"
HMAC = "2222aaaa-0000-4000-8000-000000000005"
LOCKED = "mrk-2222aaaa000040008000000000000006"
ROTATIONS = f"""
now = "2026-11-21T02:00:00Z"

[[bucket]]
name = "keycensus-reports"
region = "eu-west-1"

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
state = "PendingDeletion"
deletion_date = "-12d"
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


@pytest.fixture
def with_rotations(imitation: str, servers: Servers) -> Aws:
    """The organization with rotated keys."""
    return servers.start(imitation, servers.written(ROTATIONS))


def kms_cells(aws: Aws) -> list[tuple[Any, str, Any]]:
    """Every account and Region whose keys can be read, with a KMS client for it."""
    cells = []
    for account in aws.world.accounts:
        if account.state != "ACTIVE" or not account.keys or account.id == UNREACHABLE:
            continue
        for region in account.regions:
            if not any(
                r.operation == "kms:*" and (r.account, r.region) == (account.id, region) for r in aws.world.refusals
            ):
                cells.append((account, region, aws.inside(account.id, "kms", region)))
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
                own = kms.list_aliases(KeyId=key.id)["Aliases"]
                assert {alias["AliasName"] for alias in own} == set(key.aliases)
        assert {alias["AliasArn"] for alias in listed} == {
            f"arn:aws:kms:{region}:{account.id}:{name}" for name in targets
        }


def test_a_key_is_described_by_its_id_its_arn_and_its_aliases(aws: Aws) -> None:
    kms = aws.inside(MEMBER, "kms", "eu-west-1")
    key = next(key for key in aws.world.account(MEMBER).keys if "alias/payments" in key.aliases)
    for name in (key.id, f"key/{key.id}", *key.aliases):
        arn = f"arn:aws:kms:eu-west-1:{MEMBER}:{name}"
        metadata = kms.describe_key(KeyId=arn if name.startswith("key/") else name)["KeyMetadata"]
        assert (metadata["KeyId"], metadata["MultiRegion"]) == (key.id, False), name
        assert metadata["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    assert kms.describe_key(KeyId=f"arn:aws:kms:eu-west-1:{MEMBER}:alias/payments")["KeyMetadata"]["KeyId"] == key.id


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
    kms = aws.inside(MEMBER, "kms", "eu-west-1")
    key = next(key for key in aws.world.account(MEMBER).keys if "alias/payments" in key.aliases)
    usage = kms.get_key_last_usage(KeyId=key.id)
    assert abs(usage["KeyCreationDate"] - key.created) < CLOCK_SKEW
    assert abs(usage["TrackingStartDate"] - key.tracking_start) < CLOCK_SKEW
    assert abs(usage["KeyLastUsage"]["Timestamp"] - key.last_used) < CLOCK_SKEW


def test_last_usage_takes_a_key_arn_and_no_alias(aws: Aws) -> None:
    kms = aws.inside(MEMBER, "kms", "eu-west-1")
    key_id = "44440000-0000-4000-8000-000000000003"
    usage = kms.get_key_last_usage(KeyId=f"arn:aws:kms:eu-west-1:{MEMBER}:key/{key_id}")
    assert usage["KeyId"].endswith(key_id)
    assert refused(kms.get_key_last_usage, KeyId="alias/never")[1] == 400


def test_a_key_that_does_not_exist_is_not_found(aws: Aws) -> None:
    kms = aws.inside(MEMBER, "kms", "eu-west-1")
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
    kms = exact.inside("222222222222", "kms", "eu-west-1")
    assert refused(getattr(kms, operation), KeyId=key_id) == ("AccessDeniedException", 400)
    others = {"get_key_last_usage", "list_resource_tags", "describe_key"} - {operation}
    for other in others:
        getattr(kms, other)(KeyId=key_id)


def test_a_key_can_be_refused_by_its_alias(aws: Aws) -> None:
    kms = aws.inside(MEMBER, "kms", "eu-west-1")
    locked = "44440000-0000-4000-8000-000000000008"
    assert refused(kms.get_key_last_usage, KeyId=locked) == ("AccessDeniedException", 400)
    logged = aws.calls()[-1]
    assert logged["resource"] == locked
    # moto does not log codes.
    assert aws.name == "moto" or logged["code"] == "AccessDeniedException"
    assert kms.describe_key(KeyId=locked)["KeyMetadata"]["KeyId"] == locked


def test_a_region_denied_by_policy_answers_access_denied(aws: Aws) -> None:
    kms = aws.inside(MEMBER, "kms", "eu-central-1")
    assert refused(kms.list_keys) == ("AccessDeniedException", 400)


def test_a_region_that_is_not_enabled_does_not_know_the_credentials(aws: Aws) -> None:
    kms = aws.inside(MEMBER, "kms", "sa-east-1")
    assert refused(kms.list_keys) == ("UnrecognizedClientException", 400)


# Rotations


def rotations(aws: Aws, **arguments: Any) -> dict[str, Any]:
    return aws.inside(READER, "kms").list_key_rotations(**arguments)


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
    kms = with_rotations.inside(READER, "kms")
    pages = list(kms.get_paginator("list_key_rotations").paginate(KeyId=ROTATED, PaginationConfig={"PageSize": 2}))
    assert [len(page["Rotations"]) for page in pages] == [2, 1]
    assert [page["Truncated"] for page in pages] == [True, False]


def test_a_key_whose_rotations_cannot_be_listed_says_why(with_rotations: Aws) -> None:
    kms = with_rotations.inside(READER, "kms")
    for key_id, code in (
        (SIGNING, "UnsupportedOperationException"),
        (HMAC, "UnsupportedOperationException"),
        (LOCKED, "AccessDeniedException"),
        ("alias/rotated", "NotFoundException"),
        ("2222aaaa-0000-4000-8000-00000000000f", "NotFoundException"),
    ):
        assert refused(kms.list_key_rotations, KeyId=key_id) == (code, 400), key_id
    assert kms.describe_key(KeyId=LOCKED)["KeyMetadata"]["KeyId"] == LOCKED
