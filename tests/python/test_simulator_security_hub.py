"""boto3 imports findings into the simulator's Security Hub, as a finding provider does.

moto takes every finding of an enabled account and knows no rule about them: what both answer is tested against both,
and AWS's rules against the simulator alone.
"""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Aws, Servers, refused

ACCOUNT, REGION = "111111111111", "eu-west-1"
PRODUCT = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"
WORLD = f"""
now = "2026-11-21T02:00:00Z"

[[bucket]]
name = "keycensus-reports"
region = "{REGION}"

[[security_hub]]

[[account]]
id = "{ACCOUNT}"
regions = ["eu-west-1", "us-east-1"]
"""


def finding(number: str, **further: Any) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": number,
        "ProductArn": PRODUCT,
        "GeneratorId": "keycensus/unused",
        "AwsAccountId": ACCOUNT,
        "CreatedAt": "2026-11-20T00:00:00Z",
        "UpdatedAt": "2026-11-21T02:00:00Z",
        "Title": "unused",
        "Description": "for long",
        "Resources": [{"Type": "AwsKmsKey", "Id": "arn:aws:kms:eu-west-1:222222222222:key/1"}],
        "FindingProviderFields": {"Severity": {"Label": "LOW"}},
        **further,
    }


def hub(aws: Aws, region: str | None = None) -> Any:
    return aws.client("securityhub", region)


def stored(aws: Aws) -> dict[str, dict[str, Any]]:
    if aws.name == "simulator":
        return {one["id"]: one["asff"] for one in aws.json("/_sim/findings")}
    pages = hub(aws).get_paginator("get_findings").paginate()
    return {one["Id"]: one for page in pages for one in page["Findings"]}


def test_findings_are_created_and_those_of_a_known_id_updated(imitation: str, servers: Servers) -> None:
    aws = servers.start(imitation, servers.written(WORLD))
    client = hub(aws)
    answer = client.batch_import_findings(Findings=[finding("a"), finding("b")])
    assert (answer["SuccessCount"], answer["FailedCount"], answer["FailedFindings"]) == (2, 0, [])
    later = {"UpdatedAt": "2026-11-22T02:00:00Z", "RecordState": "ARCHIVED"}
    client.batch_import_findings(Findings=[finding("a", **later)])
    found = stored(aws)
    assert found["a"]["RecordState"] == "ARCHIVED"
    assert found["b"]["UpdatedAt"] == "2026-11-21T02:00:00Z"


@pytest.fixture
def aws(servers: Servers) -> Aws:
    return servers.simulator(servers.written(WORLD + "# rules"))


def test_an_update_that_is_not_newer_is_ignored_and_counts_as_imported(aws: Aws) -> None:
    client = hub(aws)
    client.batch_import_findings(Findings=[finding("old", Title="second")])
    for moment in ("2026-11-20T02:00:00Z", "2026-11-21T02:00:00Z"):
        answer = client.batch_import_findings(Findings=[finding("old", Title="first", UpdatedAt=moment)])
        assert answer["SuccessCount"] == 1
    assert stored(aws)["old"]["Title"] == "second"


def test_security_hub_must_be_enabled_in_the_account_and_region(aws: Aws) -> None:
    elsewhere = hub(aws, "us-east-1")
    assert refused(elsewhere.batch_import_findings, Findings=[finding("x")]) == ("InvalidAccessException", 401)
    assert "x" not in stored(aws)


@pytest.mark.parametrize(
    "wrong",
    [
        {"AwsAccountId": "222222222222"},
        {"ProductArn": PRODUCT.replace(ACCOUNT, "222222222222")},
        {"ProductArn": PRODUCT.replace(REGION, "us-east-1")},
        {"SchemaVersion": "2018-10-09"},
        {"Id": "x" * 513},
        {"Title": "x" * 257},
        {"Title": " "},
        {"Description": "x" * 1025},
        {"UpdatedAt": "yesterday"},
        {"FirstObservedAt": "2026-11-20"},
        {"Resources": []},
        {"Resources": [{"Type": "Other", "Id": "1"}] * 33},
        {"Resources": [{"Type": "Other", "Id": "1", "Region": "x" * 17}]},
        {"FindingProviderFields": {"Severity": {"Label": "URGENT"}}},
        {"FindingProviderFields": {}},
        {"FindingProviderFields": {"Severity": {"Label": "LOW"}, "Types": ["Keys/Unused"]}},
        {"RecordState": "GONE"},
        {"ProductFields": {str(number): "x" for number in range(51)}},
        {"ProductFields": {"x": "x" * 2049}},
        {"ProductFields": {"x": " "}},
        {"Remediation": {"Recommendation": {"Text": "x" * 513}}},
        {"SourceUrl": "x" * (240 << 10)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_finding_that_breaks_a_rule_fails_and_the_others_do_not(aws: Aws, wrong: dict[str, Any]) -> None:
    broken = finding("broken", **wrong)
    answer = hub(aws).batch_import_findings(Findings=[broken, finding("whole")])
    assert (answer["SuccessCount"], answer["FailedCount"]) == (1, 1)
    [failed] = answer["FailedFindings"]
    assert (failed["Id"], failed["ErrorCode"]) == (broken["Id"], "InvalidInput")
    assert failed["ErrorMessage"]
    assert broken["Id"] not in stored(aws)


def test_a_call_takes_a_hundred_findings_of_six_megabytes(aws: Aws) -> None:
    client = hub(aws)
    hundred = [finding(f"many-{number}") for number in range(100)]
    assert client.batch_import_findings(Findings=hundred)["SuccessCount"] == 100
    large = [finding(f"large-{number}", SourceUrl="x" * (200 << 10)) for number in range(31)]
    assert refused(client.batch_import_findings, Findings=large) == ("InvalidInputException", 400)


def test_one_finding_may_fail_within_security_hub(servers: Servers) -> None:
    fault = '\n[[fault]]\noperation = "securityhub:BatchImportFindings"\neffect = "fail_entry"\nfirst = 1\n'
    aws = servers.simulator(servers.written(WORLD + fault))
    client = hub(aws)
    answer = client.batch_import_findings(Findings=[finding("a"), finding("b")])
    assert [failed["ErrorCode"] for failed in answer["FailedFindings"]] == ["InternalError"]
    assert stored(aws).keys() == {"a"}
    assert client.batch_import_findings(Findings=[finding("b")])["SuccessCount"] == 1
