"""Two imitations of AWS, written by different people, and one organization: the reports must be the same bytes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from conftest import WORLDS, Aws, Servers

WORLD = WORLDS / "parity.toml"
REPORTS = ("keys.csv", "coverage.csv")


def reports(aws: Aws, bootstrap: Path) -> dict[str, bytes]:
    """The reports of one run of the Lambda function."""
    with aws.function(bootstrap, KEYCENSUS_DIGEST="always") as function:
        summary = function.invoke({}).result()
    s3 = aws.client("s3")
    read = {}
    for name in REPORTS:
        bucket, _, key = summary["report"][name.replace(".", "_")].removeprefix("s3://").partition("/")
        read[name] = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return read


def test_the_simulator_and_moto_give_the_same_bytes(servers: Servers, bootstrap: Path) -> None:
    simulator, moto = servers.simulator(WORLD), servers.moto(WORLD)
    for _ in range(2):
        by_name = {aws.name: reports(aws, bootstrap) for aws in (simulator, moto)}
        # The date, or a whole day of idleness, may have turned between the two runs; that cannot happen twice in a row.
        if by_name["simulator"] == by_name["moto"]:
            break
    for name in REPORTS:
        # Text, so that a difference is shown by line.
        assert by_name["simulator"][name].decode().splitlines() == by_name["moto"][name].decode().splitlines()
    assert by_name["simulator"] == by_name["moto"]
    assert_all_is_there(moto, by_name["moto"])


def assert_all_is_there(aws: Aws, read: dict[str, bytes]) -> None:
    """Equal bytes mean little if they are few: every account is told of, every key that could be listed has its row."""
    keys, coverage = (list(csv.DictReader(io.StringIO(read[name].decode(), newline=""))) for name in REPORTS)
    assert {row["account_id"] for row in coverage} == {account.id for account in aws.world.accounts}
    refused = {("333333333333", "us-east-1")}
    listed = {
        (account.id, key.region, key.id)
        for account in aws.world.accounts
        for key in account.keys
        if (account.id, key.region) not in refused
    }
    assert {(row["account_id"], row["region"], row["key_id"]) for row in keys} == listed
    statuses = {row["account_id"]: row["status"] for row in coverage if row["region"] == "*"}
    assert statuses["444444444444"] == statuses["666666666666"] == "unreachable"
    assert statuses["555555555555"] == "skipped"


def test_text_that_a_spreadsheet_would_run_is_disarmed(servers: Servers, bootstrap: Path) -> None:
    read = reports(servers.moto(WORLD), bootstrap)
    for name in REPORTS:
        cells = [cell for row in csv.reader(io.StringIO(read[name].decode(), newline="")) for cell in row]
        assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
        assert any(cell.startswith("'=cmd|") for cell in cells)
