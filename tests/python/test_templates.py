"""The templates' permissions: what a census asks for, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import REPOSITORY, Servers

DEMO = REPOSITORY / "examples" / "worlds" / "demo.toml"

NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}
GRANTED_AS = {"s3:HeadBucket": "s3:ListBucket"}
NOT_CALLED_IN_THE_DEMO = {
    # Only where AWS answers accounts without their paths.
    "organizations:ListParents",
    # What Lambda does with the function's role.
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
}

Statement = dict[str, Any]


class Template(yaml.SafeLoader):
    """CloudFormation's YAML: a ``!Function`` of the template is the mapping of one entry that it stands for."""


def function(loader: Template, name: str, node: yaml.Node) -> dict[str, Any]:
    construct = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda node: loader.construct_sequence(node, deep=True),
        yaml.MappingNode: lambda node: loader.construct_mapping(node, deep=True),
    }
    return {name: construct[type(node)](node)}


Template.add_multi_constructor("!", function)


def statements(template: str, role: str, policy: str | None = None) -> list[Statement]:
    """What a role may do, by one of its policies or by all of them."""
    text = (REPOSITORY / template).read_text(encoding="utf-8")
    policies = yaml.load(text, Template)["Resources"][role]["Properties"]["Policies"]
    return [
        statement
        for one in policies
        if policy in (None, one["PolicyName"])
        for statement in one["PolicyDocument"]["Statement"]
    ]


def actions(statements: list[Statement]) -> list[str]:
    named = (one["Action"] for one in statements)
    return [action for one in named for action in ([one] if isinstance(one, str) else one)]


MEMBER = statements("member-role.yaml", "ReaderRole")
SCANNER = statements("template.yaml", "ScannerRole")
OWN_ACCOUNT = statements("template.yaml", "ScannerRole", "scan-own-account")


@dataclass
class Calls:
    """The operations of a census, by whose permissions they were made with."""

    of_the_scanner: set[str]
    of_the_member_role: set[str]


@pytest.fixture(scope="module")
def calls(servers: Servers, bootstrap: Path) -> Calls:
    """The calls of two censuses of the demo's organization: the second one finds the reports of the first."""
    aws = servers.simulator(DEMO)
    with aws.function(bootstrap, KEYCENSUS_DIGEST="always") as function:
        for _ in range(2):
            function.invoke({}).result()
    made = Calls(set(), set())
    for call in aws.calls():
        # AssumeRole is logged for the account to be entered, and is the scanner's all the same.
        is_scanner = call["account"] == aws.world.scanner.account or call["operation"] == "sts:AssumeRole"
        (made.of_the_scanner if is_scanner else made.of_the_member_role).add(call["operation"])
    return made


def test_the_member_role_may_do_what_a_census_does_with_it(calls: Calls) -> None:
    assert set(actions(MEMBER)) == calls.of_the_member_role


def test_the_scanner_may_do_what_a_census_does_by_itself(calls: Calls) -> None:
    called = {GRANTED_AS.get(call, call) for call in calls.of_the_scanner - NEEDS_NO_PERMISSION}
    assert not called & NOT_CALLED_IN_THE_DEMO
    assert set(actions(SCANNER)) == called | NOT_CALLED_IN_THE_DEMO


def test_the_scanner_reads_its_own_account_by_the_statements_of_the_member_role() -> None:
    assert OWN_ACCOUNT == MEMBER


@pytest.mark.parametrize("granted", [MEMBER, SCANNER], ids=["member role", "scanner"])
def test_no_action_is_granted_twice_or_by_a_wildcard(granted: list[Statement]) -> None:
    assert all(statement["Effect"] == "Allow" for statement in granted)
    named = actions(granted)
    assert sorted(named) == sorted(set(named))
    assert [action for action in named if "*" in action] == []


def test_every_resource_is_given_where_aws_defines_one() -> None:
    """The actions on ``*`` are those without a resource in AWS's service authorization reference."""
    anywhere = {action for one in SCANNER if one["Resource"] == "*" for action in actions([one])}
    assert anywhere == {
        "organizations:ListAccounts",
        "kms:ListKeys",
        "kms:ListAliases",
        "iam:ListUsers",
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
    }
