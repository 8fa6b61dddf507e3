"""The template: settings, tables over what a census writes, alarms, a dashboard. Permissions are for the scenarios."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cloudformation import Stack, template
from conftest import REPOSITORY
from report_columns import WRITTEN_BY, report_columns
from test_metrics import METRICS

STACK = template("template.yaml")
RESOURCES = STACK["Resources"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the stack's resources of a type, by logical name."""
    return {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == kind}


def test_every_setting_of_the_scanner_is_set() -> None:
    known = (REPOSITORY / "crates" / "core" / "src" / "settings" / "spec.rs").read_text(encoding="utf-8")
    settings = {f"KEYCENSUS_{name.upper()}" for name in re.findall(r"^    setting!\((\w+),", known, re.MULTILINE)}
    assert "KEYCENSUS_STALE_AFTER_DAYS" in settings
    assert settings <= RESOURCES["ScannerFunction"]["Properties"]["Environment"]["Variables"].keys()


TABLES = {table["TableInput"]["Name"]: table["TableInput"] for table in of_type("AWS::Glue::Table").values()}


def test_there_is_a_table_for_each_report_that_queries_read() -> None:
    assert TABLES.keys() == WRITTEN_BY.keys()
    made = [one for one in RESOURCES.values() if one["Type"].startswith("AWS::Glue::")]
    assert [one for one in made if one.get("Condition") != "HasAthena"] == []


@pytest.mark.parametrize("report", WRITTEN_BY)
def test_a_table_has_the_columns_of_its_file_as_text(report: str) -> None:
    storage = TABLES[report]["StorageDescriptor"]
    # OpenCSVSerde takes columns by position, and reads everything but text wrongly where a cell is empty.
    assert [column["Name"] for column in storage["Columns"]] == report_columns(report)
    assert {column["Type"] for column in storage["Columns"]} == {"string"}
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        # A row is one line, so a line break is in no row, and escapes nothing. A backslash can be in a name.
        "Parameters": {"separatorChar": ",", "quoteChar": '"', "escapeChar": "\n"},
    }
    assert TABLES[report]["Parameters"]["skip.header.line.count"] == "1"


@pytest.mark.parametrize("report", WRITTEN_BY)
def test_a_table_looks_where_the_census_writes(report: str) -> None:
    table, folder = TABLES[report], f"s3://${{ReportBucket}}/${{ReportPrefix}}/{report}/"
    assert table["StorageDescriptor"]["Location"] == {"Sub": folder}
    assert table["PartitionKeys"] == [{"Name": "date", "Type": "string"}]
    projected = {
        name: value for name, value in table["Parameters"].items() if name.startswith(("projection", "storage"))
    }
    assert projected == {
        "projection.enabled": "true",
        "projection.date.type": "date",
        "projection.date.format": "yyyy-MM-dd",
        # As far back as the bucket keeps reports.
        "projection.date.range": {"Sub": "NOW-${ReportRetentionDays}DAYS,NOW"},
        "projection.date.interval": "1",
        "projection.date.interval.unit": "DAYS",
        # CloudFormation leaves ${!date} to Athena, as ${date}.
        "storage.location.template": {"Sub": folder + "date=${!date}/"},
    }


def test_the_schedule_names_its_occurrence_as_the_example_of_it_does() -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""
    [schedule] = of_type("AWS::Scheduler::Schedule").values()
    example = json.loads((REPOSITORY / "events" / "scheduler-occurrence.json").read_text(encoding="utf-8"))
    sent = json.loads(schedule["Target"]["Input"])
    assert sent == {
        "scheduler_schedule_arn": "<aws.scheduler.schedule-arn>",
        "scheduler_scheduled_time": "<aws.scheduler.scheduled-time>",
    }
    assert sent.keys() == example.keys()


@pytest.mark.parametrize(
    ("parameters", "reserved"),
    [
        ({}, 1),
        ({"Readers": "4"}, 1),
        ({"LongCensus": "on"}, 1),
        ({"LongCensus": "on", "Readers": "4"}, 4),
        ({"LongCensus": "on", "Readers": "4", "ReserveConcurrency": "false"}, None),
    ],
)
def test_the_function_runs_no_more_often_at_once_than_a_census_needs(
    parameters: dict[str, str], reserved: int | None
) -> None:
    function = stack(**parameters).resources()["ScannerFunction"]["Properties"]
    assert int(function.get("ReservedConcurrentExecutions", 0)) == (reserved or 0)


@pytest.mark.parametrize(("long_census", "started"), [("off", "ScannerFunction"), ("on", "LongCensusMachine")])
def test_the_schedule_starts_the_function_or_the_state_machine(long_census: str, started: str) -> None:
    resources = stack(LongCensus=long_census).resources()
    assert resources["ScanSchedule"]["Properties"]["Target"]["Arn"].endswith(f":{started}")


def test_what_runs_have_read_expires_before_their_markers() -> None:
    [bucket] = of_type("AWS::S3::Bucket").values()
    rules = [rule for rule in bucket["LifecycleConfiguration"]["Rules"] if "Prefix" in rule]
    assert {rule["Prefix"]["Sub"] for rule in rules} == {"${ReportPrefix}/runs/"}
    assert [(rule["ExpirationInDays"], rule.get("ObjectSizeGreaterThan")) for rule in rules] == [
        (95, None),
        (7, "4096"),
    ]


def test_uploads_that_were_left_incomplete_are_aborted_wherever_they_are() -> None:
    """The scanner may not abort them."""
    [bucket] = of_type("AWS::S3::Bucket").values()
    rules = [rule for rule in bucket["LifecycleConfiguration"]["Rules"] if "AbortIncompleteMultipartUpload" in rule]
    assert [(rule["Status"], rule.get("Prefix")) for rule in rules] == [("Enabled", None)]


ALARMS = of_type("AWS::CloudWatch::Alarm")


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_no_further_back_than_cloudwatch_does(name: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    alarm = ALARMS[name]
    periods = alarm["EvaluationPeriods"]
    if isinstance(periods, dict):
        periods = STACK["Parameters"][periods["Ref"]]["MaxValue"]
    assert alarm["Period"] * periods <= (604_800 if alarm["Period"] >= 3600 else 86_400)


ONCALL = "arn:aws:sns:eu-west-1:222222222222:oncall"


def stack(**different: str) -> Stack:
    """The stack with the parameters' defaults, but for some."""
    defaults = {name: str(parameter["Default"]) for name, parameter in STACK["Parameters"].items()}
    return Stack(STACK, defaults | different)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_publishes_to_the_stack_s_topic_unless_another_is_given(name: str) -> None:
    own, given = stack(LongCensus="on").resources(), stack(AlarmTopicArn=ONCALL, LongCensus="on").resources()
    assert own[name]["Properties"]["AlarmActions"] == own["AlarmTopicPolicy"]["Properties"]["Topics"]
    assert given[name]["Properties"]["AlarmActions"] == [ONCALL]
    assert not [logical for logical in given if logical.startswith("AlarmTopic")]


def test_the_alarms_own_topic_is_not_under_the_key_with_which_cloudwatch_cannot_publish() -> None:
    """https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns"""
    topics = {name: topic.get("KmsMasterKeyId") for name, topic in of_type("AWS::SNS::Topic").items()}
    assert topics == {"DigestTopic": "alias/aws/sns", "AlarmTopic": None}


@pytest.mark.parametrize(
    ("parameters", "subscribed"),
    [
        ({}, None),
        ({"DigestEmail": "team@example.com"}, "team@example.com"),
        ({"AlarmEmail": "oncall@example.com"}, "oncall@example.com"),
        ({"DigestEmail": "team@example.com", "AlarmEmail": "oncall@example.com"}, "oncall@example.com"),
        ({"AlarmEmail": "oncall@example.com", "AlarmTopicArn": ONCALL}, None),
        ({"DigestEmail": "team@example.com", "AlarmTopicArn": ONCALL}, None),
    ],
)
def test_the_alarms_are_sent_to_their_own_address_or_the_digest_s(
    parameters: dict[str, str], subscribed: str | None
) -> None:
    subscription = stack(**parameters).resources().get("AlarmEmailSubscription", {"Properties": {}})["Properties"]
    assert subscription.get("Endpoint") == subscribed


def test_an_alarm_on_metrics_of_ours_looks_at_one_that_the_function_writes() -> None:
    ours = [alarm for alarm in ALARMS.values() if alarm["Namespace"] == "Keycensus"]
    assert ours
    for alarm in ours:
        assert alarm["MetricName"] in METRICS
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "ScannerFunction"}}]
        # With a unit, it would look only at data points of that unit.
        assert "Unit" not in alarm


@pytest.mark.parametrize("long_census", ["off", "on"])
def test_the_dashboard_shows_every_metric_and_every_alarm(long_census: str) -> None:
    resources = stack(LongCensus=long_census).resources()
    widgets = json.loads(resources["Dashboard"]["Properties"]["DashboardBody"])["widgets"]
    shown = [metric for one in widgets if one["type"] == "metric" for metric in one["properties"]["metrics"]]
    assert shown == [["Keycensus", name, "FunctionName", "ScannerFunction"] for name in METRICS]
    [alarms] = [one["properties"]["alarms"] for one in widgets if one["type"] == "alarm"]
    assert [alarm.rpartition(":")[2] for alarm in alarms] == [name for name in ALARMS if name in resources]
