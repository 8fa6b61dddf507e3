"""What the Lambda function writes for CloudWatch to make metrics of: what the alarms and the dashboard look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY, Aws, Servers
from lambda_runtime import LambdaFunction

DEMO = REPOSITORY / "examples" / "worlds" / "demo.toml"
METRICS = {
    "FlaggedKeys": "Count",
    "FlaggedKmsKeys": "Count",
    "FlaggedAccessKeys": "Count",
    "FlaggedPasswords": "Count",
    "FlaggedSecrets": "Count",
    "KeysNeeded": "Count",
    "KeysRead": "Count",
    "CellsNotScanned": "Count",
    "ThrottledCalls": "Count",
    "MonthlyCostFlagged": None,
    "Duration": "Milliseconds",
    "DigestsMissing": "Count",
}

# Secrets are not read here: how many are flagged is not known.
WRITTEN = {name: unit for name, unit in METRICS.items() if name != "FlaggedSecrets"}

Line = dict[str, Any]


@pytest.fixture(scope="module")
def aws(servers: Servers) -> Aws:
    return servers.simulator(DEMO)


@pytest.fixture(scope="module")
def function(aws: Aws, bootstrap: Path) -> Iterator[LambdaFunction]:
    with aws.function(bootstrap) as function:
        yield function


def metrics(log: str) -> list[Line]:
    """The lines in which CloudWatch looks for metrics. Every line of the log is JSON."""
    return [line for line in map(json.loads, log.splitlines()) if "_aws" in line]


def test_a_run_writes_one_line_with_the_numbers_of_its_summary(function: LambdaFunction) -> None:
    invocation = function.invoke({})
    summary = invocation.result()
    [line] = metrics(invocation.log)
    coverage, flagged = summary["coverage"], summary["keys"]["flagged_by_kind"]
    cells = [count for status, count in coverage["cells"].items() if status != "scanned"]
    assert {name: line[name] for name in WRITTEN} == {
        "FlaggedKeys": summary["keys"]["flagged"],
        "FlaggedKmsKeys": flagged["kms_key"],
        "FlaggedAccessKeys": flagged["iam_access_key"] + flagged["root_access_key"],
        "FlaggedPasswords": flagged["iam_password"],
        "KeysNeeded": summary["keys"]["needed"],
        "KeysRead": summary["keys"]["total"] - summary["keys"]["by_verdict"]["unreadable"],
        "CellsNotScanned": sum(cells) + coverage["accounts"]["unreachable"],
        "ThrottledCalls": sum(call["throttled"] for call in summary["calls"].values()),
        "MonthlyCostFlagged": summary["keys"]["monthly_cost_usd_flagged"],
        "Duration": summary["elapsed_ms"],
        "DigestsMissing": 0,
    }
    assert sum(flagged.values()) == line["FlaggedKeys"]
    assert "FlaggedSecrets" not in line
    assert line["FlaggedKeys"] > 0 and line["CellsNotScanned"] > 0
    assert line["run.id"] == summary["run_id"]


def test_the_line_is_of_the_format_in_which_cloudwatch_finds_metrics(function: LambdaFunction) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    [line] = metrics(function.invoke({"digest": "never"}).log)
    assert isinstance(line["_aws"]["Timestamp"], int)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Keycensus"
    assert directive["Dimensions"] == [["FunctionName"]]
    assert line["FunctionName"] == function.name
    assert {metric["Name"]: metric.get("Unit") for metric in directive["Metrics"]} == WRITTEN
    assert all(isinstance(line[name], int | float) for name in WRITTEN)


def test_an_event_that_is_delivered_again_is_not_counted_again(function: LambdaFunction) -> None:
    event = {"detail-type": "Scheduled Event", "id": "counted-once", "detail": {"digest": "never"}}
    first, again = function.invoke(event), function.invoke(event)
    assert first.result()["run_id"] == again.result()["run_id"]
    assert (len(metrics(first.log)), len(metrics(again.log))) == (1, 0)


def test_a_run_that_reports_nothing_has_no_metrics(function: LambdaFunction) -> None:
    failed = function.invoke({"colour": "red"})
    assert failed.error_type == "SettingsError"
    assert metrics(failed.log) == []


def test_a_run_that_failed_has_one_line_of_error(function: LambdaFunction) -> None:
    failed = function.invoke({"colour": "red"})
    [line] = [line for line in map(json.loads, failed.log.splitlines()) if line["level"] == "ERROR"]
    assert line["message"].startswith("census failed: ")
    assert line["error.kind"] == failed.error_type


def test_metrics_get_through_however_quiet_the_log_is(aws: Aws, bootstrap: Path) -> None:
    """Lambda drops lines below the log's level, and takes lines without a level and a time for INFO."""
    with aws.function(bootstrap, AWS_LAMBDA_LOG_LEVEL="ERROR") as quiet:
        [line] = metrics(quiet.invoke({"digest": "never"}).log)
    assert line["level"] == "ERROR"
    assert line["timestamp"].endswith("Z")
