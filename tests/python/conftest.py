"""What the tests stand on: the built binaries, and servers that imitate AWS, each started once and always ended."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_runtime import LambdaFunction
from motoext.populate import READ_BACK_SUFFIX
from motoext.world import World

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
WORLDS = HERE / "worlds"
START_SECONDS = 60


def built(variable: str, name: str) -> Path:
    """A binary of this repository. A test that lacks it fails: nothing is skipped."""
    path = Path(os.environ.get(variable) or REPOSITORY / "target" / "debug" / name)
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is missing: run make build first, or name the binary in {variable}", pytrace=False)
    return path


@dataclass
class Aws:
    """A server that imitates AWS, the world it serves, and boto3 clients for it."""

    url: str
    world: World
    name: str

    def client(
        self, service: str, region: str | None = None, credentials: dict[str, str] | None = None, **config: Any
    ) -> Any:
        """A client with the scanner's credentials, or with those that AssumeRole answered, and botocore's settings."""
        scanner = self.world.scanner
        credentials = credentials or {
            "AccessKeyId": scanner.access_key_id,
            "SecretAccessKey": scanner.secret_access_key,
        }
        return boto3.client(
            service,
            region_name=region or self.world.region(),
            endpoint_url=self.url,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, proxies={}, **config),
        )

    def enter(self, account_id: str) -> dict[str, str]:
        """Credentials of the member role in an account."""
        account = self.world.account(account_id)
        arguments = {"ExternalId": account.external_id} if account.external_id is not None else {}
        return self.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/{account.role}", RoleSessionName="keycensus", **arguments
        )["Credentials"]

    def inside(self, account_id: str, service: str, region: str | None = None) -> Any:
        """A client in an account: with its member role, or in the scanner's own account as the scanner."""
        own = account_id == self.world.scanner.account
        return self.client(service, region, None if own else self.enter(account_id))

    def calls(self) -> list[dict[str, Any]]:
        """Every call served so far, in order: ``operation`` (``kms:ListKeys``), ``account``, ``region`` and more."""
        return self.json("/_sim/log" if self.name == "simulator" else "/_motoext/calls")

    def json(self, path: str) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def function(self, bootstrap: Path, **settings: str | None) -> LambdaFunction:
        """The census as a Lambda function in the scanner's account, with the world's bucket and topic; None unsets."""
        scanner, region = self.world.scanner, self.world.region()
        environment = {
            "AWS_ACCESS_KEY_ID": scanner.access_key_id,
            "AWS_SECRET_ACCESS_KEY": scanner.secret_access_key,
            "AWS_ENDPOINT_URL": self.url,
            "KEYCENSUS_REPORT_BUCKET": self.world.buckets[0].name,
            "KEYCENSUS_TOPIC_ARN": self.world.topics[0],
            # Neither server counts requests a second here; the pace for AWS would only make the tests slow.
            "KEYCENSUS_LAST_USAGE_RPS": "100",
            **settings,
        }
        environment = {name: value for name, value in environment.items() if value is not None}
        return LambdaFunction(bootstrap, environment, region=region, account=scanner.account)

    def read_back(self) -> list[dict[str, Any]]:
        """Takes the SNS notifications out of the queue that subscribes to the world's topic (moto only)."""
        return self.queued(self.world.topics[0].rpartition(":")[2])

    def queued(self, name: str) -> list[dict[str, Any]]:
        """Takes all out of the queue that gets what a topic or an event bus is given (moto only)."""
        return [json.loads(message["Body"]) for message in drained(self.client("sqs"), name + READ_BACK_SUFFIX)]


@contextmanager
def listening(command: list[str], variables: dict[str, str] | None = None) -> Iterator[str]:
    """Runs a server until the block ends, with more variables in its environment; gives its address, which it says in
    its first line."""
    process = subprocess.Popen(
        command,
        cwd=HERE,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        # Standard error is inherited: pytest shows what a server writes there below the test that fails.
        text=True,
    )
    try:
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
        yield address(process, lines)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@contextmanager
def served(command: list[str], world: Path, name: str) -> Iterator[Aws]:
    """Runs an imitation of AWS for a world until the block ends."""
    with listening([*command, "--world", str(world)]) as url:
        yield Aws(url, World.load(world), name)


def address(process: subprocess.Popen, lines: queue.Queue[str]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=0.1)
        except queue.Empty:
            if process.poll() is not None and lines.empty():
                break
            continue
        if line.startswith("listening on "):
            return line.removeprefix("listening on ").strip()
    raise RuntimeError(f"{process.args} did not say where it listens; it ended with {process.poll()}")


class Servers:
    """Starts each imitation of AWS for a world when a test first asks for it."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.worlds = Path(stack.enter_context(TemporaryDirectory(prefix="keycensus-worlds-")))
        self.paths: dict[str, Path] = {}
        self.running: dict[tuple[str, Path, str], Aws] = {}

    def simulator(self, world: Path) -> Aws:
        return self.start("simulator", world)

    def moto(self, world: Path) -> Aws:
        return self.start("moto", world)

    def written(self, text: str) -> Path:
        """The file of a world that stands in a test file: one for each text, so that its tests share a server."""
        if text not in self.paths:
            self.paths[text] = self.worlds / f"world-{len(self.paths)}.toml"
            self.paths[text].write_text(text, encoding="utf-8")
        return self.paths[text]

    def start(self, name: str, world: Path, changes: str = "refused") -> Aws:
        """A server for a world. ``changes``: "allowed" if keys may be changed; moto allows it always."""
        if (name, world, changes) not in self.running:
            if name == "simulator":
                allow = ["--allow-changes"] if changes == "allowed" else []
                command = [str(built("KEYCENSUS_SIM", "keycensus-sim")), "serve", *allow]
            else:
                command = [sys.executable, "-m", "motoext"]
            self.running[name, world, changes] = self.stack.enter_context(served(command, world, name))
        return self.running[name, world, changes]


def drained(sqs: Any, name: str) -> list[dict[str, Any]]:
    """Takes every message out of a queue."""
    url, taken = sqs.get_queue_url(QueueName=name)["QueueUrl"], []
    receive = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
    while messages := sqs.receive_message(**receive).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        taken += messages
    return taken


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, int, str]:
    """Error code, HTTP status and message of a call that AWS does not serve."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"].get("Message", "")


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    """Error code and HTTP status of a call that AWS does not serve."""
    return refusal(call, **arguments)[:2]


def iam(aws: Aws, account_id: str) -> Any:
    """A client for IAM in an account."""
    return aws.inside(account_id, "iam", "us-east-1")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(params=["simulator", "moto"])
def imitation(request: pytest.FixtureRequest) -> str:
    """Each imitation of AWS: what stands on it is tested against both."""
    return request.param


@pytest.fixture
def aws(imitation: str, servers: Servers) -> Aws:
    """The organization with every verdict in it; the scanner is a delegated administrator."""
    return servers.start(imitation, WORLDS / "organization.toml")


@pytest.fixture
def exact(imitation: str, servers: Servers) -> Aws:
    """The organization whose times are absolute and whose texts are hostile."""
    return servers.start(imitation, WORLDS / "parity.toml")


@pytest.fixture(scope="session")
def bootstrap() -> Path:
    """The Lambda function's binary."""
    return built("KEYCENSUS_BOOTSTRAP", "bootstrap")
