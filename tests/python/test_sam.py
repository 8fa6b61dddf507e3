"""What docs/DEPLOY.md has a person do with the SAM CLI, done to ministack by the SAM CLI itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copy, copytree
from typing import Any

import pytest

from cloudformation import template
from conftest import REPOSITORY
from ministack_aws import MANAGEMENT, REGION, Ministack, ministack

VENV = REPOSITORY / "target/lint-venv/bin"
EXAMPLE, CONFIGURATION = "samconfig.example.toml", "samconfig.toml"

CARGO = """#!/bin/sh
# In place of cargo and cargo lambda, which would compile for many minutes: says what it was asked for.
[ "$1" = lambda ] || exit 1
mkdir -p target/lambda/bootstrap && echo "$@" > target/lambda/bootstrap/bootstrap
"""


@pytest.fixture(scope="module")
def aws(bootstrap: Path) -> Iterator[Ministack]:
    with ministack(bootstrap) as aws:
        yield aws


def checkout(folder: Path) -> Path:
    """What `sam build` and `sam deploy` need of the repository, with the example made one's own."""
    for name in ("template.yaml", "Cargo.toml", EXAMPLE):
        copy(REPOSITORY / name, folder)
    copytree(REPOSITORY / "statemachine", folder / "statemachine")
    for name in ("cargo", "cargo-lambda"):
        (folder / "bin").mkdir(exist_ok=True)
        (folder / "bin" / name).write_text(CARGO, encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    copy(folder / EXAMPLE, folder / CONFIGURATION)
    return folder


def release(folder: Path, architecture: str) -> Path:
    """What `make dist` packs beside binaries and bills of materials; of the function, a zip with nothing in it."""
    with zipfile.ZipFile(folder / "function.zip", "w") as archive:
        archive.writestr("bootstrap", "")
    subprocess.run([REPOSITORY / "packaging/deployment.sh", folder, "function.zip", architecture], check=True)
    return folder


def shell(folder: Path, command: str, aws: Ministack | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a line of docs/DEPLOY.md in a folder; nothing but ministack can be reached."""
    if not (VENV / "sam").exists():
        pytest.fail(f"{VENV / 'sam'} is missing: run make target/lint-venv/ready", pytrace=False)
    environment = {
        "AWS_ACCESS_KEY_ID": MANAGEMENT,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": aws.url if aws else "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "root",
        "HOME": str(folder),
        # Where SAM asks whether there is a newer one.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "PATH": f"{folder / 'bin'}:{VENV}:{os.environ['PATH']}",
        "SAM_CLI_POLL_DELAY": "0.1",
        "SAM_CLI_TELEMETRY": "0",
    }
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


# Nobody is there to confirm.
DEPLOY = "sam deploy --no-confirm-changeset"


def edit(folder: Path, pattern: str, replacement: str) -> None:
    """Changes lines of the configuration, as a person does in an editor."""
    file = folder / CONFIGURATION
    text, changes = re.subn(pattern, replacement, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert changes > 0, pattern
    file.write_text(text, encoding="utf-8")


def configured(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / CONFIGURATION).read_text(encoding="utf-8"))["default"]


def stack(aws: Ministack, name: str) -> dict[str, Any]:
    return aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]


def parameters(aws: Ministack, name: str) -> dict[str, str]:
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack(aws, name)["Parameters"]}


DEFAULTS = {name: str(one["Default"]) for name, one in template("template.yaml")["Parameters"].items()}


@pytest.fixture(scope="module")
def deployed(aws: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout from which the function was built and deployed, with every example of the configuration in use."""
    folder = checkout(tmp_path_factory.mktemp("checkout"))
    edit(folder, r"^# (\w+ = .*)$", r"\1")
    edit(folder, "^Architecture = .*$", 'Architecture = "x86_64"\nLongCensus = "on"')
    done = shell(folder, f"sam build && {DEPLOY}", aws)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_values_reach_the_stack_as_the_configuration_has_them(aws: Ministack, deployed: Path) -> None:
    given = configured(deployed)["global"]["parameters"]["parameter_overrides"]
    assert any("(" in value for value in given.values()), "no schedule"
    assert any(" " in value for value in given.values()), "no space"
    assert parameters(aws, "keycensus") == {**DEFAULTS, **given}


def test_tags_reach_the_stack_as_the_configuration_has_them(aws: Ministack, deployed: Path) -> None:
    given = configured(deployed)["deploy"]["parameters"]["tags"]
    assert any(" " in tag.partition("=")[0] for tag in given) and any(" " in tag.partition("=")[2] for tag in given)
    assert [f"{tag['Key']}={tag['Value']}" for tag in stack(aws, "keycensus")["Tags"]] == given


def test_the_function_is_built_for_the_architecture_that_it_is_deployed_with(aws: Ministack, deployed: Path) -> None:
    assert aws.client("lambda").get_function(FunctionName="keycensus")["Configuration"]["Architectures"] == ["x86_64"]
    assert built_by(deployed) == "lambda build --release --bin bootstrap"


def test_the_state_machine_has_its_definition(aws: Ministack, deployed: Path) -> None:
    assert_has_definition(aws, "keycensus")


def assert_has_definition(aws: Ministack, name: str) -> None:
    arn = f"arn:aws:states:{REGION}:{MANAGEMENT}:stateMachine:{name}"
    deployed = json.loads(aws.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"])
    written = json.loads((REPOSITORY / "statemachine/long_census.asl.json").read_text(encoding="utf-8"))
    assert deployed["States"].keys() == written["States"].keys()
    assert deployed["States"]["Report"]["Arguments"]["FunctionName"].endswith(f":function:{name}")


def test_the_function_is_built_for_arm64_by_default(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    done = shell(folder, "sam build")
    assert done.returncode == 0, done.stderr
    assert built_by(folder) == "lambda build --release --arm64 --bin bootstrap"


def built_by(folder: Path) -> str:
    """The command that made what would be deployed."""
    return (folder / ".aws-sam/build/ScannerFunction/bootstrap").read_text(encoding="utf-8").strip()


def test_a_line_that_is_changed_is_deployed_and_one_that_is_removed_stays_as_it_is(
    aws: Ministack, deployed: Path
) -> None:
    before = parameters(aws, "keycensus")
    edit(deployed, "^ScheduleExpression = .*\n", "")
    edit(deployed, "^OwnerTags = .*$", 'OwnerTags = "Cost Center"')
    done = shell(deployed, f"sam build && {DEPLOY}", aws)
    assert done.returncode == 0, done.stdout + done.stderr
    assert parameters(aws, "keycensus") == {**before, "OwnerTags": "Cost Center"}


def test_nothing_is_deployed_where_nothing_was_built(aws: Ministack, tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    edit(folder, '"keycensus"', '"unbuilt"')
    done = shell(folder, DEPLOY, aws)
    assert done.returncode != 0
    assert "Template file not found" in done.stderr
    names = [one["StackName"] for one in aws.client("cloudformation").describe_stacks()["Stacks"]]
    assert "unbuilt" not in names


def test_a_release_is_deployed_as_it_was_packed(aws: Ministack, tmp_path: Path) -> None:
    folder = release(tmp_path, "x86_64")
    copy(folder / EXAMPLE, folder / CONFIGURATION)
    edit(folder, '"keycensus"', '"released"')
    edit(folder, "^Architecture = .*$", r"\g<0>\nAthenaDatabaseName = " + '"released"\nLongCensus = "on"')
    done = shell(folder, DEPLOY, aws)
    assert done.returncode == 0, done.stdout + done.stderr
    given = {"Architecture": "x86_64", "AthenaDatabaseName": "released", "LongCensus": "on"}
    assert parameters(aws, "released") == {**DEFAULTS, **given}
    assert_has_definition(aws, "released")


FOR_BUILDING = {"packaging/requirements.txt", "rust-toolchain.toml"}


def test_a_release_has_every_file_that_a_step_of_deploying_names(tmp_path: Path) -> None:
    text = (REPOSITORY / "docs/DEPLOY.md").read_text(encoding="utf-8")
    words = {word.lstrip("/") for word in re.findall(r"[\w./-]+", text)} | {
        f"docs/{link}" for link in re.findall(r"\]\(([^)#:]+)", text)
    }
    named = {word for word in words if (REPOSITORY / word).is_file() and not word.endswith(".md")} - FOR_BUILDING
    assert {"docs/queries.sql", "events/empty.json", "member-role.yaml", EXAMPLE} <= named
    folder = release(tmp_path, "arm64")
    assert {word for word in named if not (folder / word).is_file()} == set()
