"""docs/queries.sql, run by DuckDB: over nights that are written here, and over a census of the demo's organization."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import REPOSITORY, Servers
from report_columns import WRITTEN_BY, report_columns

QUERIES = REPOSITORY / "docs" / "queries.sql"
DEMO = REPOSITORY / "examples" / "worlds" / "demo.toml"

# How DuckDB reads an empty cell: as Athena does, as empty text, or as null, which is its own way.
EMPTY_CELLS = {"as empty text": "nullstr = 'NULL', ", "as null": ""}

Row = dict[str, object]


def queries() -> dict[str, str]:
    """The queries of the file, by name."""
    text = QUERIES.read_text(encoding="utf-8")
    headed = re.split(r"^-- ([a-z0-9_]+): ", text, flags=re.MULTILINE)[1:]
    return dict(zip(headed[::2], ("-- " + body for body in headed[1::2]), strict=True))


def write(folder: Path, report: str, night: str, rows: Iterable[Row], columns: list[str] | None = None) -> None:
    """One night's file, where a census writes it."""
    path = folder / report / f"date={night}" / f"{report}.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or report_columns(report), lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({"scan_date": night} | row for row in rows)


def database(folder: Path, empty_cells: str) -> duckdb.DuckDBPyConnection:
    """A database with the views that docs/queries.sql tells of."""
    connection = duckdb.connect()
    for report in WRITTEN_BY:
        connection.execute(
            f"CREATE VIEW {report} AS FROM read_csv('{folder}/{report}/*/{report}.csv', all_varchar = true, "
            f"{empty_cells}hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
        )
    return connection


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query's answer. What is empty is empty text, however it was read."""
    return [tuple("" if cell is None else cell for cell in row) for row in connection.execute(query).fetchall()]


# The nights: 31 reports on 32 days, for one night had no census. The newest is today's.

DAYS = 32
WITHOUT_CENSUS = 15
NEWEST = DAYS - 1
# Before this one, reports had no columns for history.
FIRST_WITH_HISTORY = 5
HISTORY = ("first_flagged_on", "change", "multi_region_set")
TODAY = datetime.now(UTC).date()


def night(day: int) -> str:
    return (TODAY - timedelta(days=NEWEST - day)).isoformat()


MANAGEMENT = {"account_id": "111111111111", "account_name": "management", "ou_path": "Root"}
PAYMENTS = {"account_id": "222222222222", "account_name": "payments", "ou_path": "Root/Prod"}
SANDBOX = {"account_id": "333333333333", "account_name": 'sandbox, "play"', "ou_path": ""}
KMS = {"kind": "kms_key", "region": "eu-west-1", "state": "Enabled", "monthly_cost_usd": "1.00"}
ACCESS = {"kind": "iam_access_key", "region": "global", "state": "Active", "monthly_cost_usd": "0.00"}
CREDENTIAL = ACCESS | {
    "kind": "service_credential",
    "verdict": "not_recorded",
    "idle_days": "",
    "created_at": f"{TODAY - timedelta(days=40)}T00:00:00Z",
}
IN_USE = {"verdict": "in_use", "idle_days": 0, "recommendation": "none"}


@dataclass
class Key:
    """A key, and what is said of it from which day on."""

    what: Row
    flagged_from: int | None = None
    said_from: dict[int, Row] = field(default_factory=dict)
    listed_until: int = NEWEST
    idle_at_first: int = 100

    def row(self, day: int) -> Row:
        row: Row = {"exempt": "false", "flagged": "false", "change": "same"} | IN_USE | self.what
        if self.flagged_from is not None and day >= self.flagged_from:
            advice = "disable_and_watch" if row["kind"] == "kms_key" else "deactivate"
            row |= {"flagged": "true", "verdict": "stale", "recommendation": advice}
            row |= {"idle_days": self.idle_at_first + day, "first_flagged_on": night(self.flagged_from)}
        for since, said in self.said_from.items():
            if day >= since:
                row |= said
        return row


KEYS = [
    Key(
        PAYMENTS | KMS | {"key_id": "old", "name": "alias/old", "owner": "payments", "monthly_cost_usd": "3.00"},
        flagged_from=0,
        said_from={NEWEST: {"state": "Disabled", "change": "state_changed"}},
    ),
    Key(PAYMENTS | KMS | {"key_id": "younger", "name": "alias/younger", "owner": "growth"}, flagged_from=10),
    Key(
        PAYMENTS | KMS | {"key_id": "fresh", "region": "us-east-1"},
        flagged_from=NEWEST,
        said_from={NEWEST: {"change": "newly_flagged"}},
        idle_at_first=59,
    ),
    Key(
        PAYMENTS | KMS | {"key_id": "missed", "name": "alias/missed", "owner": "growth"},
        flagged_from=0,
        said_from={NEWEST: IN_USE | {"flagged": "false", "first_flagged_on": "", "change": "used_again"}},
    ),
    Key(PAYMENTS | KMS | {"key_id": "managed", "name": "alias/aws/s3", "monthly_cost_usd": "0.00"}),
    Key(
        PAYMENTS | KMS | {"key_id": "exempt", "verdict": "stale", "idle_days": 300, "exempt": "true"},
        said_from={NEWEST: {"state": "Disabled"}},
    ),
    Key(
        PAYMENTS
        | ACCESS
        | {"key_id": "AKIA-OLD", "name": "ci", "owner": "payments", "recommendation": "rotate"}
        | {
            "created_at": f"{TODAY - timedelta(days=700)}T23:59:59Z",
            "last_service": "s3",
            "last_used_region": "eu-west-1",
        }
    ),
    Key(
        SANDBOX
        | ACCESS
        | {"key_id": "AKIA-OLDER", "name": "cd", "recommendation": "rotate", "idle_days": 3}
        | {"created_at": f"{TODAY - timedelta(days=900)}T00:00:00Z"}
    ),
    Key(MANAGEMENT | KMS | {"key_id": "trail", "name": "alias/trail", "monthly_cost_usd": "2.00"}),
    Key(
        MANAGEMENT
        | ACCESS
        | {"kind": "root_access_key", "key_id": "root_access_key_1", "verdict": "undecided"}
        | {"name": "<root_account>", "recommendation": "remove_root_key", "detail": "credential report of today"}
    ),
    # Flagged throughout, but for one night on which nobody could read it.
    Key(
        SANDBOX | KMS | {"key_id": "flaky", "name": "alias/flaky", "owner": 'o\'hara, "the" team'},
        flagged_from=0,
        said_from={
            20: {"flagged": "false", "verdict": "unreadable", "idle_days": "", "recommendation": "grant_access"},
            21: {"flagged": "true", "verdict": "stale", "idle_days": 400, "recommendation": "disable_and_watch"},
        },
    ),
    Key(
        SANDBOX | ACCESS | {"key_id": "AKIA-IDLE", "name": "intern"},
        flagged_from=0,
        said_from={
            30: {"state": "Inactive", "recommendation": "delete", "change": "state_changed"},
            31: {"change": "same"},
        },
        idle_at_first=1000,
    ),
    Key(SANDBOX | KMS | {"key_id": "gone", "monthly_cost_usd": "3.00"}, listed_until=30),
    Key(MANAGEMENT | KMS | {"key_id": "stopped", "state": "Disabled", "monthly_cost_usd": "0.00", "refused_uses": 0}),
    Key(
        MANAGEMENT
        | KMS
        | {"key_id": "nightly", "state": "Disabled", "monthly_cost_usd": "0.00", "recommendation": "enable_again"}
        | {"refused_uses": 12, "refused_last_at": "2026-11-20T01:00:00Z", "refused_last_by": "nightly-job"},
        said_from={NEWEST: {"change": "needed_again"}},
    ),
    Key(
        MANAGEMENT
        | KMS
        | {"key_id": "going", "state": "PendingDeletion", "monthly_cost_usd": "0.00"}
        | {"recommendation": "cancel_deletion", "deletion_date": "2027-01-02T00:00:00Z"}
        | {"refused_uses": "", "refused_last_at": "2026-11-19T01:00:00Z", "refused_last_by": "anna"}
    ),
    Key(SANDBOX | CREDENTIAL | {"key_id": "ACCA-1", "name": "bedrock", "recommendation": "set_expiry"}),
    Key(
        SANDBOX
        | CREDENTIAL
        | {"key_id": "ACCA-2", "name": "git", "recommendation": "rotate"}
        | {"created_at": f"{TODAY - timedelta(days=500)}T00:00:00Z", "expires_at": "2027-05-01T00:00:00Z"}
    ),
    Key(SANDBOX | CREDENTIAL | {"key_id": "ACCA-3", "name": "logs", "expires_at": "2027-05-01T00:00:00Z"}),
]


def coverage(day: int) -> Iterator[Row]:
    def cell(
        account: Row, region: str, status: str, keys: object = "", unreadable: object = "", detail: str = ""
    ) -> Row:
        kind = {"global": "iam_access_key", "*": "*"}.get(region, "kms_key")
        said = {"region": region, "kind": kind, "status": status, "keys": keys, "unreadable": unreadable}
        return account | said | {"detail": detail}

    yield cell(MANAGEMENT, "eu-west-1", "scanned", 1, 0)
    yield cell(MANAGEMENT, "global", "scanned", 1, 0)
    yield cell(PAYMENTS, "eu-west-1", "scanned", 5, 0)
    yield cell(
        PAYMENTS, "us-east-1", "deferred" if day == 7 else "scanned", "" if day == 7 else 1, "" if day == 7 else 0
    )
    yield cell(SANDBOX, "eu-west-1", "partial" if day == 20 else "scanned", 2, 1 if day == 20 else 0)
    refused = {"account_id": "444444444444", "account_name": "refused"}
    yield cell(refused, "eu-west-1", "denied", detail="kms:ListKeys AccessDeniedException")
    yield cell(refused, "global", "denied", detail="iam:ListUsers AccessDenied")
    yield cell({"account_id": "555555555555", "account_name": "closed"}, "*", "skipped", detail="SUSPENDED")
    no_role = "sts:AssumeRole AccessDenied"
    if day >= 20:
        yield cell({"account_id": "666666666666", "account_name": "joined"}, "*", "unreachable", detail=no_role)
    # Read once, on a night long ago.
    seldom = {"account_id": "777777777777", "account_name": "seldom"}
    yield cell(seldom, "eu-west-1", "scanned", 0, 0) if day == 5 else cell(seldom, "*", "unreachable", detail=no_role)


def changes(day: int) -> Iterator[Row]:
    listed = [key.row(day) for key in KEYS if day <= key.listed_until]
    previous = {"previous_verdict": "stale", "last_used_at": f"{night(day)}T01:00:00Z"}
    yield from (row | previous for row in listed if row["change"] != "same")
    yield from (key.row(day) | {"change": "gone"} for key in KEYS if day == key.listed_until + 1)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("census")
    for day in range(DAYS):
        if day == WITHOUT_CENSUS:
            continue
        columns = [name for name in report_columns("keys") if day >= FIRST_WITH_HISTORY or name not in HISTORY]
        write(folder, "keys", night(day), (key.row(day) for key in KEYS if day <= key.listed_until), columns)
        write(folder, "coverage", night(day), coverage(day))
        if day >= FIRST_WITH_HISTORY:
            write(folder, "changes", night(day), changes(day))
    return folder


REPORTS = [day for day in reversed(range(DAYS)) if day != WITHOUT_CENSUS]
OWNED_BY_TWO = 'o\'hara, "the" team'
PLAY = 'sandbox, "play"'


def trend(day: int) -> tuple[Any, ...]:
    """A row of coverage_trend."""
    if day == 5:
        return (night(day), 8, 2, 0, 10, 0, 75.0)
    unreachable = 2 if day >= 20 else 1
    if day == 7:
        return (night(day), 7, 3, unreachable, 9, 0, 57.1)
    if day == 20:
        return (night(day), 7, 3, unreachable, 10, 1, 57.1)
    return (night(day), 7, 2, unreachable, 10, 0, 71.4)


ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "flagged_by_owner": [
        ("(no owner)", 2, 1, 1, 0, 0, 2, 1, 1031),
        ("growth", 1, 1, 0, 0, 0, 1, 1, 131),
        (OWNED_BY_TWO, 1, 1, 0, 0, 0, 1, 1, 400),
        ("payments", 1, 1, 0, 0, 0, 1, 3, 131),
    ],
    "cost_per_ou": [
        ("Root/Prod", 1, 6, 0, 7, 5),
        ("(not known)", 1, 1, 0, 1, 1),
        ("Root", 1, 4, 0, 2, 0),
    ],
    "flagged_for_30_nights": [
        ("333333333333", PLAY, "global", "iam_access_key", "AKIA-IDLE", "intern", "", "delete", 1031),
        ("222222222222", "payments", "eu-west-1", "kms_key", "old", "alias/old", "payments", "disable_and_watch", 131),
    ],
    "coverage_trend": [trend(day) for day in REPORTS],
    "newly_flagged_last_night": [
        ("222222222222", "payments", "us-east-1", "kms_key", "fresh", "", "", "stale", 90, "disable_and_watch"),
    ],
    "access_keys_to_rotate": [
        ("333333333333", PLAY, "cd", "AKIA-OLDER", "", 900, "", "", 3),
        ("222222222222", "payments", "ci", "AKIA-OLD", "payments", 700, "s3", "eu-west-1", 0),
    ],
    "root_access_keys": [
        (
            "111111111111",
            "management",
            "root_access_key_1",
            "Active",
            "undecided",
            "",
            "",
            "credential report of today",
        ),
    ],
    "accounts_never_read": [
        ("444444444444", "refused", night(0), 31, "denied", "iam:ListUsers AccessDenied"),
        ("555555555555", "closed", night(0), 31, "skipped", "SUSPENDED"),
        ("666666666666", "joined", night(20), 12, "unreachable", "sts:AssumeRole AccessDenied"),
    ],
    "state_changed_while_flagged": [
        (
            night(31),
            "222222222222",
            "payments",
            "eu-west-1",
            "kms_key",
            "old",
            "alias/old",
            "payments",
            "Enabled",
            "Disabled",
        ),
        (night(30), "333333333333", PLAY, "global", "iam_access_key", "AKIA-IDLE", "intern", "", "Active", "Inactive"),
    ],
    "most_expensive_idle_keys": [
        ("222222222222", "payments", "eu-west-1", "old", "alias/old", "payments", 3, 131, "stale", "", ""),
        ("333333333333", PLAY, "eu-west-1", "flaky", "alias/flaky", OWNED_BY_TWO, 1, 400, "stale", "", ""),
        ("222222222222", "payments", "eu-west-1", "younger", "alias/younger", "growth", 1, 131, "stale", "", ""),
        ("222222222222", "payments", "us-east-1", "fresh", "", "", 1, 90, "stale", "", ""),
    ],
    "used_again": [
        (night(31), "222222222222", "payments", "eu-west-1", "kms_key", "missed", "alias/missed", "growth", "stale")
        + (f"{night(31)}T01:00:00Z",),
    ],
    "changes_by_night": [
        (night(31), 0, 1, 1, 1, 1, 1),
        (night(30), 0, 0, 0, 0, 1, 0),
    ],
    "somebody_still_needs": [
        ("111111111111", "management", "eu-west-1", "going", "", "", "PendingDeletion", "2027-01-02T00:00:00Z")
        + ("", "2026-11-19T01:00:00Z", "anna", "cancel_deletion"),
        ("111111111111", "management", "eu-west-1", "nightly", "", "", "Disabled", "")
        + (12, "2026-11-20T01:00:00Z", "nightly-job", "enable_again"),
    ],
    "service_credentials_to_replace": [
        ("333333333333", PLAY, "git", "ACCA-2", "", "Active", 500, "2027-05-01T00:00:00Z", "rotate"),
        ("333333333333", PLAY, "bedrock", "ACCA-1", "", "Active", 40, "", "set_expiry"),
    ],
}


def test_every_query_has_an_answer() -> None:
    assert list(queries()) == list(ANSWERS)


@pytest.fixture(scope="module", params=EMPTY_CELLS)
def reports(nights: Path, request: pytest.FixtureRequest) -> duckdb.DuckDBPyConnection:
    return database(nights, EMPTY_CELLS[request.param])


@pytest.mark.parametrize("name", ANSWERS)
def test_a_query_answers_what_the_files_say(reports: duckdb.DuckDBPyConnection, name: str) -> None:
    assert ask(reports, queries()[name]) == ANSWERS[name]


def test_fewer_than_30_reports_make_no_key_one_of_30_nights(tmp_path: Path) -> None:
    for day in REPORTS[:29]:
        write(tmp_path, "keys", night(day), (key.row(day) for key in KEYS if day <= key.listed_until))
        write(tmp_path, "coverage", night(day), ())
        write(tmp_path, "changes", night(day), ())
    answer = ask(database(tmp_path, EMPTY_CELLS["as null"]), queries()["flagged_for_30_nights"])
    assert answer == []


@dataclass
class Demo:
    """The answers of every query over a census of the demo's organization, and the census's own count."""

    answers: dict[str, list[Row]]
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def demo(servers: Servers, bootstrap: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    aws = servers.simulator(DEMO)
    # A prefix of its own: other tests may have left reports below the usual one, and this is a first census.
    with aws.function(bootstrap, KEYCENSUS_REPORT_PREFIX="queries", KEYCENSUS_DIGEST="never") as function:
        summary = function.invoke({}).result()
    folder = tmp_path_factory.mktemp("demo")
    for report in WRITTEN_BY:
        bucket, _, key = summary["report"][f"{report}_csv"].removeprefix("s3://").partition("/")
        path = folder / key.removeprefix("queries/")
        path.parent.mkdir(parents=True)
        path.write_bytes(aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    connection = database(folder, EMPTY_CELLS["as null"])
    answers = {}
    for name, query in queries().items():
        result = connection.execute(query)
        columns = [column[0] for column in result.description]
        answers[name] = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    return Demo(answers, summary)


def test_the_demo_is_counted_as_its_summary_counts_it(demo: Demo) -> None:
    keys, cells = demo.summary["keys"], demo.summary["coverage"]["cells"]
    by_owner, by_ou = demo.answers["flagged_by_owner"], demo.answers["cost_per_ou"]
    [trend] = demo.answers["coverage_trend"]
    assert keys["flagged"] > 0
    assert sum(row["flagged_keys"] for row in by_owner) == keys["flagged"]
    assert float(sum(row["monthly_cost_usd"] for row in by_owner)) == keys["monthly_cost_usd_flagged"]
    assert float(sum(row["flagged_cost_usd"] for row in by_ou)) == keys["monthly_cost_usd_flagged"]
    assert sum(row["kms_keys"] for row in by_ou) == keys["by_kind"]["kms_key"]
    assert len(demo.answers["newly_flagged_last_night"]) == keys["newly_flagged"]
    assert len(demo.answers["somebody_still_needs"]) == keys["needed"] > 0
    assert len(demo.answers["root_access_keys"]) == keys["by_kind"]["root_access_key"]
    assert trend["keys_listed"] == keys["total"]
    assert trend["cells"] == sum(cells.values())
    assert trend["cells_with_gaps"] == sum(cells.values()) - cells["scanned"]
    assert trend["accounts_unreachable"] == demo.summary["coverage"]["accounts"]["unreachable"]


def test_a_first_census_has_no_history(demo: Demo) -> None:
    history = ("flagged_for_30_nights", "state_changed_while_flagged", "used_again", "changes_by_night")
    assert {name: demo.answers[name] for name in history} == {name: [] for name in history}
