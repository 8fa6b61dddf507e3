"""boto3 lists service-specific credentials from the simulator.

Tests of listings run against moto too, which ``motoext`` fills from the same world: what both answer is what we expect
of AWS.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from conftest import Aws, Servers, refused

WORLD = """
now = "2026-11-21T02:00:00Z"

[[account]]
id = "111111111111"

[[account.user]]
name = "anna"
path = "/staff/"

[[account.user.service_credential]]
id = "ACCA111111111111ANNA1"
service = "bedrock.amazonaws.com"
created = "2026-10-01T00:00:00Z"
expires = "2027-01-01T00:00:00Z"

[[account.user.service_credential]]
id = "ACCA111111111111ANNA2"
service = "codecommit.amazonaws.com"
created = "2019-10-01T00:00:00Z"
status = "Inactive"

[[account.user]]
name = "ben"

[[account.user.service_credential]]
service = "bedrock.amazonaws.com"
"""


@pytest.fixture
def granted(imitation: str, servers: Servers) -> Aws:
    return servers.start(imitation, servers.written(WORLD))


def listed(aws: Aws, **arguments: Any) -> list[dict[str, Any]]:
    return aws.client("iam").list_service_specific_credentials(**arguments)["ServiceSpecificCredentials"]


def test_the_credentials_of_all_users_are_listed_at_once(granted: Aws) -> None:
    credentials = listed(granted, AllUsers=True)
    assert [credential["UserName"] for credential in credentials] == ["anna", "anna", "ben"]
    of_bedrock = listed(granted, AllUsers=True, ServiceName="bedrock.amazonaws.com")
    assert [credential["UserName"] for credential in of_bedrock] == ["anna", "ben"]
    of_anna = listed(granted, UserName="anna")
    assert of_anna == credentials[:2]


def test_an_entry_has_age_status_and_expiry_and_no_last_use(granted: Aws) -> None:
    first, second, third = listed(granted, AllUsers=True)
    assert first == {
        "UserName": "anna",
        "Status": "Active",
        "CreateDate": datetime(2026, 10, 1, tzinfo=UTC),
        "ExpirationDate": datetime(2027, 1, 1, tzinfo=UTC),
        "ServiceSpecificCredentialId": "ACCA111111111111ANNA1",
        "ServiceName": "bedrock.amazonaws.com",
    }
    assert second["Status"] == "Inactive" and "ExpirationDate" not in second
    assert len(third["ServiceSpecificCredentialId"]) == 21


def test_pages_have_as_many_credentials_as_a_request_asks_for(granted: Aws) -> None:
    iam = granted.client("iam")
    first = iam.list_service_specific_credentials(AllUsers=True, MaxItems=2)
    assert first["IsTruncated"] is True
    second = iam.list_service_specific_credentials(AllUsers=True, MaxItems=2, Marker=first["Marker"])
    assert second["IsTruncated"] is False and "Marker" not in second
    pages = first["ServiceSpecificCredentials"] + second["ServiceSpecificCredentials"]
    assert pages == listed(granted, AllUsers=True)


def test_a_listing_is_of_one_user_or_of_all(granted: Aws) -> None:
    iam = granted.client("iam")
    for arguments in ({}, {"UserName": "anna", "AllUsers": True}):
        assert refused(iam.list_service_specific_credentials, **arguments) == ("ValidationError", 400)


def test_a_service_that_has_none_and_a_user_who_does_not_exist_are_refused(servers: Servers) -> None:
    iam = servers.simulator(servers.written(WORLD)).client("iam")
    unknown = refused(iam.list_service_specific_credentials, AllUsers=True, ServiceName="s3.amazonaws.com")
    assert unknown == ("NotSupportedService", 404)
    assert refused(iam.list_service_specific_credentials, UserName="nobody") == ("NoSuchEntity", 404)


def test_a_world_says_whether_a_listing_of_all_users_has_to_name_a_service(servers: Servers) -> None:
    """AWS does not document it."""
    aws = servers.simulator(servers.written("service_credentials_by_service = true\n" + WORLD))
    assert refused(aws.client("iam").list_service_specific_credentials, AllUsers=True) == ("ValidationError", 400)
    assert len(listed(aws, AllUsers=True, ServiceName="bedrock.amazonaws.com")) == 2


def test_a_simulator_that_allows_changes_switches_a_credential_off_and_deletes_it(servers: Servers) -> None:
    aws = servers.start("simulator", servers.written(WORLD), "allowed")
    iam = aws.client("iam")
    named = {"UserName": "anna", "ServiceSpecificCredentialId": "ACCA111111111111ANNA1"}
    iam.update_service_specific_credential(**named, Status="Inactive")
    assert listed(aws, UserName="anna")[0]["Status"] == "Inactive"
    iam.delete_service_specific_credential(**named)
    assert len(listed(aws, UserName="anna")) == 1
    assert refused(iam.delete_service_specific_credential, **named) == ("NoSuchEntity", 404)
    assert refused(iam.update_service_specific_credential, **named, Status="Active") == ("NoSuchEntity", 404)
