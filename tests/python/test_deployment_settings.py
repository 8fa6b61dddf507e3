"""Each variable of the deployed function carries its parameter, and updates do what docs/DEPLOY.md says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cloudformation import template
from deployment import EXTERNAL_ID, Census, Installation, scanner_template
from ministack_aws import (
    BUS,
    CHAT_TOPIC,
    MANAGEMENT,
    ORGANIZATION,
    PAYMENTS,
    REGION,
    REGIONS,
    STOREFRONT,
    ministack,
    tomorrow_at,
)

UNIT = "ou-ab12-cd34ef56"
"""Of all accounts but the management account; as in ministackext/organization.py."""

# Ministack does not ask whether there is such a key.
REPORT_KEY = f"arn:aws:kms:{REGION}:{MANAGEMENT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

TAGS = {"squad": "ledger", "hands-off": "legal hold"}


@pytest.fixture(scope="module")
def installed(bootstrap: Path) -> Iterator[Installation]:
    """An installation; each account has an idle key in each Region, and the management account has three in one."""
    with ministack(bootstrap) as aws:
        for account_id in (*ORGANIZATION, MANAGEMENT, MANAGEMENT):
            for region in REGIONS if account_id != MANAGEMENT else (REGION,):
                key = aws.idle_key(account_id, region, **TAGS)
        aws.client("kms", MANAGEMENT, REGION).disable_key(KeyId=key.id)
        yield Installation(aws)


def parameters(**different: str) -> dict[str, str]:
    """Every parameter of the stack, so that no earlier value is kept."""
    defaults = {name: str(one["Default"]) for name, one in template("template.yaml")["Parameters"].items()}
    return {**defaults, "ExternalId": EXTERNAL_ID, "LastUsageRps": "100", "Digest": "always", **different}


@dataclass(frozen=True)
class Effect:
    """What a parameter has a census do, which it would not by itself."""

    seen: Callable[[Census], Any]
    parameters: dict[str, str]

    def __init__(self, seen: Callable[[Census], Any], **parameters: str) -> None:
        object.__setattr__(self, "seen", seen)
        object.__setattr__(self, "parameters", parameters)


def said(name: str, value: Any) -> Callable[[Census], bool]:
    return lambda census: census.summary[name] == value


def scanned(*accounts: str) -> Callable[[Census], bool]:
    return lambda census: {row["account_id"] for row in census.keys} == {*accounts}


def column(name: str, value: str) -> Callable[[Census], bool]:
    return lambda census: {row[name] for row in census.keys} == {value}


def seconds_between_reads(census: Census) -> float:
    """The least time between two reads of a last use in the Region with three keys."""
    reads = [
        call["at"]
        for call in census.calls
        if call["action"] == "kms:GetKeyLastUsage" and f":{REGION}:{MANAGEMENT}:" in call["resource"]
    ]
    return min(later - earlier for earlier, later in pairwise(reads))


EFFECTS = {
    "KEYCENSUS_REPORT_BUCKET": Effect(lambda census: len(census.keys) == 7),
    "KEYCENSUS_REPORT_PREFIX": Effect(
        lambda census: "/audit/keys/" in census.summary["report"]["keys_csv"], ReportPrefix="audit/keys"
    ),
    # Under a prefix of its own: without the setting, what is under the key cannot be read.
    "KEYCENSUS_REPORT_ENCRYPTION": Effect(
        lambda census: census.encryption == "aws:kms", ReportEncryption=REPORT_KEY, ReportPrefix="encrypted"
    ),
    "KEYCENSUS_TOPIC_ARN": Effect(lambda census: len(census.digests) == 1),
    "KEYCENSUS_MEMBER_ROLE": Effect(scanned(*ORGANIZATION), MemberRole="audit/KeyReader"),
    "KEYCENSUS_EXTERNAL_ID": Effect(scanned(*ORGANIZATION), ExternalId="another"),
    "KEYCENSUS_STALE_AFTER_DAYS": Effect(said("stale_after_days", 60), StaleAfterDays="60"),
    "KEYCENSUS_ROTATE_AFTER_DAYS": Effect(said("rotate_after_days", 45), RotateAfterDays="45"),
    "KEYCENSUS_WATCH_DAYS": Effect(said("watch_days", 7), WatchDays="7"),
    "KEYCENSUS_DEPENDENTS": Effect(lambda census: "kms:ListGrants" not in census.summary["calls"], Dependents="off"),
    "KEYCENSUS_REFUSED_USES": Effect(
        lambda census: "cloudtrail:LookupEvents" not in census.summary["calls"], RefusedUses="off"
    ),
    "KEYCENSUS_AUDIT_GUARD": Effect(lambda census: "kms:GetKeyPolicy" in census.summary["calls"], AuditGuard="on"),
    "KEYCENSUS_AWS_MANAGED": Effect(said("aws_managed", "on"), AwsManaged="on"),
    "KEYCENSUS_KINDS": Effect(lambda census: "iam:ListUsers" not in census.summary["calls"], Kinds="kms"),
    "KEYCENSUS_REGIONS": Effect(column("region", "us-east-1"), Regions="us-east-1"),
    "KEYCENSUS_ACCOUNTS": Effect(scanned(MANAGEMENT, PAYMENTS), Accounts=f"{MANAGEMENT},{PAYMENTS}"),
    "KEYCENSUS_EXCLUDE_ACCOUNTS": Effect(scanned(MANAGEMENT, STOREFRONT), ExcludeAccounts=PAYMENTS),
    "KEYCENSUS_ORGANIZATIONAL_UNITS": Effect(scanned(PAYMENTS, STOREFRONT), OrganizationalUnits=UNIT),
    # Far from the 0.2 seconds of the default, however busy the machine is.
    "KEYCENSUS_LAST_USAGE_RPS": Effect(lambda census: seconds_between_reads(census) > 1, LastUsageRps="0.5"),
    "KEYCENSUS_READ": Effect(said("read", "due"), Read="due"),
    "KEYCENSUS_READ_AGAIN_DAYS": Effect(said("read_again_days", 3), ReadAgainDays="3"),
    "KEYCENSUS_DIGEST": Effect(lambda census: census.error is None and census.digests == [], Digest="never"),
    "KEYCENSUS_DIGEST_PER": Effect(lambda census: len(census.digests) == 1 + len(ORGANIZATION), DigestPer="account"),
    "KEYCENSUS_CHAT_TOPIC_ARN": Effect(
        lambda census: census.summary["digest"]["chat"]["topic_arn"] == CHAT_TOPIC, ChatTopicArn=CHAT_TOPIC
    ),
    "KEYCENSUS_SECURITY_HUB": Effect(
        lambda census: census.summary["security_hub"]["product_arn"] is not None, SecurityHub="on"
    ),
    "KEYCENSUS_EVENT_BUS": Effect(lambda census: census.summary["events"]["bus"] == BUS, EventBusName=BUS),
    "KEYCENSUS_EXEMPT_TAG": Effect(column("exempt", "true"), ExemptTag="hands-off"),
    "KEYCENSUS_OWNER_TAGS": Effect(column("owner", "ledger"), OwnerTags="team,squad"),
}
VARIABLES = scanner_template()["Resources"]["ScannerFunction"]["Properties"]["Environment"]["Variables"]


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_of_the_environment_is_needed(installed: Installation, variable: str) -> None:
    effect = EFFECTS[variable]
    installed.deploy(**parameters(**effect.parameters))
    census = installed.invoke()
    assert census.denied == set()
    assert effect.seen(census)

    without = scanner_template()
    del without["Resources"]["ScannerFunction"]["Properties"]["Environment"]["Variables"][variable]
    installed.deploy_scanner(without)
    census = installed.invoke()
    assert census.error is not None or not effect.seen(census)


def test_a_census_without_a_schedule_is_not_started_and_not_missed(installed: Installation) -> None:
    installed.deploy(**parameters())
    assert missed_alarm(installed)["ActionsEnabled"] is True
    installed.deploy(**parameters(ScheduleState="DISABLED"))
    assert missed_alarm(installed)["ActionsEnabled"] is False
    before = len(installed.aws.ask("calls"))
    installed.aws.ask("time", tomorrow_at(2))
    assert installed.aws.ask("calls")[before:] == []


def missed_alarm(installed: Installation) -> dict[str, Any]:
    names = [f"{installed.scanner.name}-census-missed"]
    [alarm] = installed.aws.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return alarm


def test_the_address_of_the_digest_is_told_of_failures_until_another_is_given(installed: Installation) -> None:
    installed.deploy(**parameters(DigestEmail="team@example.com"))
    assert subscribed_to_alarms(installed) == ["team@example.com"]
    installed.deploy(**parameters(DigestEmail="team@example.com", AlarmEmail="oncall@example.com"))
    assert subscribed_to_alarms(installed) == ["oncall@example.com"]


def test_a_topic_that_is_given_takes_over_from_the_stack_s_own(installed: Installation) -> None:
    installed.deploy(**parameters())
    own = installed.scanner.output("AlarmTopicArn")
    given = installed.aws.client("sns").create_topic(Name="oncall")["TopicArn"]
    installed.deploy(**parameters(AlarmTopicArn=given, DigestEmail="team@example.com"))
    assert missed_alarm(installed)["AlarmActions"] == [given]
    assert own not in {topic["TopicArn"] for topic in installed.aws.client("sns").list_topics()["Topics"]}


def subscribed_to_alarms(installed: Installation) -> list[str]:
    topic = installed.scanner.output("AlarmTopicArn")
    listed = installed.aws.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [one["Endpoint"] for one in listed]


def test_tables_for_athena_come_and_go_with_their_parameter(installed: Installation) -> None:
    glue = installed.aws.client("glue")
    installed.deploy(**parameters())
    tables = glue.get_tables(DatabaseName="keycensus")["TableList"]
    bucket = installed.scanner.output("ReportBucketName")
    assert {one["Name"]: one["StorageDescriptor"]["Location"] for one in tables} == {
        name: f"s3://{bucket}/keycensus/{name}/" for name in ("changes", "coverage", "keys")
    }
    installed.deploy(**parameters(WithAthena="false"))
    assert glue.get_databases()["DatabaseList"] == []


def test_what_the_scanner_alone_was_told_to_look_for_is_refused_until_the_member_role_is_told(
    installed: Installation,
) -> None:
    installed.deploy(**parameters(Dependents="off"))
    installed.deploy_scanner(scanner_template(), Dependents="on")
    refused = "UnauthorizedOperation"
    assert checked(installed.invoke()) == {(MANAGEMENT, "yes"), (PAYMENTS, refused), (STOREFRONT, refused)}
    installed.deploy(**parameters(Dependents="on"))
    assert checked(installed.invoke()) == {(account_id, "yes") for account_id in ORGANIZATION}


def checked(census: Census) -> set[tuple[str, str]]:
    return {(row["account_id"], row["dependents_checked"]) for row in census.keys}


def test_a_recreated_scanner_enters_no_account_until_the_member_roles_know_its_new_role(
    installed: Installation,
) -> None:
    installed.deploy(**parameters())
    role, bucket = installed.scanner.output("ScannerRoleArn"), installed.scanner.output("ReportBucketName")
    installed.scanner.delete()
    installed.deploy_scanner(scanner_template(), **parameters())
    assert installed.scanner.output("ScannerRoleArn") != role
    assert installed.scanner.output("ReportBucketName") != bucket
    assert scanned(MANAGEMENT)(installed.invoke())
    for account_id in installed.readers:
        installed.deploy_reader(account_id, template("member-role.yaml"))
    assert scanned(*ORGANIZATION)(installed.invoke())
