"""Whatever is given for its parameters, in whatever partition: a template resolves to what AWS takes.

What a resource consists of depends on the conditions that it and what it names have, and on nothing else. So every
resource is resolved for every combination of the parameters that these conditions look at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cloudformation import Stack, Unresolved, choices, deciding, template, walk

TEMPLATES = {name: template(name) for name in ("template.yaml", "member-role.yaml", "pending-deletion-alarm.yaml")}
REGIONS = {"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

# A value beside the default of each parameter that has no list of values and that a condition looks at, or that has no
# default.
SAMPLES = {
    "Accounts": "111111111111,222222222222",
    "AlarmEmail": "oncall@example.com",
    "AlarmTopicArn": "arn:PARTITION:sns:REGION:111111111111:oncall",
    "ChatTopicArn": "arn:PARTITION:sns:REGION:111111111111:chat",
    "DigestEmail": "security@example.com",
    "EventBusName": "security",
    "ExcludeAccounts": "333333333333",
    "ExternalId": "census-7f3a",
    "LogGroupName": "aws-cloudtrail-logs-org",
    "OrganizationId": "o-a1b2c3d4e5",
    "OrganizationalUnits": "ou-ab12-cd34ef56",
    "ReportEncryption": "arn:PARTITION:kms:REGION:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "ScannerRoleArn": "arn:PARTITION:iam::111111111111:role/keycensus-ScannerRole-1",
}


def values(whole: dict[str, Any], partition: str) -> dict[str, list[str]]:
    """The values to try of each parameter, its default first: one of those that no condition tells apart."""
    found = {}
    for name, parameter in whole["Parameters"].items():
        default = [str(parameter["Default"])] if "Default" in parameter else []
        others = [str(value) for value in parameter.get("AllowedValues", [])]
        if name in SAMPLES:
            others.append(SAMPLES[name].replace("PARTITION", partition).replace("REGION", REGIONS[partition]))
        for value in default + others:
            assert re.fullmatch(parameter.get("AllowedPattern", ".*"), value), (name, value)
        compared = literals(whole, name)
        first: dict[Any, str] = {}
        for value in dict.fromkeys(default + others):
            first.setdefault(value if compared is None else frozenset({value} & compared), value)
        found[name] = list(first.values())
    return found


def literals(whole: dict[str, Any], name: str) -> set[str] | None:
    """What conditions compare a parameter with; None: otherwise than as it is."""
    reference, found = {"Ref": name}, set()
    for path, value in walk(whole.get("Conditions", {})):
        if value == reference and path[-2:-1] != ("Equals",):
            return None
        if isinstance(value, dict) and reference in (compared := value.get("Equals", [])):
            found |= {str(other) for other in compared if other != reference}
    return found


def parts(name: str, partition: str) -> Iterator[tuple[str, dict[str, str], Any]]:
    """Every resource and output of a template in every form that it can take, with the parameters that make it so."""
    whole = TEMPLATES[name]
    for kind in ("Resources", "Outputs"):
        for logical, part in whole[kind].items():
            for parameters in choices(values(whole, partition), deciding(whole, part)):
                stack = Stack(whole, parameters, partition, REGIONS[partition])
                if stack.has(part):
                    yield logical, parameters, stack.resolve(part)


every_template = pytest.mark.parametrize("name", TEMPLATES)
every_partition = pytest.mark.parametrize("partition", REGIONS)


@every_template
@every_partition
def test_a_template_names_nothing_that_is_not_there(name: str, partition: str) -> None:
    whole = TEMPLATES[name]
    met = {logical for logical, _, _ in parts(name, partition)}
    assert met == whole["Resources"].keys() | whole["Outputs"].keys()


@every_template
@every_partition
def test_an_arn_is_of_the_partition(name: str, partition: str) -> None:
    for logical, parameters, part in parts(name, partition):
        texts = [value for _, value in walk(part) if isinstance(value, str)]
        partitions = {found for text in texts for found in re.findall(r"\barn:([^:]*):", text)}
        assert partitions <= {partition}, (logical, parameters)


@every_template
@every_partition
def test_nothing_is_empty(name: str, partition: str) -> None:
    for logical, parameters, part in parts(name, partition):
        empty = [path for path, value in walk(part) if value in ("", [], {}, None)]
        assert empty == [], (logical, parameters)


@every_template
@every_partition
def test_a_policy_has_statements_that_say_who_what_and_where(name: str, partition: str) -> None:
    for logical, parameters, part in parts(name, partition):
        for path, document in walk(part):
            if not isinstance(document, dict) or "Statement" not in document:
                continue
            for statement in document["Statement"]:
                is_trust = path[-1] == "AssumeRolePolicyDocument"
                needed = {"Effect", "Action", "Principal" if is_trust else "Resource"}
                assert needed <= statement.keys(), (logical, parameters)


def test_what_is_written_as_json_is_json_whatever_is_given() -> None:
    for logical, parameters, part in parts("template.yaml", "aws"):
        if logical == "Dashboard":
            json.loads(part["Properties"]["DashboardBody"])
        if logical == "MemberRoleParameters":
            given = {one["ParameterKey"]: one["ParameterValue"] for one in json.loads(part["Value"])}
            assert given.keys() <= TEMPLATES["member-role.yaml"]["Parameters"].keys()
            assert given.get("ExternalId", "") == parameters["ExternalId"]


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"Ref": "Nothing"}, "no resource Nothing"),
        ({"GetAtt": "AthenaDatabase.Arn"}, "no resource AthenaDatabase"),
        ({"Sub": "${DigestEmailSubscription}"}, "no resource DigestEmailSubscription"),
        ({"If": ["HasNothing", 1, 2]}, "no condition HasNothing"),
    ],
)
def test_a_reference_to_what_is_not_there_is_an_error(part: Any, why: str) -> None:
    whole = TEMPLATES["template.yaml"]
    parameters = {name: str(one["Default"]) for name, one in whole["Parameters"].items()} | {"WithAthena": "false"}
    with pytest.raises(Unresolved, match=why):
        Stack(whole, parameters).resolve(part)
