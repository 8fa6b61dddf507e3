"""boto3 meets the faults of a world: what each service answers when one strikes, and which calls it strikes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from conftest import Aws, Servers, refusal, refused

KEY = "aaaaaaaa-0000-4000-8000-000000000001"
MEMBER = "222222222222"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:keycensus"
VOLUMES = "".join(f'[[account.volume]]\nregion = "eu-west-1"\nid = "vol-{number}"\n' for number in range(7))
TARGETS = f"""
now = "2026-11-21T02:00:00Z"

[organization]
page_size = 2

[[organizational_unit]]
id = "ou-exam-prod0001"
name = "Prod"

[[bucket]]
name = "reports"
region = "eu-west-1"

[[topic]]
arn = "{TOPIC}"

[[event_bus]]
name = "keycensus"

[[account]]
id = "111111111111"
regions = ["eu-west-1", "us-east-1"]

[[account.key]]
region = "eu-west-1"
id = "{KEY}"
aliases = ["alias/payments"]
created = "900d"
rotations = ["400d", "35d"]

[[account.key.grant]]
grantee = "rds.amazonaws.com"

[[account.key]]
region = "eu-west-1"
id = "aaaaaaaa-0000-4000-8000-000000000002"
created = "900d"
last_used = "3d"

[[account.key]]
region = "eu-west-1"
id = "aaaaaaaa-0000-4000-8000-000000000003"
created = "900d"
last_used = "5d"

[[account.user]]
name = "anna"
tags = {{ owner = "platform", stage = "prod" }}

[[account.user.access_key]]
id = "AKIAANNA000000000001"

[[account.user.access_key]]
id = "AKIAANNA000000000002"

[[account.user]]
name = "zoe"

{VOLUMES}

[[account]]
id = "{MEMBER}"
regions = ["eu-west-1"]

[[account]]
id = "333333333333"
"""


@pytest.fixture
def struck() -> Iterator[Callable[..., Aws]]:
    """Starts the simulator for one test, with a fault."""
    with ExitStack() as stack:
        servers = Servers(stack)

        def start(effect: str, rule: str = "") -> Aws:
            return servers.simulator(servers.written(f'{TARGETS}\n[[fault]]\neffect = "{effect}"\n{rule}'))

        yield start


# At the door of each service

CALLS = {
    "kms": ("list_keys", {}),
    "organizations": ("list_accounts", {}),
    "account": ("list_regions", {}),
    "iam": ("list_users", {}),
    "sts": ("get_caller_identity", {}),
    "s3": ("get_object", {"Bucket": "reports", "Key": "a"}),
    "sns": ("publish", {"TopicArn": TOPIC, "Message": "x"}),
    "events": ("put_events", {"Entries": [{}]}),
    "ec2": ("describe_volumes", {}),
}
WORDS = {
    "throttle": """
        400 ThrottlingException, 400 TooManyRequestsException, 429 TooManyRequestsException, 400 Throttling,
        400 Throttling, 503 SlowDown, 400 Throttling, 400 ThrottlingException, 503 RequestLimitExceeded""",
    "internal_error": """
        500 KMSInternalException, 500 ServiceException, 500 InternalServerException, 500 ServiceFailure,
        500 InternalFailure, 500 InternalError, 500 InternalError, 500 InternalException, 500 InternalError""",
    "unavailable": "503 ServiceUnavailable, " * 8 + "503 Unavailable",
    "expired_credentials": """
        400 ExpiredTokenException, 400 ExpiredTokenException, 403 ExpiredTokenException, 403 ExpiredToken,
        403 ExpiredToken, 400 ExpiredToken, 403 ExpiredToken, 400 ExpiredTokenException, 400 RequestExpired""",
    "not_yet_valid_credentials": """
        400 InvalidSignatureException, 400 InvalidSignatureException, 403 InvalidSignatureException,
        403 SignatureDoesNotMatch, 403 SignatureDoesNotMatch, 403 RequestTimeTooSkewed, 403 SignatureDoesNotMatch,
        400 InvalidSignatureException, 401 AuthFailure""",
    "access_denied": """
        400 AccessDeniedException, 400 AccessDeniedException, 403 AccessDeniedException, 403 AccessDenied,
        403 AccessDenied, 403 AccessDenied, 403 AuthorizationError, 400 AccessDeniedException,
        403 UnauthorizedOperation""",
    "region_not_enabled": """
        400 UnrecognizedClientException, 400 UnrecognizedClientException, 403 UnrecognizedClientException,
        403 InvalidClientTokenId, 403 InvalidClientTokenId, 400 InvalidToken, 403 InvalidClientTokenId,
        400 UnrecognizedClientException, 401 AuthFailure""",
}


@pytest.mark.parametrize("effect", WORDS)
def test_each_service_fails_in_its_own_words(struck: Callable[..., Aws], effect: str) -> None:
    aws = struck(effect)
    answers = []
    for service, (operation, arguments) in CALLS.items():
        code, status = refused(getattr(aws.client(service), operation), **arguments)
        answers.append(f"{status} {code}")
    assert answers == [answer.strip() for answer in WORDS[effect].split(",")]
    calls = aws.calls()
    assert {call["fault"] for call in calls} == {effect}
    assert {call["throttled"] for call in calls} == {effect == "throttle"}
    throttled = len(CALLS) if effect == "throttle" else 0
    assert aws.json("/_sim/calls")["total"] == {"sent": len(CALLS), "throttled": throttled}


# Which calls are struck


def test_only_the_nth_matching_call_fails_and_the_next_is_right_again(struck: Callable[..., Aws]) -> None:
    kms = struck("internal_error", 'operation = "kms:GetKeyLastUsage"\nnth = 2').client("kms")
    kms.get_key_last_usage(KeyId=KEY)
    # Another operation is no matching call.
    kms.list_keys()
    assert refused(kms.get_key_last_usage, KeyId=KEY) == ("KMSInternalException", 500)
    kms.get_key_last_usage(KeyId=KEY)


@pytest.mark.parametrize(
    ("rule", "client"),
    [
        (f'account = "{MEMBER}"\noperation = "kms:*"', lambda aws: aws.inside(MEMBER, "kms")),
        ('region = "us-east-1"', lambda aws: aws.client("kms", "us-east-1")),
    ],
    ids=["of one account", "of one Region"],
)
def test_a_fault_leaves_all_others_alone(struck: Callable[..., Aws], rule: str, client: Callable[[Aws], Any]) -> None:
    aws = struck("unavailable", rule)
    assert refused(client(aws).list_keys) == ("ServiceUnavailable", 503)
    aws.client("kms").list_keys()


def test_the_account_of_an_assumed_role_is_the_roles(struck: Callable[..., Aws]) -> None:
    aws = struck("access_denied", f'account = "{MEMBER}"\nfirst = 1')
    role = {"RoleArn": f"arn:aws:iam::{MEMBER}:role/KeycensusReader", "RoleSessionName": "census"}
    assert refused(aws.client("sts").assume_role, **role) == ("AccessDenied", 403)
    aws.enter(MEMBER)


def test_a_rule_about_a_resource_strikes_calls_about_no_other(struck: Callable[..., Aws]) -> None:
    s3 = struck("access_denied", 'operation = "s3:PutObject"\nresource = "a.csv"').client("s3")
    assert refused(s3.put_object, Bucket="reports", Key="a.csv", Body=b"") == ("AccessDenied", 403)
    s3.put_object(Bucket="reports", Key="b.csv", Body=b"")


# Of single operations


def test_a_key_or_user_vanishes_between_listing_and_reading(struck: Callable[..., Aws]) -> None:
    aws = struck("vanish")
    kms, iam = aws.client("kms"), aws.client("iam")
    assert kms.list_keys()["Keys"][0]["KeyId"] == KEY
    gone = ("NotFoundException", 400, f"Key 'arn:aws:kms:eu-west-1:111111111111:key/{KEY}' does not exist")
    for operation in (
        "describe_key",
        "get_key_last_usage",
        "list_resource_tags",
        "list_key_rotations",
        "list_grants",
        "get_key_policy",
    ):
        assert refusal(getattr(kms, operation), KeyId=KEY) == gone, operation
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["anna", "zoe"]
    assert refused(iam.list_access_keys, UserName="zoe") == ("NoSuchEntity", 404)
    says = "The Access Key with id AKIAANNA000000000001 cannot be found."
    used = refusal(iam.get_access_key_last_used, AccessKeyId="AKIAANNA000000000001")
    assert used == ("NoSuchEntity", 404, says)


def test_a_write_that_conflicts_with_another_does_nothing(struck: Callable[..., Aws]) -> None:
    s3 = struck("write_conflict", 'operation = "s3:PutObject"\nnth = 1').client("s3")
    named = {"Bucket": "reports", "Key": "a.json"}
    assert refused(s3.put_object, **named, Body=b"hello") == ("ConditionalRequestConflict", 409)
    assert refused(s3.get_object, **named) == ("NoSuchKey", 404)


@pytest.mark.parametrize("condition", [{"IfMatch": '"5d41402abc4b2a76b9719d911017c592"'}, {"IfNoneMatch": "*"}])
def test_a_write_of_an_object_that_was_deleted_is_not_found_where_it_has_a_condition(
    struck: Callable[..., Aws], condition: dict[str, str]
) -> None:
    s3 = struck("deleted_first", 'operation = "s3:PutObject"\nnth = 2').client("s3")
    named = {"Bucket": "reports", "Key": "a.json"}
    s3.put_object(**named, Body=b"hello")
    assert refused(s3.put_object, **named, Body=b"bye", **condition) == ("NoSuchKey", 404)
    assert refused(s3.get_object, **named) == ("NoSuchKey", 404)
    s3.put_object(**named, Body=b"bye")


def test_a_message_whose_id_is_not_answered_is_published(struck: Callable[..., Aws]) -> None:
    aws = struck("no_message_id", 'operation = "sns:Publish"')
    assert "MessageId" not in aws.client("sns").publish(TopicArn=TOPIC, Message="hello")
    assert [message["message"] for message in aws.json("/_sim/messages")] == ["hello"]


def test_the_last_event_can_fail_while_the_others_are_put(struck: Callable[..., Aws]) -> None:
    aws = struck("fail_entry", "first = 1")
    entries = [
        {"EventBusName": "keycensus", "Source": "keycensus", "DetailType": "x", "Detail": f'{{"number": {number}}}'}
        for number in (1, 2)
    ]
    answer = aws.client("events").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 1
    first, last = answer["Entries"]
    assert first["EventId"]
    assert last["ErrorCode"] == "InternalFailure"
    assert [event["detail"] for event in aws.json("/_sim/events")] == ['{"number": 1}']
    aws.client("events").put_events(Entries=entries)
    assert len(aws.json("/_sim/events")) == 3


# Listings

BELOW = {"ParentId": "r-exam"}
LISTINGS = [
    ("kms", "list_keys", {"Limit": 2}, "Keys"),
    ("kms", "list_key_rotations", {"KeyId": KEY, "Limit": 1}, "Rotations"),
    ("iam", "list_users", {"MaxItems": 1}, "Users"),
    ("iam", "list_access_keys", {"UserName": "anna", "MaxItems": 1}, "AccessKeyMetadata"),
    ("iam", "list_user_tags", {"UserName": "anna", "MaxItems": 1}, "Tags"),
    ("ec2", "describe_volumes", {"MaxResults": 5}, "Volumes"),
    ("cloudtrail", "lookup_events", {"MaxResults": 1}, "Events"),
    ("account", "list_regions", {"MaxResults": 5}, "Regions"),
    ("organizations", "list_accounts", {}, "Accounts"),
    ("organizations", "list_accounts_for_parent", {**BELOW, "MaxResults": 2}, "Accounts"),
    ("organizations", "list_organizational_units_for_parent", BELOW, "OrganizationalUnits"),
]


def page(aws: Aws, listing: tuple[str, str, dict[str, Any], str], after: str | None = None) -> tuple[list, str | None]:
    """The items of a page, and the token of the next."""
    service, operation, arguments, member = listing
    name = "Marker" if service in ("kms", "iam") else "NextToken"
    further = {} if after is None else {name: after}
    answer = getattr(aws.client(service), operation)(**arguments, **further)
    return answer[member], answer.get("NextMarker" if service == "kms" else name)


@pytest.mark.parametrize("effect", ["empty_page", "duplicate_item", "repeat_token"])
def test_every_listing_goes_wrong_the_same_way(struck: Callable[..., Aws], servers: Servers, effect: str) -> None:
    right, aws = servers.simulator(servers.written(TARGETS)), struck(effect)
    for listing in LISTINGS:
        expected, next_token = page(right, listing)
        assert expected, listing
        items, token = page(aws, listing)
        if effect == "empty_page":
            assert items == [] and page(aws, listing, token)[0] == expected, listing
        elif effect == "repeat_token":
            assert items == expected and page(aws, listing, token) == (expected, token), listing
        else:
            assert items == [*expected, expected[0]], listing
            if next_token is not None:
                second = [*page(right, listing, next_token)[0], expected[0]]
                assert page(aws, listing, next_token)[0] == second, listing
