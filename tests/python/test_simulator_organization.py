"""boto3 reads the organization from the simulator: accounts, their Regions, and the roles in them.

Each test runs against moto too, which ``motoext`` fills from the same world: what both answer is what we expect of AWS.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from conftest import WORLDS, Aws, Servers, refused

MEMBER = "444455556666"
UNREACHABLE = "333333333333"

TWO_ACCOUNTS = """
[[account]]
id = "111111111111"
[[account]]
id = "222222222222"
"""

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
        organization = f"{exact.world.management_account}:account/{exact.world.organization_id}"
        assert listed[account.id]["Arn"] == f"arn:aws:organizations::{organization}/{account.id}"
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
    organizations = aws.inside(MEMBER, "organizations")
    assert refused(organizations.list_accounts) == ("AccessDeniedException", 400)
    if aws.name == "simulator":
        # moto refuses it to members, AWS does not.
        organization = organizations.describe_organization()["Organization"]
        assert organization["MasterAccountId"] == aws.world.management_account


def test_the_tree_is_walked_from_the_root_down(exact: Aws) -> None:
    organizations = exact.client("organizations")
    [root] = organizations.list_roots()["Roots"]
    parents = [root["Id"], *(unit.id for unit in exact.world.units)]
    for parent in parents:
        pages = organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent)
        units = [(unit["Id"], unit["Name"]) for page in pages for unit in page["OrganizationalUnits"]]
        assert units == [(unit.id, unit.name) for unit in exact.world.units if unit.parent == parent]
        pages = organizations.get_paginator("list_accounts_for_parent").paginate(
            ParentId=parent, PaginationConfig={"PageSize": 1}
        )
        accounts = [account["Id"] for page in pages for account in page["Accounts"]]
        assert sorted(accounts) == sorted(account.id for account in exact.world.accounts if account.parent == parent)


def test_a_closed_account_has_a_state_that_its_status_does_not_know(servers: Servers) -> None:
    aws = servers.simulator(servers.written(f'{TWO_ACCOUNTS}state = "CLOSED"'))
    _, closed = aws.client("organizations").list_accounts()["Accounts"]
    assert (closed["State"], closed["Status"]) == ("CLOSED", "SUSPENDED")


def test_a_listing_below_a_parent_can_begin_with_an_empty_page(servers: Servers) -> None:
    aws = servers.simulator(servers.written(f"[organization]\nempty_first_page = true\n{TWO_ACCOUNTS}"))
    pages = aws.client("organizations").get_paginator("list_accounts_for_parent").paginate(ParentId="r-exam")
    assert [len(page["Accounts"]) for page in pages] == [0, 2]


@pytest.mark.parametrize("imitated_by", ["simulator", "moto"])
@pytest.mark.parametrize(
    ("setting", "absent"),
    [('account_state = "status"\npaths = false', {"State", "Paths"}), ('account_state = "state"', {"Status"})],
    ids=["older", "newer"],
)
def test_an_older_or_newer_answer_lacks_some_fields(
    servers: Servers, imitated_by: str, setting: str, absent: set[str]
) -> None:
    aws = servers.start(imitated_by, servers.written(f"[organization]\n{setting}\n{TWO_ACCOUNTS}"))
    for account in aws.client("organizations").list_accounts()["Accounts"]:
        assert {"State", "Status", "Paths"} - account.keys() == absent


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
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert timedelta(minutes=58) < credentials["Expiration"] - datetime.now(UTC) < timedelta(minutes=61)
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
    assume_role = aws.inside("666666666666", "sts").assume_role
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
    client = aws.inside("666666666666", "account", "us-east-1")
    enabled = ["ENABLED", "ENABLED_BY_DEFAULT"]
    paginate = client.get_paginator("list_regions").paginate
    pages = list(paginate(RegionOptStatusContains=enabled, PaginationConfig={"PageSize": 2}))
    assert [len(page["Regions"]) for page in pages] == [2, 1]
    statuses = {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}
    assert statuses == {
        "eu-south-2": "ENABLED",
        "eu-west-1": "ENABLED_BY_DEFAULT",
        "us-east-1": "ENABLED_BY_DEFAULT",
    }


def test_regions_are_listed_in_pages_and_those_that_are_off_say_so(aws: Aws) -> None:
    client = aws.inside("666666666666", "account", "us-east-1")
    pages = list(client.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10}))
    assert len(pages) >= 3
    statuses = {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}
    assert (statuses["eu-west-1"], statuses["sa-east-1"]) == ("ENABLED_BY_DEFAULT", "DISABLED")
    # Of those that nobody has to opt in to, and of those that somebody has to.
    assert (statuses["eu-west-3"], statuses["af-south-1"]) == ("DISABLED", "DISABLED")
    # moto does not know the latest.
    assert aws.name == "moto" or len(statuses) == 34


def test_other_partitions_have_their_own_regions(servers: Servers) -> None:
    aws = servers.simulator(servers.written('[[account]]\nid = "111111111111"\nregions = ["cn-north-1"]'))
    assert aws.client("account", "cn-north-1").list_regions()["Regions"] == [
        {"RegionName": "cn-north-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"},
        {"RegionName": "cn-northwest-1", "RegionOptStatus": "DISABLED"},
    ]


def test_an_account_lists_the_regions_of_no_other_account(aws: Aws) -> None:
    list_regions = aws.inside(MEMBER, "account", "us-east-1").list_regions
    assert refused(list_regions, AccountId="666666666666") == ("AccessDeniedException", 403)


def test_a_refusal_to_list_regions_is_access_denied(exact: Aws) -> None:
    list_regions = exact.inside("777777777777", "account", "us-east-1").list_regions
    assert refused(list_regions) == ("AccessDeniedException", 403)


# The server's own account of what it served


def test_every_call_is_logged_with_its_account_and_region(aws: Aws) -> None:
    kms = aws.inside(MEMBER, "kms", "us-east-1")
    before = len(aws.calls())
    kms.list_keys()
    assert [(c["operation"], c["account"], c["region"]) for c in aws.calls()[before:]] == [
        ("kms:ListKeys", MEMBER, "us-east-1")
    ]
