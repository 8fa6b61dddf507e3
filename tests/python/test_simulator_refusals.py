"""boto3 asks the simulator for what AWS refuses: error codes, HTTP statuses and messages, service by service.

What moto refuses alike is tested beside each service; these are limits that moto does not check, or not as AWS does.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from conftest import Aws, Servers, refusal, refused

KEY = "aaaaaaaa-0000-4000-8000-000000000001"
ARN = "arn:aws:kms:eu-west-1:111111111111:"
MEMBER = "222222222222"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:keycensus"
READER = {"RoleArn": f"arn:aws:iam::{MEMBER}:role/KeycensusReader", "RoleSessionName": "census"}
ESTATE = f"""
now = "2026-11-21T02:00:00Z"

[[refuse]]
operation = "kms:GetKeyLastUsage"
key = "locked"

[[refuse]]
operation = "iam:GetAccessKeyLastUsed"
key = "AKIABOT0000000000001"

[[refuse]]
operation = "cloudtrail:*"
region = "us-east-1"

[[refuse]]
operation = "events:PutEvents"
resource = "locked"

[[bucket]]
name = "reports"
region = "eu-west-1"

[[bucket]]
name = "foreign"
account = "{MEMBER}"
region = "eu-west-1"

[[topic]]
arn = "{TOPIC}"

[[topic]]
arn = "{TOPIC}.fifo"

[[event_bus]]
name = "keycensus"

[[account]]
id = "111111111111"
regions = ["eu-west-1", "us-east-1"]

[[account.key]]
region = "eu-west-1"
id = "{KEY}"
aliases = ["alias/payments"]
created = "400d"

[[account.key]]
region = "eu-west-1"
id = "locked"
created = "400d"

[[account.user]]
name = "bot"

[[account.user.access_key]]
id = "AKIABOT0000000000001"

[[account]]
id = "{MEMBER}"
regions = ["eu-west-1"]

[[account]]
id = "333333333333"
role = ""

[[account]]
id = "444444444444"
trusts = ["999999999999"]

[[account]]
id = "555555555555"
state = "SUSPENDED"
"""


def attribute(name: str) -> dict[str, str]:
    return {"AttributeKey": name, "AttributeValue": "x"}


def event(detail: str = "{}", **further: Any) -> dict[str, Any]:
    return {"EventBusName": "keycensus", "Source": "keycensus", "DetailType": "Flagged", "Detail": detail, **further}


def of_bytes(count: int) -> str:
    return f'{{"a":"{"x" * (count - 8)}"}}'


FOREIGN_BUS = event(EventBusName=f"arn:aws:events:eu-west-1:{MEMBER}:event-bus/default")
# What AWS counts of an event besides its detail: the source and the detail type.
MOST_OF_AN_EVENT = 262_144 - len("keycensus") - len("Flagged")
MOST_OF_A_MESSAGE = 262_144
LONG = {"a": {"DataType": "String", "StringValue": "b"}}

REFUSED: dict[tuple[str, str], list[tuple[dict[str, Any], tuple[str, int]]]] = {
    ("account", "list_regions"): [({"AccountId": "111111111111"}, ("AccessDeniedException", 403))],
    ("cloudtrail", "lookup_events"): [
        (
            {"LookupAttributes": [attribute("EventId"), attribute("EventName")]},
            ("InvalidLookupAttributesException", 400),
        ),
        ({"LookupAttributes": [attribute("Colour")]}, ("InvalidLookupAttributesException", 400)),
        ({"LookupAttributes": [{"AttributeKey": "EventId"}]}, ("InvalidLookupAttributesException", 400)),
        ({"MaxResults": 51}, ("InvalidMaxResultsException", 400)),
        ({"NextToken": "x"}, ("InvalidNextTokenException", 400)),
        ({"StartTime": 2, "EndTime": 1}, ("InvalidTimeRangeException", 400)),
    ],
    ("ec2", "describe_volumes"): [
        ({"Filters": [{"Name": "colour", "Values": ["red"]}]}, ("InvalidParameterValue", 400)),
        ({"MaxResults": 4}, ("InvalidParameterValue", 400)),
        ({"MaxResults": 1001}, ("InvalidParameterValue", 400)),
        ({"MaxResults": "many"}, ("InvalidParameterValue", 400)),
        ({"NextToken": "none"}, ("InvalidPaginationToken", 400)),
    ],
    ("events", "put_events"): [
        ({"Entries": []}, ("ValidationException", 400)),
        ({"Entries": [{"Source": "keycensus"}]}, ("ValidationException", 400)),
        ({"Entries": [event(EventBusName="a:b")]}, ("ValidationException", 400)),
        ({"Entries": [event(of_bytes(MOST_OF_AN_EVENT + 1))]}, ("ValidationException", 400)),
        ({"Entries": [event(of_bytes(MOST_OF_AN_EVENT), Time=1_795_226_400)]}, ("ValidationException", 400)),
        ({"Entries": [event(of_bytes(MOST_OF_AN_EVENT), Resources=["x"])]}, ("ValidationException", 400)),
        ({"Entries": [event(), FOREIGN_BUS]}, ("AccessDeniedException", 400)),
        ({"Entries": [event(EventBusName="locked")]}, ("AccessDeniedException", 400)),
    ],
    ("iam", "list_access_keys"): [({}, ("ValidationError", 400))],
    ("iam", "list_users"): [
        ({"MaxItems": 0}, ("ValidationError", 400)),
        ({"MaxItems": 1001}, ("ValidationError", 400)),
        ({"Marker": "none"}, ("ValidationError", 400)),
    ],
    ("kms", "list_keys"): [({"Marker": "x"}, ("InvalidMarkerException", 400))],
    ("kms", "describe_key"): [
        ({"KeyId": "alias/none"}, ("NotFoundException", 400)),
        ({"KeyId": ""}, ("ValidationException", 400)),
    ],
    ("kms", "get_key_last_usage"): [
        ({"KeyId": "alias/payments"}, ("NotFoundException", 400)),
        ({"KeyId": f"{ARN}alias/payments"}, ("InvalidArnException", 400)),
        ({"KeyId": "arn:nonsense"}, ("InvalidArnException", 400)),
        ({"KeyId": f"arn:aws:kms:eu-west-1:{MEMBER}:key/{KEY}"}, ("AccessDeniedException", 400)),
        ({"KeyId": f"arn:aws:kms:us-east-1:111111111111:key/{KEY}"}, ("NotFoundException", 400)),
    ],
    ("kms", "list_grants"): [
        ({}, ("ValidationException", 400)),
        ({"KeyId": KEY, "Limit": 101}, ("ValidationException", 400)),
        ({"KeyId": KEY, "Marker": "x"}, ("InvalidMarkerException", 400)),
    ],
    ("kms", "list_key_rotations"): [
        ({}, ("ValidationException", 400)),
        ({"KeyId": KEY, "Limit": 1001}, ("ValidationException", 400)),
        ({"KeyId": KEY, "Marker": "x"}, ("InvalidMarkerException", 400)),
        ({"KeyId": f"{ARN}alias/payments"}, ("InvalidArnException", 400)),
    ],
    ("organizations", "list_accounts"): [({"NextToken": "x"}, ("InvalidInputException", 400))],
    ("organizations", "list_accounts_for_parent"): [({"ParentId": "r-none"}, ("ParentNotFoundException", 400))],
    ("organizations", "list_parents"): [({"ChildId": "999999999999"}, ("ChildNotFoundException", 400))],
    ("s3", "head_bucket"): [
        ({"Bucket": "foreign"}, ("403", 403)),
        ({"Bucket": "reports", "ExpectedBucketOwner": MEMBER}, ("403", 403)),
    ],
    ("sns", "publish"): [
        ({"TopicArn": TOPIC, **message}, ("InvalidParameter", 400))
        for message in (
            {"Message": "x" * (MOST_OF_A_MESSAGE + 1)},
            {"Message": "x" * (MOST_OF_A_MESSAGE - 2), "MessageAttributes": LONG},
            {"Message": "x", "Subject": "x" * 100},
            {"Message": "x", "Subject": "two\nlines"},
            {"Message": "x", "MessageStructure": "json"},
            {"Message": ""},
        )
    ],
    ("sts", "assume_role"): [
        *(({**READER, "DurationSeconds": seconds}, ("ValidationError", 400)) for seconds in (899, 3601, 43_201)),
        *(({**READER, "RoleSessionName": name}, ("ValidationError", 400)) for name in ("x", "a b", "a/b", "x" * 65)),
        *(
            ({**READER, "RoleArn": f"arn:aws:iam::{account}:role/KeycensusReader"}, ("AccessDenied", 403))
            for account in ("333333333333", "444444444444", "555555555555", "666666666666")
        ),
    ],
    ("sts", "get_access_key_info"): [
        ({"AccessKeyId": key}, ("ValidationError", 400)) for key in ("AKIANOBODY0000000001", "root_access_key_1")
    ],
}


@pytest.fixture
def estate(servers: Servers) -> Aws:
    return servers.simulator(servers.written(ESTATE))


@pytest.mark.parametrize(("service", "operation"), REFUSED)
def test_a_call_that_aws_would_not_serve_is_refused_with_its_code(estate: Aws, service: str, operation: str) -> None:
    # Else botocore would refuse some of them by itself.
    client = estate.client(service, parameter_validation=False)
    for arguments, expected in REFUSED[service, operation]:
        assert refused(getattr(client, operation), **arguments) == expected, str(arguments)[:200]
    assert estate.json("/_sim/messages") == estate.json("/_sim/events") == []


def test_what_is_just_within_the_limits_is_served(servers: Servers) -> None:
    # Of its own: the messages and events of the other are none.
    aws = servers.simulator(servers.written(f"# The largest that is taken.\n{ESTATE}"))
    for name in ("ok", "a=b,c.d@e-f_g+h", "x" * 64):
        aws.client("sts").assume_role(**{**READER, "RoleSessionName": name})
    for seconds in (900, 3600):
        session = aws.client("sts").assume_role(**READER, DurationSeconds=seconds)["AssumedRoleUser"]
        assert session["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/KeycensusReader/census"
    aws.client("sns").publish(TopicArn=TOPIC, Message="x" * MOST_OF_A_MESSAGE)
    for entries in ([event(of_bytes(MOST_OF_AN_EVENT))], [event()] * 10):
        assert aws.client("events").put_events(Entries=entries)["FailedEntryCount"] == 0


def test_the_sessions_of_an_iam_user_may_be_longer_than_those_of_a_role(servers: Servers) -> None:
    aws = servers.simulator(servers.written(f'{ESTATE}\n[scanner]\nrole = ""\n'))
    aws.client("sts").assume_role(**READER, DurationSeconds=43_200)


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "message"),
    [
        ("iam", "list_users", {"MaxItems": 0}, "greater than or equal to 1"),
        ("iam", "list_users", {"MaxItems": 1001}, "less than or equal to 1000"),
        ("iam", "list_users", {"Marker": "none"}, "Invalid Marker"),
        ("iam", "list_user_tags", {"UserName": "none"}, "The user with name none cannot be found."),
        (
            "iam",
            "get_access_key_last_used",
            {"AccessKeyId": "AKIABOT0000000000001"},
            "User: arn:aws:sts::111111111111:assumed-role/KeycensusScanner/sim is not authorized to perform: "
            "iam:GetAccessKeyLastUsed on resource: user bot because no identity-based policy allows the "
            "iam:GetAccessKeyLastUsed action",
        ),
        ("kms", "get_key_last_usage", {"KeyId": "locked"}, f"on resource: {ARN}key/locked because"),
        ("account", "list_regions", {"AccountId": "111111111111"}, "standalone context"),
        ("sns", "publish", {"TopicArn": f"{TOPIC}.fifo", "Message": "x"}, "MessageGroupId"),
        (
            "sts",
            "assume_role",
            {**READER, "RoleArn": f"arn:aws:iam::{MEMBER}:role/Other"},
            "User: arn:aws:sts::111111111111:assumed-role/KeycensusScanner/sim is not authorized to perform: "
            f"sts:AssumeRole on resource: arn:aws:iam::{MEMBER}:role/Other",
        ),
    ],
)
def test_a_refusal_says_why(estate: Aws, service: str, operation: str, arguments: dict[str, Any], message: str) -> None:
    client = estate.client(service, parameter_validation=False)
    assert message in refusal(getattr(client, operation), **arguments)[2]


def test_a_topic_belongs_to_its_region_and_account(estate: Aws) -> None:
    message = {"TopicArn": TOPIC, "Message": "x"}
    assert refused(estate.client("sns", "us-east-1").publish, **message) == ("InvalidParameter", 400)
    assert refused(estate.inside(MEMBER, "sns").publish, **message) == ("AuthorizationError", 403)


def test_an_event_history_can_be_refused(estate: Aws) -> None:
    look = estate.client("cloudtrail", "us-east-1").lookup_events
    assert refused(look) == ("AccessDeniedException", 400)


def test_a_key_of_another_account_is_not_found_by_its_id(estate: Aws) -> None:
    member = estate.inside(MEMBER, "kms")
    assert member.list_keys()["Keys"] == []
    assert refused(member.describe_key, KeyId=KEY) == ("NotFoundException", 400)


def test_only_where_organizations_may_name_accounts_are_the_regions_of_another_listed(
    estate: Aws, servers: Servers
) -> None:
    other = {"AccountId": MEMBER}
    assert estate.client("account").list_regions(**other)["Regions"]
    alone = servers.simulator(servers.written(f"{ESTATE}\n[organization]\naccount_management = false\n"))
    code, status, message = refusal(alone.client("account").list_regions, **other)
    assert (code, status) == ("AccessDeniedException", 403)
    assert "trusted access" in message
    assert alone.client("account").list_regions()["Regions"]


# Credentials

CALLS = {
    "kms": ("list_keys", {}, ("UnrecognizedClientException", 400), ("MissingAuthenticationTokenException", 400)),
    "organizations": ("list_accounts", {}, ("UnrecognizedClientException", 400), None),
    "cloudtrail": ("lookup_events", {}, ("UnrecognizedClientException", 400), None),
    "events": ("put_events", {"Entries": [event()]}, None, ("MissingAuthenticationTokenException", 400)),
    "sts": ("get_caller_identity", {}, ("InvalidClientTokenId", 403), ("MissingAuthenticationToken", 403)),
    "s3": ("get_object", {"Bucket": "reports", "Key": "a"}, ("InvalidAccessKeyId", 403), None),
}


@pytest.mark.parametrize("service", CALLS)
def test_credentials_that_are_not_good_are_refused_in_the_words_of_each_service(estate: Aws, service: str) -> None:
    operation, arguments, unknown, missing = CALLS[service]
    stranger = {"AccessKeyId": "AKIASTRANGER00000000", "SecretAccessKey": "x"}
    for expected, client in (
        (unknown, estate.client(service, credentials=stranger)),
        (missing, estate.client(service, signature_version=UNSIGNED)),
    ):
        if expected is not None:
            assert refused(getattr(client, operation), **arguments) == expected


def test_a_session_without_its_token_is_refused(estate: Aws) -> None:
    session = {**estate.enter(MEMBER), "SessionToken": None}
    refused_session = refused(estate.client("kms", credentials=session).list_keys)
    assert refused_session == ("UnrecognizedClientException", 400)


def test_every_answer_carries_a_request_id_of_its_own(estate: Aws) -> None:
    kms = estate.client("kms")
    ids = [kms.list_keys()["ResponseMetadata"]["RequestId"]]
    with pytest.raises(ClientError) as caught:
        kms.describe_key(KeyId="none")
    ids.append(caught.value.response["ResponseMetadata"]["RequestId"])
    assert [len(request_id) for request_id in ids] == [36, 36]
    assert ids[0] != ids[1]
    assert estate.client("s3").head_bucket(Bucket="reports")["ResponseMetadata"]["RequestId"]


def test_an_access_key_tells_everybody_whose_account_it_belongs_to(estate: Aws) -> None:
    told = estate.inside(MEMBER, "sts").get_access_key_info(AccessKeyId="AKIABOT0000000000001")
    assert told["Account"] == "111111111111"
