"""The templates: permissions for what a census asks for and no more, tables over what it writes, alarms, a dashboard."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cloudformation import template
from conftest import REPOSITORY, Servers
from test_metrics import METRICS
from report_columns import WRITTEN_BY, report_columns

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


STACK = template("template.yaml")
RESOURCES = STACK["Resources"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the stack's resources of a type, by logical name."""
    return {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == kind}


def statements(resources: dict[str, Any], role: str, policy: str | None = None) -> list[Statement]:
    """What a role may do, by one of its policies or by all of them, whatever its stack's parameters."""
    return [
        # Of a condition, what is there if it holds.
        statement["If"][1] if "If" in statement else statement
        for one in resources[role]["Properties"]["Policies"]
        if policy in (None, one["PolicyName"])
        for statement in one["PolicyDocument"]["Statement"]
    ]


def actions(statements: list[Statement]) -> list[str]:
    named = (one["Action"] for one in statements)
    return [action for one in named for action in ([one] if isinstance(one, str) else one)]


MEMBER = statements(template("member-role.yaml")["Resources"], "ReaderRole")
SCANNER = statements(RESOURCES, "ScannerRole")
OWN_ACCOUNT = statements(RESOURCES, "ScannerRole", "scan-own-account")


@dataclass
class Calls:
    """The operations of a census, by whose permissions they were made with."""

    of_the_scanner: set[str]
    of_the_member_role: set[str]


@pytest.fixture(scope="module")
def calls(servers: Servers, bootstrap: Path) -> Calls:
    """The calls of two censuses of the demo's organization: the second one finds the reports of the first, which found
    none, so that there were events to put."""
    aws = servers.simulator(DEMO)
    settings = {
        "KEYCENSUS_DIGEST": "always",
        "KEYCENSUS_AUDIT_GUARD": "on",
        "KEYCENSUS_EVENT_BUS": "keycensus",
        "KEYCENSUS_REPORT_PREFIX": "permissions",
    }
    with aws.function(bootstrap, **settings) as function:
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


def test_the_event_history_is_looked_into_only_where_somebody_asked_for_it() -> None:
    member = template("member-role.yaml")
    policy = member["Resources"]["ExplainPolicy"]
    assert actions(policy["Properties"]["PolicyDocument"]["Statement"]) == [
        "cloudtrail:LookupEvents",
        "kms:GetKeyPolicy",
    ]
    assert member["Conditions"][policy["Condition"]] == {"Equals": [{"Ref": "Explain"}, "on"]}
    assert member["Parameters"]["Explain"]["Default"] == "off"


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
        "ec2:DescribeVolumes",
        "ec2:DescribeSnapshots",
        "iam:ListUsers",
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
    }


def test_every_setting_of_the_scanner_is_set() -> None:
    known = (REPOSITORY / "crates" / "core" / "src" / "settings" / "spec.rs").read_text(encoding="utf-8")
    settings = {f"KEYCENSUS_{name.upper()}" for name in re.findall(r"^    setting!\((\w+),", known, re.MULTILINE)}
    assert "KEYCENSUS_STALE_AFTER_DAYS" in settings
    assert settings <= RESOURCES["ScannerFunction"]["Properties"]["Environment"]["Variables"].keys()


def test_events_are_put_on_the_bus_that_is_named_and_on_no_other() -> None:
    variables = RESOURCES["ScannerFunction"]["Properties"]["Environment"]["Variables"]
    no_value = {"Ref": "AWS::NoValue"}
    assert variables["KEYCENSUS_EVENT_BUS"] == {"If": ["HasEventBus", {"Ref": "EventBusName"}, no_value]}
    assert STACK["Conditions"]["HasEventBus"] == {"Not": [{"Equals": [{"Ref": "EventBusName"}, ""]}]}
    [granted] = [one for one in SCANNER if "events:PutEvents" in actions([one])]
    bus = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}"
    assert granted["Resource"] == {"Sub": bus}


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
    assert storage["SerdeInfo"]["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.OpenCSVSerde"
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


ALARMS = of_type("AWS::CloudWatch::Alarm")


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_no_further_back_than_cloudwatch_does(name: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    alarm = ALARMS[name]
    periods = alarm["EvaluationPeriods"]
    if isinstance(periods, dict):
        periods = STACK["Parameters"][periods["Ref"]]["MaxValue"]
    assert alarm["Period"] * periods <= (604_800 if alarm["Period"] >= 3600 else 86_400)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_tells_the_topic_if_there_is_one(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == {
        "If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
    }


def test_an_alarm_on_metrics_of_ours_looks_at_one_that_the_function_writes() -> None:
    ours = [alarm for alarm in ALARMS.values() if alarm["Namespace"] == "Keycensus"]
    assert ours
    for alarm in ours:
        assert alarm["MetricName"] in METRICS
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "ScannerFunction"}}]
        # With a unit, it would look only at data points of that unit.
        assert "Unit" not in alarm


def test_the_dashboard_shows_every_metric_and_every_alarm() -> None:
    [dashboard] = of_type("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"]["Sub"])["widgets"]
    shown = [metric for one in widgets if one["type"] == "metric" for metric in one["properties"]["metrics"]]
    assert shown == [["Keycensus", name, "FunctionName", "${ScannerFunction}"] for name in METRICS]
    [alarms] = [one["properties"]["alarms"] for one in widgets if one["type"] == "alarm"]
    assert alarms == [f"${{{name}.Arn}}" for name in ALARMS]
