"""Two imitations of AWS, written by different people, and one organization: the reports must be the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conftest import WORLDS, Aws, Servers
from motoext.identities import AccessKey
from motoext.world import World

WORLD = WORLDS / "parity.toml"
# The first census has nothing to tell of changes: of these, there is the header.
REPORTS = ("keys.csv", "coverage.csv", "changes.csv")
WITH_TEXT = ("keys.csv", "coverage.csv")

Reports = dict[str, bytes]


@pytest.fixture(scope="module")
def by_server(bootstrap: Path) -> dict[str, Reports]:
    """The reports of one run on the simulator, and of one on moto."""
    for _ in range(2):
        # Servers of its own: a credential report that a run before this one had asked for would be told with its time.
        with ExitStack() as stack:
            servers = Servers(stack)
            read = {aws.name: reports(aws, bootstrap) for aws in (servers.simulator(WORLD), servers.moto(WORLD))}
        # The date, or a whole day of idleness, may have turned between the two runs; that cannot happen twice in a row.
        if read["simulator"] == read["moto"]:
            break
    return read


def reports(aws: Aws, bootstrap: Path) -> Reports:
    """The reports of one run of the Lambda function."""
    with aws.function(bootstrap, KEYCENSUS_DIGEST="always", KEYCENSUS_AUDIT_GUARD="on") as function:
        summary = function.invoke({}).result()
    s3 = aws.client("s3")
    read = {}
    for name in REPORTS:
        bucket, _, key = summary["report"][name.replace(".", "_")].removeprefix("s3://").partition("/")
        content = without_request_ids(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        # What is read during a run has the time when the run began.
        read[name] = content.replace(summary["scanned_at"].encode(), b"")
    return read


def without_request_ids(content: bytes) -> bytes:
    """A file without the IDs of requests to KMS, of which each server makes its own."""
    for row in rows(content):
        if request_id := row.get("kms_request_id"):
            content = content.replace(request_id.encode(), b"")
    return content


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize("name", REPORTS)
def test_the_simulator_and_moto_give_the_same_bytes(by_server: dict[str, Reports], name: str) -> None:
    simulator, moto = (by_server[server][name] for server in ("simulator", "moto"))
    # Text first, so that a difference is shown by line.
    assert simulator.decode().splitlines() == moto.decode().splitlines()
    assert simulator == moto


# Equal bytes mean little if they are few.


def test_every_account_is_told_of(by_server: dict[str, Reports]) -> None:
    coverage = rows(by_server["moto"]["coverage.csv"])
    assert {row["account_id"] for row in coverage} == {account.id for account in World.load(WORLD).accounts}
    entered = {row["account_id"]: row["status"] for row in coverage if row["region"] == "*"}
    assert entered == {
        "444444444444": "unreachable",
        "555555555555": "skipped",
        "666666666666": "unreachable",
        "777777777777": "denied",
    }
    access_keys = {row["account_id"]: row["status"] for row in coverage if row["kind"] == "iam_access_key"}
    assert access_keys == {
        "111111111111": "scanned",
        "222222222222": "partial",
        "333333333333": "partial",
        "777777777777": "partial",
        "888888888888": "partial",
        "999999999999": "denied",
    }


def test_every_key_that_could_be_listed_has_its_row(by_server: dict[str, Reports]) -> None:
    told = sorted((row["account_id"], row["region"], row["key_id"]) for row in rows(by_server["moto"]["keys.csv"]))
    assert told == sorted(listed(World.load(WORLD)))


def listed(world: World) -> Iterator[tuple[str, str, str]]:
    """The keys of a world, but for those whose listing it refuses."""
    for account in world.accounts:
        for key in account.keys:
            if (account.id, key.region) != ("333333333333", "us-east-1"):
                yield account.id, key.region, key.id
        for key in access_keys_listed(world, account.id):
            yield account.id, "global", key.id
        # A world that writes the credential report out has its root access keys in there.
        root_access_keys = 1 if account.id == "888888888888" else len(account.root_access_keys)
        if account.id != "333333333333":
            for number in range(1, root_access_keys + 1):
                yield account.id, "global", f"root_access_key_{number}"


def access_keys_listed(world: World, account_id: str) -> Iterator[AccessKey]:
    for user in world.account(account_id).users:
        if account_id != "999999999999" and user.name not in ("deleted-since", "unlisted"):
            yield from user.access_keys


def test_what_depends_on_keys_and_guards_them_is_told(by_server: dict[str, Reports]) -> None:
    columns = ("dependents", "dependents_checked", "guard_days", "recommendation")
    told = {
        (row["account_id"], row["key_id"][-1]): tuple(row[column] for column in columns)
        for row in rows(by_server["moto"]["keys.csv"])
        if row["kind"] == "kms_key" and not row["key_id"].startswith("mrk-")
    }
    grants = "autoscaling.amazonaws.com:1,dynamodb.amazonaws.com:1,iam:1,rds.amazonaws.com:1"
    assert told["222222222222", "1"] == (f"ebs_volumes=2;grants={grants}", "yes", "365", "check_dependents")
    assert told["222222222222", "4"] == ("", "AccessDeniedException", "0", "disable_and_watch")
    assert told["222222222222", "6"] == ("ebs_snapshots=1", "yes", "0", "none")
    assert told["222222222222", "9"] == ("", "yes", "", "disable_and_watch")
    assert told["333333333333", "1"] == ("ebs_volumes=1", "UnauthorizedOperation", "0", "check_dependents")


@pytest.mark.parametrize("name", WITH_TEXT)
def test_text_that_a_spreadsheet_would_run_is_disarmed(by_server: dict[str, Reports], name: str) -> None:
    cells = [cell for row in csv.reader(io.StringIO(by_server["moto"][name].decode(), newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert any(cell.startswith("'=cmd|") for cell in cells)


def test_the_credential_reports_were_made_for_the_census(by_server: dict[str, Reports]) -> None:
    root_access_keys = [row for row in rows(by_server["moto"]["keys.csv"]) if row["kind"] == "root_access_key"]
    assert root_access_keys and {row["detail"] for row in root_access_keys} == {""}, "no time of a report"
