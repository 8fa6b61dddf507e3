"""boto3 lists secrets from the simulator.

Each test runs against moto too, which ``motoext`` fills from the same world: what both answer is what we expect of AWS.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from conftest import Aws, Servers, refused

REGION = "eu-west-1"

WORLD = """
now = "2026-11-21T02:00:00Z"

[[account]]
id = "111111111111"
regions = ["eu-west-1", "us-east-1"]

[[account.secret]]
region = "eu-west-1"
name = "prod/db"
created = "2025-01-02T03:04:05Z"
last_accessed = "2026-11-20T23:59:59Z"
rotation = true
tags = { owner = "payments" }

[[account.secret]]
region = "us-east-1"
name = "prod/db"
primary_region = "eu-west-1"
created = "2025-02-02T03:04:05Z"

[[account.secret]]
region = "eu-west-1"
name = "rds!cluster"
created = "2025-03-02T03:04:05Z"
owning_service = "rds"

[[account.secret]]
region = "eu-west-1"
name = "leaving"
created = "2025-04-02T03:04:05Z"
deleted = "1d"
"""


@pytest.fixture
def stored(imitation: str, servers: Servers) -> Aws:
    return servers.start(imitation, servers.written(WORLD))


def listed(aws: Aws, region: str = REGION, **arguments: Any) -> list[dict[str, Any]]:
    pages = aws.client("secretsmanager", region).get_paginator("list_secrets").paginate(**arguments)
    return [secret for page in pages for secret in page["SecretList"]]


def test_secrets_of_the_region_are_listed_without_those_that_are_marked_for_deletion(stored: Aws) -> None:
    assert [secret["Name"] for secret in listed(stored)] == ["prod/db", "rds!cluster"]
    with_deleted = listed(stored, IncludePlannedDeletion=True)
    assert [secret["Name"] for secret in with_deleted] == ["prod/db", "rds!cluster", "leaving"]
    assert "DeletedDate" in with_deleted[2] and "DeletedDate" not in with_deleted[0]


def test_a_retrieval_is_a_day_without_a_time_and_absent_where_there_was_none(stored: Aws) -> None:
    used, never = listed(stored)
    assert used["LastAccessedDate"] == datetime(2026, 11, 20, tzinfo=UTC)
    assert "LastAccessedDate" not in never
    assert used["CreatedDate"] == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_an_entry_has_tags_rotation_and_owning_service(stored: Aws) -> None:
    ours, of_rds = listed(stored)
    assert ours["Tags"] == [{"Key": "owner", "Value": "payments"}]
    assert ours["RotationEnabled"] is True and "RotationEnabled" not in of_rds
    assert of_rds["OwningService"] == "rds" and "OwningService" not in ours


def test_a_replica_has_the_arn_of_its_primary_secret_but_for_the_region(stored: Aws) -> None:
    [replica] = listed(stored, "us-east-1")
    primary = listed(stored)[0]
    assert replica["PrimaryRegion"] == REGION
    assert replica["ARN"] == primary["ARN"].replace(REGION, "us-east-1")
    assert primary["ARN"].startswith(f"arn:aws:secretsmanager:{REGION}:111111111111:secret:prod/db-")
    assert len(primary["ARN"].rsplit("-", 1)[1]) == 6


def test_pages_have_as_many_secrets_as_a_request_asks_for(stored: Aws) -> None:
    client = stored.client("secretsmanager", REGION)
    first = client.list_secrets(MaxResults=1)
    second = client.list_secrets(MaxResults=1, NextToken=first["NextToken"])
    assert [secret["Name"] for page in (first, second) for secret in page["SecretList"]] == ["prod/db", "rds!cluster"]
    assert "NextToken" not in second


def test_what_is_no_page_is_refused(servers: Servers) -> None:
    aws = servers.simulator(servers.written(WORLD))
    client = aws.client("secretsmanager", REGION)
    assert refused(client.list_secrets, NextToken="nothing") == ("InvalidNextTokenException", 400)
    assert refused(client.list_secrets, MaxResults=101) == ("InvalidParameterException", 400)


def test_a_region_that_is_not_enabled_knows_no_token(stored: Aws) -> None:
    elsewhere = stored.client("secretsmanager", "eu-central-1")
    assert refused(elsewhere.list_secrets) == ("UnrecognizedClientException", 400)
