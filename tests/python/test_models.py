"""What scenarios and seeded worlds send and are answered, held against AWS's own service models.

``make test`` writes the exchanges. A deviation is mended where it comes from; where AWS itself deviates from its model,
``model_deviations.py`` says so with a source.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from pathlib import Path

import pytest

from conftest import REPOSITORY
from model_deviations import COMMON_ERRORS, DEVIATIONS, Deviation
from service_models import Exchange, Problem, problems

LISTED = (REPOSITORY / "crates" / "aws" / "src" / "transport" / "operations.rs").read_text(encoding="utf-8")
OPERATIONS = sorted(set(re.findall(r'^    "([a-z0-9]+:\w+)",$', LISTED, re.MULTILINE)))


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    path = Path(os.environ.get("KEYCENSUS_EXCHANGES") or REPOSITORY / "target" / "exchanges.jsonl")
    if not path.exists():
        pytest.fail(f"{path} is missing: make test writes it", pytrace=False)
    with path.open(encoding="utf-8") as lines:
        return [Exchange(**json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def found(exchanges: list[Exchange]) -> dict[str, set[Problem]]:
    """What the models say against the exchanges of each operation."""
    found = defaultdict(set)
    for exchange in exchanges:
        found[exchange.name].update(problems(exchange, COMMON_ERRORS))
    return found


def test_the_operations_are_those_that_a_census_calls() -> None:
    assert len(OPERATIONS) >= 30 and "kms:GetKeyLastUsage" in OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_request_and_every_answer_is_as_the_service_model_has_it(
    exchanges: list[Exchange], found: dict[str, set[Problem]], operation: str
) -> None:
    of_operation = [exchange for exchange in exchanges if exchange.name == operation]
    assert any(exchange.status < 300 and not exchange.beyond_aws for exchange in of_operation), "none was answered"
    wrong = [one for one in found[operation] if not any(deviation.covers(one) for deviation in DEVIATIONS)]
    assert not wrong, "\n".join(sorted(map(str, wrong)))


def test_no_other_operation_is_called(exchanges: list[Exchange]) -> None:
    assert {exchange.name for exchange in exchanges} <= set(OPERATIONS)


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda one: f"{one.operation} {one.where}")
def test_a_deviation_of_awss_is_met(found: dict[str, set[Problem]], deviation: Deviation) -> None:
    assert any(deviation.covers(one) for of_operation in found.values() for one in of_operation)
