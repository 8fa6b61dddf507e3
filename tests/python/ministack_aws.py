"""A server of ministack, the AWS that the templates are deployed to, and what the owners of its accounts do."""

from __future__ import annotations

import io
import json
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
from botocore.config import Config

from conftest import REPOSITORY, drained, listening

MANAGEMENT, PAYMENTS, STOREFRONT = "111111111111", "222222222222", "333333333333"
ORGANIZATION = (MANAGEMENT, PAYMENTS, STOREFRONT)
OUTSIDE = "999999999999"
"""An account of another organization."""

ORGANIZATION_ID = "o-a1b2c3d4e5"
"""As in ministackext/organization.py."""

REGION, REGIONS = "eu-west-1", ("eu-west-1", "us-east-1")
BUS = "security"
CHAT_TOPIC = f"arn:aws:sns:{REGION}:111111111111:keycensus-chat"
"""A topic of the management account that a chat channel is connected to."""

VENV = "target/ministack-venv"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Key:
    kind: str
    account: str
    region: str
    id: str

    @property
    def arn(self) -> str:
        """Of a KMS key."""
        return f"arn:aws:kms:{self.region}:{self.account}:key/{self.id}"


@dataclass
class Ministack:
    """A server of ministack, and clients in its accounts."""

    url: str

    def client(self, service: str, account_id: str = MANAGEMENT, region: str = REGION, **credentials: str) -> Any:
        """A client of an account's root, whom ministack allows everything, or with the credentials of a role."""
        keys = credentials or {"aws_access_key_id": account_id, "aws_secret_access_key": "root"}
        retries = {"total_max_attempts": 1}
        config = Config(retries=retries, read_timeout=120, s3={"addressing_style": "path"}, proxies={})
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=config, **keys)

    def ask(self, what: str, value: Any = None) -> Any:
        """What the server tells and does beside AWS's own APIs: see ministackext/door.py."""
        request = urllib.request.Request(f"{self.url}/_ministackext/{what}", json.dumps(value).encode(), method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def kms_key(self, account_id: str, region: str, **tags: str) -> Key:
        listed = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
        made = self.client("kms", account_id, region).create_key(Tags=listed)
        return Key("kms", account_id, region, made["KeyMetadata"]["KeyId"])

    def access_key(self, account_id: str, user: str) -> Key:
        iam = self.client("iam", account_id)
        iam.create_user(UserName=user)
        return Key("iam", account_id, "global", iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"])

    def idle_key(self, account_id: str, region: str, **tags: str) -> Key:
        """A KMS key that was last used 200 days ago."""
        key = self.kms_key(account_id, region, **tags)
        self.past(key, created_days_ago=400, last_used_days_ago=200)
        return key

    def past(self, key: Key, **days_ago: float) -> None:
        """Gives a key an age and a last use."""
        self.ask("past", {**asdict(key), **days_ago})

    def queue(self, name: str) -> str:
        """A new queue, that topics and rules of its account may send to; its ARN."""
        sqs = self.client("sqs")
        url, arn = sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{name}"
        services = {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}
        statement = {"Effect": "Allow", "Principal": services, "Action": "sqs:SendMessage", "Resource": arn}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        return arn

    def taken(self, queue_arn: str) -> list[dict[str, Any]]:
        """Takes every message out of a queue."""
        return drained(self.client("sqs"), queue_arn.rpartition(":")[2])


@contextmanager
def ministack(bootstrap: Path, accounts: Sequence[str] = ORGANIZATION) -> Iterator[Ministack]:
    """A server until the block ends, with a folder of its own for what it writes."""
    python = REPOSITORY / VENV / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python} is missing: run make {VENV}/ready", pytrace=False)
    with TemporaryDirectory(prefix="keycensus-ministack-") as folder:
        command = [
            *(str(python), "-m", "ministackext"),
            *("--accounts", ",".join(accounts), "--regions", ",".join(REGIONS)),
            # As older answers are.
            *("--without-paths", accounts[-1]),
        ]
        # Of the minute that Step Functions waits before it tries again, half a second.
        environment = {"TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1", "SFN_WAIT_SCALE": "0.01"}
        with listening(command, environment) as url:
            aws = Ministack(url)
            upload_code(aws, bootstrap)
            aws.client("events").create_event_bus(Name=BUS)
            aws.client("sns").create_topic(Name=CHAT_TOPIC.rpartition(":")[2])
            yield aws


@contextmanager
def refusing(aws: Ministack, role: str, action: str, resource: str = "*") -> Iterator[None]:
    """Has a policy deny a role an action until the block ends."""
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": resource}]}
    aws.client("iam").put_role_policy(RoleName=role, PolicyName="refusing", PolicyDocument=json.dumps(deny))
    yield
    aws.client("iam").delete_role_policy(RoleName=role, PolicyName="refusing")


def tomorrow_at(hour: int) -> float:
    """In seconds since 1970."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return tomorrow.replace(hour=hour, minute=0, second=0, microsecond=0).timestamp()


def eventually(what: Callable[[], Any]) -> Any:
    """The first answer that is true; what happens on its own takes a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := what()):
        assert time.monotonic() < deadline, f"nothing came of {what}"
        time.sleep(0.02)
    return answer


def upload_code(aws: Ministack, bootstrap: Path) -> None:
    """The function's code, and the definition of the state machine.

    The code's ``bootstrap`` is a script that becomes the built one, which is large.
    """
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("bootstrap", f'#!/bin/sh\nexec "{bootstrap}"\n')
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="artifacts", Key="bootstrap.zip", Body=package.getvalue())
    definition = "statemachine/long_census.asl.json"
    s3.put_object(Bucket="artifacts", Key=definition, Body=(REPOSITORY / definition).read_bytes())
