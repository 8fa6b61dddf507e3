"""A census of many invocations, made by the state machine that the schedule starts where ``LongCensus`` is on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployment import EXTERNAL_ID, Census, Installation
from ministack_aws import ORGANIZATION, REGIONS, Ministack, eventually, ministack, tomorrow_at


@pytest.fixture(scope="module")
def aws(bootstrap: Path) -> Iterator[Ministack]:
    with ministack(bootstrap) as aws:
        yield aws


@pytest.fixture(scope="module")
def keys(aws: Ministack) -> set[str]:
    return {aws.idle_key(account_id, region).id for account_id in ORGANIZATION for region in REGIONS}


@pytest.fixture(scope="module")
def installed(aws: Ministack, keys: set[str]) -> Installation:
    installed = Installation(aws)
    installed.deploy(
        ExternalId=EXTERNAL_ID, LastUsageRps="100", Kinds="kms", Digest="always", LongCensus="on", Readers="2"
    )
    return installed


def executions(installed: Installation) -> list[dict[str, Any]]:
    """Those of the state machine, the last one first, with all that is said of each."""
    states = installed.aws.client("stepfunctions")
    listed = states.list_executions(stateMachineArn=installed.scanner.output("StateMachineArn"))["executions"]
    return [states.describe_execution(executionArn=one["executionArn"]) for one in listed]


def executed(installed: Installation, day: float) -> tuple[dict[str, Any], Census]:
    """The execution that the schedule starts at a moment, once it is over, and what it left behind."""
    mark, before = installed.mark(), {one["executionArn"] for one in executions(installed)}
    installed.aws.ask("time", day)
    [execution] = eventually(
        lambda: [
            one for one in executions(installed) if one["executionArn"] not in before and one["status"] != "RUNNING"
        ]
    )
    said = json.loads(execution.get("output", "{}"))
    return execution, installed.census(mark, said if "report" in said else None)


@pytest.fixture(scope="module")
def scheduled(installed: Installation) -> tuple[dict[str, Any], Census]:
    return executed(installed, tomorrow_at(2))


def test_a_long_census_reads_every_key_of_every_account(
    scheduled: tuple[dict[str, Any], Census], keys: set[str]
) -> None:
    execution, census = scheduled
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"), execution.get("output"))
    assert census.summary["coverage"]["complete"] is True
    assert {row["key_id"] for row in census.keys} == keys
    assert census.denied == set()
    assert census.summary["run_id"] == execution["name"]
