"""Findings of the Lambda function in moto's Security Hub over three nights, and its message for a chat channel."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from conftest import WORLDS, Aws, Servers, drained

Findings = dict[str, dict[str, Any]]

SETTINGS = {
    "KEYCENSUS_MEMBER_ROLE": "security/KeycensusReader",
    "KEYCENSUS_EXTERNAL_ID": "census-7f3a",
    "KEYCENSUS_SECURITY_HUB": "on",
}
QUEUE = "keycensus-chat"


@pytest.fixture(scope="module")
def nights(bootstrap: Path) -> list[tuple[dict[str, Any], Findings]]:
    """The summaries and all findings of four runs. In the third, keys are in use that were unused before, because more
    days of idleness count as unused; in the fourth they are unused again."""
    told = []
    with ExitStack() as stack:
        aws = Servers(stack).moto(WORLDS / "organization.toml")
        aws.client("securityhub").enable_security_hub(EnableDefaultStandards=False)
        function = stack.enter_context(aws.function(bootstrap, **SETTINGS))
        for days in (1, 1, 400, 1):
            summary = function.invoke({"stale_after_days": days, "digest": "never"}).result()
            told.append((summary, stored(aws)))
    return told


def stored(aws: Aws) -> Findings:
    pages = aws.client("securityhub").get_paginator("get_findings").paginate()
    return {one["Id"]: one for page in pages for one in page["Findings"]}


def unused(findings: Findings) -> Findings:
    """What every night has: which root users signed in depends on the days."""
    return {number: one for number, one in findings.items() if one["GeneratorId"] == "keycensus/unused"}


def of_state(findings: Findings, state: str) -> set[str]:
    return {number for number, one in findings.items() if one["RecordState"] == state}


def test_all_findings_are_imported_as_the_summary_says(nights: list[tuple[dict[str, Any], Findings]]) -> None:
    for summary, findings in nights:
        told = summary["security_hub"]
        assert told["active"] == len(of_state(findings, "ACTIVE"))
        assert told["imported"] == told["active"] + told["archived"]
        assert (told["failed"], told["errors"]) == (0, {})
        assert {one["ProductArn"] for one in findings.values()} == {told["product_arn"]}


def test_there_is_a_finding_for_each_flagged_key_and_root_access_key(
    nights: list[tuple[dict[str, Any], Findings]],
) -> None:
    summary, findings = nights[0]
    of_type = [one["GeneratorId"] for one in findings.values()]
    kinds = [one["ProductFields"]["keycensus/kind"] for one in findings.values()]
    unused, root = of_type.count("keycensus/unused"), of_type.count("keycensus/root_access_key")
    assert unused > 0
    assert root == summary["keys"]["by_kind"]["root_access_key"]
    flagged_roots = summary["keys"]["flagged"] - unused
    assert 0 <= flagged_roots <= root == kinds.count("root_access_key")


def test_findings_are_opened_updated_archived_and_opened_again(nights: list[tuple[dict[str, Any], Findings]]) -> None:
    opened, updated, archived, again = (unused(findings) for _, findings in nights)
    assert of_state(opened, "ARCHIVED") == set()
    assert updated.keys() == opened.keys() == archived.keys() == again.keys()
    for number in opened:
        assert updated[number]["UpdatedAt"] > opened[number]["UpdatedAt"]
        assert updated[number]["CreatedAt"] == opened[number]["CreatedAt"]
    assert len(of_state(archived, "ARCHIVED")) == nights[2][0]["security_hub"]["archived"] > 0
    assert of_state(again, "ARCHIVED") == set()


def test_findings_are_what_the_service_model_takes(nights: list[tuple[dict[str, Any], Findings]]) -> None:
    model = get_session().get_service_model("securityhub").operation_model("BatchImportFindings")
    for _, findings in nights:
        for finding in findings.values():
            # Those are moto's own.
            own = {name: value for name, value in finding.items() if name not in ("ProcessedAt",)}
            validate_parameters({"Findings": [own]}, model.input_shape)


def test_the_channel_gets_a_custom_notification(servers: Servers, bootstrap: Path) -> None:
    aws = servers.moto(WORLDS / "organization.toml")
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name="keycensus-chat")["TopicArn"]
    queue = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    settings = SETTINGS | {"KEYCENSUS_SECURITY_HUB": "off", "KEYCENSUS_CHAT_TOPIC_ARN": topic}
    with aws.function(bootstrap, **settings) as function:
        summary = function.invoke({"digest": "always"}).result()
    [received] = [json.loads(message["Body"]) for message in drained(sqs, QUEUE)]
    assert received["MessageId"] == summary["digest"]["chat"]["message_id"]
    notification = json.loads(received["Message"])
    assert (notification["version"], notification["source"]) == ("1.0", "custom")
    assert notification["id"] == summary["run_id"]
    assert notification["content"]["textType"] == "client-markdown"
    assert summary["report"]["report_html"].rpartition("/")[2] in notification["content"]["description"]
