"""A census of many invocations, made by the state machine that the schedule starts where ``LongCensus`` is on."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudformation import as_json, template, walk
from conftest import REPOSITORY
from deployment import EXTERNAL_ID, Census, Installation, executed, scanner_template
from ministack_aws import ORGANIZATION, REGIONS, Ministack, eventually, ministack, refusing, tomorrow_at

DEFINITION = "statemachine/long_census.asl.json"
READERS = 2
DAY = 86_400


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
    everything = {"ExternalId": EXTERNAL_ID, "LastUsageRps": "100", "Kinds": "kms", "Digest": "always"}
    installed.deploy(**everything, LongCensus="on", Readers=str(READERS))
    return installed


Execution = dict[str, Any]


def made(installed: Installation, start: Callable[[], Any]) -> tuple[Execution, Census]:
    """The one execution that something starts, once it is over, and what it left behind."""
    mark = installed.mark()
    [execution] = executed(installed, start)
    said = json.loads(execution.get("output") or "{}")
    return execution, installed.census(mark, said)


def by_schedule(installed: Installation) -> tuple[Execution, Census]:
    return made(installed, lambda: installed.aws.ask("time", tomorrow_at(2)))


def by_hand(installed: Installation, event: Any = None) -> tuple[Execution, Census]:
    states, machine = installed.aws.client("stepfunctions"), installed.scanner.output("StateMachineArn")
    return made(installed, lambda: states.start_execution(stateMachineArn=machine, input=json.dumps(event or {})))


def history(installed: Installation, execution: Execution) -> list[dict[str, Any]]:
    pages = installed.aws.client("stepfunctions").get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution["executionArn"]) for event in page["events"]]


def failures(installed: Installation, execution: Execution) -> list[str]:
    """The errors of every attempt that failed."""
    told = history(installed, execution)
    return [event["taskFailedEventDetails"]["error"] for event in told if event["type"] == "TaskFailed"]


@pytest.fixture(scope="module")
def scheduled(installed: Installation) -> tuple[Execution, Census]:
    return by_schedule(installed)


def test_a_long_census_reads_every_key_of_every_account(scheduled: tuple[Execution, Census], keys: set[str]) -> None:
    execution, census = scheduled
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    assert census.summary["run_id"] == execution["name"]
    assert census.summary["coverage"]["complete"] is True
    assert {row["key_id"] for row in census.keys} == keys
    assert census.denied == set()


def test_a_long_census_sends_one_digest(scheduled: tuple[Execution, Census]) -> None:
    execution, census = scheduled
    [digest] = census.digests
    assert json.loads(digest["Message"])["run_id"] == execution["name"]


def test_the_log_has_every_event_of_an_execution(installed: Installation, scheduled: tuple[Execution, Census]) -> None:
    execution, _ = scheduled
    logs, group = installed.aws.client("logs"), f"/aws/vendedlogs/states/{installed.scanner.name}"
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    logged = [json.loads(event["message"]) for page in pages for event in page["events"]]
    of_execution = [event["type"] for event in logged if event["execution_arn"] == execution["executionArn"]]
    assert of_execution == [event["type"] for event in history(installed, execution)]


def test_each_reader_reads_accounts_of_its_own(
    installed: Installation, scheduled: tuple[Execution, Census], keys: set[str]
) -> None:
    execution, census = scheduled
    read = [call["resource"] for call in census.calls if call["action"] == "kms:GetKeyLastUsage"]
    assert len(read) == len(set(read)) == len(keys)
    # One that plans, as many that read as there are readers, and one that reports.
    done = [event for event in history(installed, execution) if event["type"] == "TaskSucceeded"]
    assert len(done) == 1 + READERS + 1


def test_a_second_execution_for_the_same_occurrence_of_the_schedule_ends_at_once(
    installed: Installation, scheduled: tuple[Execution, Census]
) -> None:
    first, _ = scheduled
    execution, census = by_schedule(installed)
    assert execution["status"] == "SUCCEEDED"
    assert installed.summary()["run_id"] == first["name"]
    assert census.digests == []
    assert len([event for event in history(installed, execution) if event["type"] == "TaskSucceeded"]) == 1


def test_of_two_executions_for_one_event_at_once_one_makes_the_census(
    aws: Ministack, installed: Installation, scheduled: tuple[Execution, Census]
) -> None:
    event = (REPOSITORY / "events/scheduler-occurrence.json").read_text(encoding="utf-8")
    states, machine = aws.client("stepfunctions"), installed.scanner.output("StateMachineArn")

    def twice() -> None:
        for _ in range(2):
            states.start_execution(stateMachineArn=machine, input=event)

    mark = installed.mark()
    outputs = [json.loads(one["output"]) for one in executed(installed, twice, least=2)]
    assert sorted("duplicate" in output for output in outputs) == [False, True], outputs
    assert len(installed.census(mark, None).digests) == 1


def test_readers_that_fail_lead_to_a_report_that_says_what_is_missing(
    installed: Installation, scheduled: tuple[Execution, Census], keys: set[str]
) -> None:
    with denying_parts(installed):
        execution, census = by_hand(installed)
    assert failures(installed, execution) == ["ReportNotWritten"] * 3 * READERS
    assert execution["status"] == "SUCCEEDED"
    assert census.summary["run_id"] == execution["name"] == installed.summary()["run_id"]
    assert census.summary["coverage"]["complete"] is False
    assert {row["status"] for row in census.coverage} == {"deferred"}
    assert {row["account_id"] for row in census.coverage} == {*ORGANIZATION}
    # Nothing is concluded of keys that were not read.
    assert census.summary["changes"]["gone"] == 0
    [digest] = census.digests
    assert json.loads(digest["Message"])["run_id"] == execution["name"]


def test_an_execution_that_fails_hands_its_event_over(aws: Ministack, installed: Installation) -> None:
    wrong = {"stale_after_days": "soon"}
    execution, _ = by_hand(installed, wrong)
    assert execution["status"] == "FAILED"
    assert execution["error"] == "SettingsError"
    assert failures(installed, execution) == ["SettingsError"] * 3
    [letter] = aws.taken(installed.dead_letters())
    told = json.loads(letter["Body"])
    assert told["execution"] == execution["executionArn"]
    assert told["event"] == wrong
    assert told["error"]["Error"] == "SettingsError"
    assert "stale_after_days" in told["error"]["Cause"]


def test_a_report_that_cannot_be_written_fails_the_execution_and_can_be_made_later(
    aws: Ministack, installed: Installation, keys: set[str]
) -> None:
    with refusing(aws, role_of_function(installed), "s3:PutObject", "arn:aws:s3:::*/latest/*"):
        execution, _ = by_hand(installed)
    assert execution["status"] == "FAILED"
    assert execution["error"] == "ReportNotWritten"
    [letter] = aws.taken(installed.dead_letters())
    told = json.loads(letter["Body"])
    assert told["error"]["Error"] == "ReportNotWritten"
    # As docs/RUNBOOK.md says to go on: nothing is read again.
    census = installed.invoke({"stage": "report", "run": execution["name"], "event": told["event"]})
    assert census.error is None
    assert census.summary["run_id"] == execution["name"]
    assert {row["key_id"] for row in census.keys} == keys
    assert [call for call in census.calls if call["action"] == "kms:GetKeyLastUsage"] == []


def test_an_execution_that_scheduler_may_not_start_reaches_the_dead_letter_queue(
    aws: Ministack, installed: Installation
) -> None:
    with refusing(aws, installed.scanner.resources()["ScheduleRole"], "states:StartExecution"):
        aws.ask("time", tomorrow_at(2))
        [letter] = eventually(lambda: aws.taken(installed.dead_letters()))
    assert "may not start the state machine" in letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]


def test_one_reader_reads_all_accounts(installed: Installation, keys: set[str]) -> None:
    installed.deploy(Readers="1")
    execution, census = by_hand(installed)
    assert execution["status"] == "SUCCEEDED"
    assert {row["key_id"] for row in census.keys} == keys
    assert len([event for event in history(installed, execution) if event["type"] == "TaskSucceeded"]) == 3


@pytest.fixture(scope="module")
def many(aws: Ministack, installed: Installation) -> set[str]:
    """Keys of one account and Region, more than one slice can read."""
    return {aws.idle_key(ORGANIZATION[1], REGIONS[0]).id for _ in range(20)}


def short_slices(installed: Installation, **substitutions: str) -> tuple[Execution, Census]:
    """A census of slices of 14 seconds, that read a key a second."""
    whole = scanner_template()
    whole["Resources"]["ScannerFunction"]["Properties"]["Timeout"] = 14
    whole["Resources"]["LongCensusMachine"]["Properties"]["DefinitionSubstitutions"].update(substitutions)
    installed.deploy_scanner(whole, LastUsageRps="1")
    return by_hand(installed)


def test_a_reader_reads_on_until_all_is_read(installed: Installation, keys: set[str], many: set[str]) -> None:
    execution, census = short_slices(installed)
    assert execution["status"] == "SUCCEEDED"
    assert census.summary["coverage"]["complete"] is True
    assert {row["key_id"] for row in census.keys} == keys | many
    # One that plans, at least two that read, and one that reports.
    assert len([event for event in history(installed, execution) if event["type"] == "TaskSucceeded"]) >= 4
    read = [call["resource"] for call in census.calls if call["action"] == "kms:GetKeyLastUsage"]
    assert len(read) == len(set(read)) == len(keys | many)


def test_what_is_not_read_when_the_hours_are_over_is_reported_as_missing(
    installed: Installation, keys: set[str], many: set[str]
) -> None:
    execution, census = short_slices(installed, Hours="0")
    assert execution["status"] == "SUCCEEDED"
    assert len([event for event in history(installed, execution) if event["type"] == "TaskSucceeded"]) == 3
    assert census.summary["coverage"]["complete"] is False
    assert {row["key_id"] for row in census.keys} <= keys | many
    assert "no time left" in {row["detail"] for row in census.keys}


def test_the_function_is_started_again_where_the_long_census_is_turned_off(installed: Installation) -> None:
    installed.deploy(LongCensus="off", LastUsageRps="100")
    assert "LongCensusMachine" not in installed.scanner.resources()
    mark = installed.mark()
    # Of another occurrence than the others.
    installed.aws.ask("time", tomorrow_at(2) + DAY)
    census = installed.census_on_its_own(mark)
    assert census.summary["coverage"]["complete"] is True
    assert census.denied == set()


def role_of_function(installed: Installation) -> str:
    return installed.scanner.resources()["ScannerRole"]


def denying_parts(installed: Installation) -> Any:
    """Has what is read not be kept; plans, markers and the report are."""
    parts = "arn:aws:s3:::*/runs/*/parts/*"
    return refusing(installed.aws, role_of_function(installed), "s3:PutObject", parts)


def definition(**substitutions: str) -> dict[str, Any]:
    """The state machine's definition, with what the stack would put into it."""
    text = (REPOSITORY / DEFINITION).read_text(encoding="utf-8")
    for name, value in substitutions.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text
    return json.loads(text)


SUBSTITUTIONS = {
    "Partition": "aws",
    "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:keycensus",
    "DeadLetterQueueUrl": "https://sqs.eu-west-1.amazonaws.com/111111111111/dead-letters",
    "Hours": "10",
    "Readers": "2",
}


def test_the_definition_has_what_the_stack_puts_into_it() -> None:
    machine = template("template.yaml")["Resources"]["LongCensusMachine"]["Properties"]
    assert machine["DefinitionUri"] == DEFINITION
    assert machine["DefinitionSubstitutions"].keys() == SUBSTITUTIONS.keys()
    definition(**SUBSTITUTIONS)


def test_the_definition_is_one_by_the_schema_of_cfn_lint(tmp_path: Path) -> None:
    assert linted(tmp_path, definition(**SUBSTITUTIONS)) == ""
    wrong = definition(**SUBSTITUTIONS)
    # As in the older query language.
    wrong["States"]["Read"]["ResultPath"] = "$"
    assert "E3601" in linted(tmp_path, wrong)


def linted(folder: Path, asl: dict[str, Any]) -> str:
    role = "arn:aws:iam::111111111111:role/role"
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": asl, "RoleArn": role}}
    whole = folder / "template.json"
    whole.write_text(json.dumps(as_json({"Resources": {"Machine": machine}})), encoding="utf-8")
    lint = REPOSITORY / "target/lint-venv/bin/cfn-lint"
    if not os.access(lint, os.X_OK):
        pytest.fail(f"{lint} is missing: run make target/lint-venv/ready", pytrace=False)
    return subprocess.run([lint, "--", whole], capture_output=True, text=True, check=False).stdout


def machines(asl: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A state machine, and those within its states."""
    yield asl
    for state in asl["States"].values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


def test_every_state_is_reached_and_every_next_one_is_there() -> None:
    for machine in machines(definition(**SUBSTITUTIONS)):
        states = machine["States"]
        own = [{**state, "ItemProcessor": None} for state in states.values()]
        named = [value for state in own for path, value in walk(state) if path and path[-1] in ("Next", "Default")]
        assert {machine["StartAt"], *named} == states.keys()


def test_stages_are_tried_again_alike() -> None:
    states = definition(**SUBSTITUTIONS)["States"]
    stages = [states["Plan"], states["Read"]["ItemProcessor"]["States"]["ReadOn"], states["Report"]]
    plan, read, report = ([one for one in stage["Retry"] if one["ErrorEquals"] != ["OutOfTime"]] for stage in stages)
    assert plan == read == report
