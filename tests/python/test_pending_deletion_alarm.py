"""The alarm on keys that somebody needs: its filter pattern against CloudTrail events in the form in which CloudTrail
records them, what it should catch and what comes near to it. They are in events/cloudtrail/, written from the examples
and the table of key states in the KMS developer guide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cloudformation import template
from conftest import REPOSITORY
from filter_pattern import NotDocumented, compiled

EVENTS = REPOSITORY / "events" / "cloudtrail"
RESOURCES = template("pending-deletion-alarm.yaml")["Resources"]
FILTER = RESOURCES["RefusedUse"]["Properties"]
ALARM = RESOURCES["RefusedUseAlarm"]["Properties"]
PATTERN = FILTER["FilterPattern"]


def events(folder: str) -> list[Path]:
    return sorted((EVENTS / folder).iterdir())


def test_there_are_events_of_both_sorts_and_no_others() -> None:
    assert sorted(folder.name for folder in EVENTS.iterdir()) == ["other", "refused"]
    assert all(len(events(folder)) >= 10 for folder in ("other", "refused"))


@pytest.mark.parametrize("file", events("refused"), ids=lambda file: file.stem)
def test_a_refused_use_is_caught(file: Path) -> None:
    assert compiled(PATTERN)(json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", events("other"), ids=lambda file: file.stem)
def test_what_comes_near_to_it_is_not(file: Path) -> None:
    assert not compiled(PATTERN)(json.loads(file.read_text(encoding="utf-8")))


def test_the_pattern_is_one_that_cloudwatch_takes() -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"""
    assert len(PATTERN) <= 1024


def test_the_alarm_is_on_the_metric_of_the_filter_and_says_how_to_get_a_key_back() -> None:
    [metric] = FILTER["MetricTransformations"]
    assert (ALARM["Namespace"], ALARM["MetricName"]) == (metric["MetricNamespace"], metric["MetricName"])
    told = ALARM["AlarmDescription"]
    assert len(told) <= 1024
    assert told.index("cancel-key-deletion") < told.index("enable-key")
    assert RESOURCES["RefusedUseQuery"]["Properties"]["Name"] in told
    assert ALARM["Period"] * ALARM["EvaluationPeriods"] <= 86_400
    assert ALARM["AlarmActions"] == [{"Ref": "AlarmTopicArn"}]


DOCUMENTED = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "ThisFlag": True,
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
    "actions": ["GET", "PUT", "DELETE"],
    "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
    "latency": 1500,
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        # The examples of AWS's page, but for those with numbers as texts.
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.ThisFlag IS TRUE }", True),
        ("{ $.ThisFlag IS FALSE }", False),
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', True),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', False),
        ('{ $.user.email = "John.Stiles@example.com" || $.actions[0] = nonmatch && $.actions[2] = nomatch }', True),
        ('{ ($.user.email = "John.Stiles@example.com" || $.actions[0] = nonmatch) && $.actions[2] = nomatch }', False),
        ("{ $.latency >= 500 }", True),
        ("{ $.latency > +1500 }", False),
        ("{ $.eventType = Update* }", True),
        ("{ $.eventType = *Trail }", True),
        ('{ $.eventType = "*date*" }', True),
        ("{ $.eventType = *date }", False),
        ("{ $.eventType = update* }", False),
        ("{ $.eventType != UpdateTrail }", False),
        ("{ $.missing = anything }", False),
    ],
)
def test_patterns_mean_what_aws_documents(pattern: str, matches: bool) -> None:
    assert compiled(pattern)(DOCUMENTED) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.missing != anything }",
        "{ $.users != 1 }",
        "{ $.eventType = Up*Trail }",
        "{ $.eventType > Update }",
        "{ $.eventType = UpdateTrail",
        "$.eventType = UpdateTrail",
        "{ $.eventType = UpdateTrail } { }",
        "{ $.eventType ~ UpdateTrail }",
    ],
)
def test_what_aws_does_not_document_is_an_error(pattern: str) -> None:
    with pytest.raises(NotDocumented):
        compiled(pattern)(DOCUMENTED)
