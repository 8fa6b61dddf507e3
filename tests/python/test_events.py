"""The events of the Lambda function, as the targets of a rule on moto's bus get them, and docs/EVENTS.md on them."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from moto.events.models import EventPattern

from conftest import REPOSITORY, WORLDS, Aws, Servers

DOCS = REPOSITORY / "docs"
SCHEMA = json.loads((DOCS / "events.schema.json").read_text(encoding="utf-8"))
BLOCKS = [
    json.loads(block)
    for block in re.findall(r"```json\n(.*?)```", (DOCS / "EVENTS.md").read_text(encoding="utf-8"), re.DOTALL)
]
EXAMPLES = [block for block in BLOCKS if block.get("version") == "0"]
TRANSFORMERS = [block for block in BLOCKS if "InputTemplate" in block]
PATTERNS = [block for block in BLOCKS if block.get("source") == ["keycensus"]]
SETTINGS = {
    "KEYCENSUS_MEMBER_ROLE": "security/KeycensusReader",
    "KEYCENSUS_EXTERNAL_ID": "census-7f3a",
    "KEYCENSUS_EVENT_BUS": "keycensus",
}
TYPES = {"Keycensus Key Newly Flagged", "Keycensus Key Used Again"}

Event = dict[str, Any]


@pytest.fixture(scope="module")
def runs(bootstrap: Path) -> list[tuple[dict[str, Any], list[Event]]]:
    """The summaries and the events of three runs; in the second, keys are in use that were unused in the first, because
    more days of idleness count as unused; in the third they are unused again."""
    told = []
    # A server of its own: other tests of this world are about the first census that asks for credential reports.
    with ExitStack() as stack:
        aws = Servers(stack).moto(WORLDS / "organization.toml")
        function = stack.enter_context(aws.function(bootstrap, **SETTINGS))
        for days in (1, 400, 1):
            summary = function.invoke({"stale_after_days": days, "digest": "never"}).result()
            told.append((summary, received(aws)))
    return told


def received(aws: Aws) -> list[Event]:
    """What a rule for everything on the bus has sent to its queue since the last time."""
    return aws.queued("keycensus")


def problems(event: Event) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(event)]


def matches(pattern: dict[str, Any], event: Event) -> bool:
    return EventPattern.load(json.dumps(pattern)).matches_event(event)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_events_have_arrived_as_the_summary_says(runs: list[tuple[dict[str, Any], list[Event]]]) -> None:
    for summary, events in runs:
        assert summary["events"] == {
            "bus": "keycensus",
            "due": len(events),
            "put": len(events),
            "failed": 0,
            "errors": {},
        }
        assert {event["detail"]["run_id"] for event in events} == {summary["run_id"]}
    (first, told), (_, used_again), (_, flagged_again) = runs
    assert len(told) == first["keys"]["flagged"]
    assert {event["detail"]["change"] for event in told} == {None}
    assert {event["detail-type"] for event in used_again} == {"Keycensus Key Used Again"}
    assert {event["detail"]["change"] for event in flagged_again} == {"newly_flagged"}


def test_events_are_what_the_schema_says(runs: list[tuple[dict[str, Any], list[Event]]]) -> None:
    events = [event for _, events in runs for event in events]
    assert {event["detail-type"] for event in events} == TYPES
    assert {event["detail"]["kind"] for event in events} >= {"kms_key", "iam_access_key"}
    assert [problem for event in events for problem in problems(event)] == []


def test_an_event_has_no_field_that_the_schema_does_not_know(runs: list[tuple[dict[str, Any], list[Event]]]) -> None:
    known = SCHEMA["properties"]["detail"]["properties"].keys()
    assert {name for _, events in runs for event in events for name in event["detail"]} == known


def test_the_schema_refuses_what_is_no_event_of_ours(runs: list[tuple[dict[str, Any], list[Event]]]) -> None:
    event = runs[0][1][0]
    detail = event["detail"]
    for wrong in (
        event | {"source": "somebody"},
        event | {"detail-type": "Keycensus Key Used Again"},
        event | {"detail": detail | {"idle_days": "90"}},
        event | {"detail": detail | {"verdict": "unused"}},
        event | {"detail": {name: value for name, value in detail.items() if name != "owner"}},
    ):
        assert problems(wrong) != []


def test_there_is_an_example_of_each_event_which_is_what_the_schema_says() -> None:
    assert {example["detail-type"] for example in EXAMPLES} == {*TYPES, "Keycensus Key Needed Again"}
    assert [problem for example in EXAMPLES for problem in problems(example)] == []


def test_each_pattern_of_a_rule_takes_one_of_the_examples_and_leaves_the_others() -> None:
    assert len(PATTERNS) == 3
    assert [[matches(pattern, example) for example in EXAMPLES] for pattern in PATTERNS] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]


def test_the_pattern_for_findings_leaves_out_the_first_census(runs: list[tuple[dict[str, Any], list[Event]]]) -> None:
    pattern = PATTERNS[0]
    anywhere = pattern | {"detail": {"change": pattern["detail"]["change"]}}
    (_, first), (_, used_again), (_, flagged_again) = runs
    assert not any(matches(anywhere, event) for event in first + used_again)
    assert flagged_again and all(matches(anywhere, event) for event in flagged_again)


# What EventBridge makes of an event for a target:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html


def at(path: str, event: Event) -> Any:
    """The value of a path such as ``$.detail.arn``; a path that is not there is an error."""
    found: Any = event
    for name in path.removeprefix("$.").split("."):
        found = found[name]
    return found


def transformed(transformer: dict[str, Any], event: Event) -> str:
    """A variable that is a value of its own is JSON; inside a quoted string, its text stands as it is."""
    template = transformer["InputTemplate"]
    for name, path in transformer["InputPathsMap"].items():
        value = at(path, event)
        template = re.sub(rf"(?<=: )<{name}>(?=[,}}])", lambda _, value=value: json.dumps(value), template)
        template = template.replace(f"<{name}>", str(value))
    return template


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["detail-type"])
def test_an_input_transformer_makes_json_of_every_event_whatever_people_wrote(example: Event) -> None:
    hostile = 'a "quoted" name, \\ and\na line break'
    texts = {name for name, value in example["detail"].items() if isinstance(value, str)}
    event = example | {"resources": [], "detail": example["detail"] | dict.fromkeys(texts, hostile)}
    [transformer] = TRANSFORMERS
    made = json.loads(transformed(transformer, event))
    assert made["name"] == made["account"] == made["key"] == hostile
    assert made["idle_days"] == event["detail"]["idle_days"]
