"""boto3 writes objects, messages and events to the simulator, as a census tells what it found.

Each test runs against moto too, which ``motoext`` fills from the same world: what both answer is what we expect of AWS.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import Aws, Servers, refused

EVENT_BUS = """
now = "2026-11-21T02:00:00Z"

[[bucket]]
name = "keycensus-reports"
region = "eu-west-1"

[[event_bus]]
name = "keycensus"

[[account]]
id = "111111111111"
"""
ELSEWHERE = f"""{EVENT_BUS}
[[account]]
id = "222222222222"

[[event_bus]]
name = "elsewhere"
account = "222222222222"
region = "us-east-1"
"""
TOPIC = "arn:aws:sns:eu-west-1:111111111111:keycensus"


@pytest.fixture
def with_bus(imitation: str, servers: Servers) -> Aws:
    """The organization with an event bus."""
    return servers.start(imitation, servers.written(EVENT_BUS))


# S3


def test_an_object_is_read_back_as_it_was_written(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), aws.world.buckets[0].name
    s3.head_bucket(Bucket=bucket)
    body = 'a,"b"\nKöln,🔑\n'.encode()
    named = {"Bucket": bucket, "Key": "boto3/date=2026-01-01/a b.csv"}
    put = s3.put_object(**named, Body=body, ContentType="text/csv; charset=utf-8", Metadata={"run": "7"})
    got = s3.get_object(**named)
    assert got["Body"].read() == body
    assert put["ETag"] == got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    for answer in (got, s3.head_object(**named)):
        assert answer["ContentLength"] == len(body)
        assert (answer["ContentType"], answer["Metadata"]) == ("text/csv; charset=utf-8", {"run": "7"})
        assert abs(answer["LastModified"] - datetime.now(UTC)) < timedelta(minutes=5)


def test_objects_are_listed_in_pages_below_a_prefix(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), aws.world.buckets[0].name
    for key in ("listed/a/1", "listed/a/2", "listed/a/3", "listed/b/1"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    paginator = s3.get_paginator("list_objects_v2")
    pages = list(paginator.paginate(Bucket=bucket, Prefix="listed/a/", PaginationConfig={"PageSize": 2}))
    assert [(page["KeyCount"], page["IsTruncated"]) for page in pages] == [(2, True), (1, False)]
    assert [item["Key"][-1] for page in pages for item in page["Contents"]] == ["1", "2", "3"]


def test_an_object_that_is_there_is_not_written_again_if_none_must_match(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), aws.world.buckets[0].name
    s3.put_object(Bucket=bucket, Key="boto3/once", Body=b"first", IfNoneMatch="*")
    again = refused(s3.put_object, Bucket=bucket, Key="boto3/once", Body=b"second", IfNoneMatch="*")
    assert again == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=bucket, Key="boto3/once")["Body"].read() == b"first"


def test_an_object_is_made_of_parts_with_checksums(aws: Aws) -> None:
    s3 = aws.client("s3")
    named = {"Bucket": aws.world.buckets[0].name, "Key": "boto3/parts.csv"}
    upload = s3.create_multipart_upload(**named, ContentType="text/csv", ChecksumAlgorithm="SHA256")
    assert upload["ChecksumAlgorithm"] == "SHA256"
    named_upload = {**named, "UploadId": upload["UploadId"]}
    bodies = [b"a" * (5 << 20), b"end"]
    parts = []
    for number, body in enumerate(bodies, start=1):
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        part = s3.upload_part(**named_upload, PartNumber=number, Body=body, ChecksumSHA256=checksum)
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": checksum})
    completed = s3.complete_multipart_upload(**named_upload, MultipartUpload={"Parts": parts})
    tags = b"".join(hashlib.md5(body).digest() for body in bodies)
    assert completed["ETag"] == f'"{hashlib.md5(tags).hexdigest()}-2"'
    got = s3.get_object(**named)
    assert (got["Body"].read(), got["ContentType"]) == (b"".join(bodies), "text/csv")


def test_parts_that_are_too_small_or_missing_make_no_object(aws: Aws) -> None:
    s3 = aws.client("s3")
    named = {"Bucket": aws.world.buckets[0].name, "Key": "boto3/small.csv"}
    named_upload = {**named, "UploadId": s3.create_multipart_upload(**named)["UploadId"]}
    put = [s3.upload_part(**named_upload, PartNumber=number, Body=b"a") for number in (1, 2)]
    parts = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in enumerate(put, start=1)]
    for listed, code in ((parts, "EntityTooSmall"), ([{**parts[0], "ETag": '"other"'}], "InvalidPart")):
        answer = refused(s3.complete_multipart_upload, **named_upload, MultipartUpload={"Parts": listed})
        assert answer == (code, 400)
    assert refused(s3.get_object, **named) == ("NoSuchKey", 404)


def test_a_copy_has_the_content_type_of_its_source(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), aws.world.buckets[0].name
    put = s3.put_object(Bucket=bucket, Key="boto3/a b", Body=b"a", ContentType="text/csv")
    copy = {"Bucket": bucket, "Key": "boto3/copy", "CopySource": {"Bucket": bucket, "Key": "boto3/a b"}}
    missing = {**copy, "CopySource": {"Bucket": bucket, "Key": "boto3/none"}}
    assert refused(s3.copy_object, **missing) == ("NoSuchKey", 404)
    copied = s3.copy_object(**copy, CopySourceIfMatch=put["ETag"])
    assert copied["CopyObjectResult"]["ETag"] == put["ETag"]
    got = s3.get_object(Bucket=bucket, Key="boto3/copy")
    assert (got["Body"].read(), got["ContentType"]) == (b"a", "text/csv")


def test_a_bucket_or_object_that_does_not_exist_is_not_found(aws: Aws) -> None:
    s3 = aws.client("s3")
    assert refused(s3.head_bucket, Bucket="keycensus-no-such-bucket") == ("404", 404)
    assert refused(s3.put_object, Bucket="keycensus-no-such-bucket", Key="a", Body=b"a") == ("NoSuchBucket", 404)
    assert refused(s3.get_object, Bucket=aws.world.buckets[0].name, Key="boto3/none") == ("NoSuchKey", 404)


# SNS


def test_a_message_is_published_with_its_structure_and_attributes(aws: Aws) -> None:
    sns, topic = aws.client("sns"), aws.world.topics[0]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
    texts = {"default": "für Menschen", "email": "für Menschen", "sqs": '{"schema": 1}'}
    published = sns.publish(
        TopicArn=topic,
        Subject="2 keys flagged",
        Message=json.dumps(texts),
        MessageStructure="json",
        MessageAttributes={
            "flagged": {"DataType": "Number", "StringValue": "2"},
            "coverage": {"DataType": "String", "StringValue": "partial"},
            "regions": {"DataType": "String.Array", "StringValue": '["eu-west-1"]'},
        },
    )
    if aws.name == "simulator":
        received = next(m for m in aws.json("/_sim/messages") if m["message_id"] == published["MessageId"])
        assert received["topic_arn"] == topic
        assert received["subject"] == "2 keys flagged"
        assert received["message_structure"] == "json"
        assert json.loads(received["message"]) == texts
        assert received["attributes"] == {
            "flagged": ["Number", "2"],
            "coverage": ["String", "partial"],
            "regions": ["String.Array", '["eu-west-1"]'],
        }
    else:
        received = next(m for m in aws.read_back() if m["MessageId"] == published["MessageId"])
        assert received["TopicArn"] == topic
        assert received["Subject"] == "2 keys flagged"
        assert received["Message"] == texts["sqs"]
        assert received["MessageAttributes"] == {
            "flagged": {"Type": "Number", "Value": "2"},
            "coverage": {"Type": "String", "Value": "partial"},
            "regions": {"Type": "String.Array", "Value": '["eu-west-1"]'},
        }


def test_messages_and_events_are_kept_in_order(servers: Servers) -> None:
    # Nobody else writes to this one.
    aws = servers.simulator(servers.written(f"{EVENT_BUS}[[topic]]\narn = '{TOPIC}'\n# in order"))
    numbers = ["2", "1", "3"]
    ids = [aws.client("sns").publish(TopicArn=TOPIC, Message=number)["MessageId"] for number in numbers]
    messages = aws.json("/_sim/messages")
    assert [(message["message"], message["message_id"]) for message in messages] == list(zip(numbers, ids, strict=True))
    details = [f'{{ "number": {number} }}' for number in numbers]
    aws.client("events").put_events(Entries=[entry("keycensus", detail) for detail in details[:2]])
    without_bus = {name: value for name, value in entry("", details[2]).items() if name != "EventBusName"}
    aws.client("events").put_events(Entries=[without_bus])
    events = aws.json("/_sim/events")
    assert [event["detail"] for event in events] == details, "to the byte"
    assert [event["bus"] for event in events] == ["keycensus", "keycensus", "default"]


def test_a_topic_that_does_not_exist_is_not_found(aws: Aws) -> None:
    sns, topic = aws.client("sns"), aws.world.topics[0] + "-none"
    assert refused(sns.get_topic_attributes, TopicArn=topic) == ("NotFound", 404)
    assert refused(sns.publish, TopicArn=topic, Message="lost") == ("NotFound", 404)


# EventBridge


def entry(bus: str, detail: str, **further: Any) -> dict[str, Any]:
    event = {"EventBusName": bus, "Source": "keycensus", "DetailType": "Keycensus Key Flagged", "Detail": detail}
    return {**event, **further}


def put_on_bus(aws: Aws) -> dict[str, dict[str, Any]]:
    """What is on the world's bus, by event ID, in the words of the events that a rule's targets get."""
    bus = aws.world.event_buses[0]
    if aws.name == "simulator":
        return {
            event["event_id"]: {
                "source": event["source"],
                "detail-type": event["detail_type"],
                "account": event["account"],
                "region": event["region"],
                "resources": event["resources"],
                "detail": json.loads(event["detail"]),
            }
            for event in aws.json("/_sim/events")
            if event["bus"] == bus.name
        }
    left_out = {"version", "id", "time"}
    return {event["id"]: {name: event[name] for name in event.keys() - left_out} for event in aws.queued(bus.name)}


def test_events_are_put_on_the_bus_that_they_name(with_bus: Aws) -> None:
    arn = "arn:aws:events:eu-west-1:111111111111:event-bus/keycensus"
    resource = "arn:aws:kms:eu-west-1:222222222222:key/2222aaaa-0000-4000-8000-000000000001"
    told = with_bus.client("events").put_events(
        Entries=[
            entry("keycensus", '{"owner": "Süd"}', Resources=[resource], Time=with_bus.world.now),
            entry(arn, '{"number": 2}'),
            entry("default", '{"number": 3}'),
        ]
    )
    assert told["FailedEntryCount"] == 0
    by_name, by_arn, elsewhere = (answer["EventId"] for answer in told["Entries"])
    events = put_on_bus(with_bus)
    first = {name: value for name, value in events[by_name].items() if name != "ingestion-time"}
    assert first == {
        "source": "keycensus",
        "detail-type": "Keycensus Key Flagged",
        "account": "111111111111",
        "region": "eu-west-1",
        "resources": [resource],
        "detail": {"owner": "Süd"},
    }
    assert events[by_arn]["detail"] == {"number": 2}
    assert elsewhere not in events


def test_an_event_for_a_bus_that_is_not_there_is_taken_and_dropped(with_bus: Aws) -> None:
    events = with_bus.client("events")
    told = events.put_events(Entries=[entry("keycensu", "{}"), entry("keycensus", '{"kept": true}')])
    assert told["FailedEntryCount"] == 0
    dropped, kept = (answer["EventId"] for answer in told["Entries"])
    there = put_on_bus(with_bus)
    assert dropped not in there
    assert there[kept]["detail"] == {"kept": True}


def test_an_event_that_is_refused_fails_alone(with_bus: Aws) -> None:
    without_detail = {name: value for name, value in entry("keycensus", "{}").items() if name != "Detail"}
    told = with_bus.client("events").put_events(
        Entries=[without_detail, entry("keycensus", "no JSON"), entry("keycensus", "{}")]
    )
    assert told["FailedEntryCount"] == 2
    assert [answer.get("ErrorCode") for answer in told["Entries"]] == ["InvalidArgument", "MalformedDetail", None]


def test_an_event_goes_to_no_bus_of_another_account_or_region(servers: Servers) -> None:
    aws = servers.simulator(servers.written(ELSEWHERE))
    in_virginia = "arn:aws:events:us-east-1:111111111111:event-bus/default"
    for bus, region in (("elsewhere", "eu-west-1"), (in_virginia, "eu-west-1"), ("keycensus", "us-east-1")):
        told = aws.client("events", region).put_events(Entries=[entry(bus, "{}")])
        assert told["FailedEntryCount"] == 0 and told["Entries"][0]["EventId"]
    assert aws.json("/_sim/events") == []
    aws.inside("222222222222", "events", "us-east-1").put_events(Entries=[entry("elsewhere", "{}")])
    assert [event["account"] for event in aws.json("/_sim/events")] == ["222222222222"]


def test_each_entry_that_eventbridge_refuses_has_its_code(servers: Servers) -> None:
    aws = servers.simulator(servers.written(f"{EVENT_BUS}# entry by entry"))
    without = [{k: v for k, v in entry("keycensus", "{}").items() if k != name} for name in ("Source", "DetailType")]
    of_aws = entry("keycensus", "{}", Source="aws.kms")
    entries = [*without, of_aws, entry("keycensus", "[]"), entry("keycensus", '{"kept": true}')]
    told = aws.client("events").put_events(Entries=entries)["Entries"]
    codes = ["InvalidArgument", "InvalidArgument", "NotAuthorizedForSourceException", "MalformedDetail", None]
    assert [answer.get("ErrorCode") for answer in told] == codes
    assert [event["detail"] for event in aws.json("/_sim/events")] == ['{"kept": true}']


def test_more_than_ten_events_are_too_many(with_bus: Aws) -> None:
    events = with_bus.client("events")
    assert refused(events.put_events, Entries=[entry("keycensus", "{}")] * 11) == ("ValidationException", 400)
