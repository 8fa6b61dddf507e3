"""The scripts of ``keycensus plan``: clean for shellcheck, harmless as they stand, and with their marks removed they do
what the plan says, with the AWS CLI against the simulator. Only here does the simulator know how to change keys."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import WORLDS, Aws, Servers, built

PAYMENTS, DATA = "222222222222", "333333333333"
STALE = "22220000-0000-4000-8000-000000000001"
DISABLED = "22220000-0000-4000-8000-000000000002"
OF_SET = "mrk-22220000000040008000000000000006"
LEFT_ALONE = [f"22220000-0000-4000-8000-00000000000{n}" for n in (3, 4, 5)]
NOT_CHECKED = "33330000-0000-4000-8000-000000000001"
MARKS = ["1", "2", "3", "undo1", "undo3"]
CHANGES = {
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "iam:UpdateAccessKey",
    "iam:DeleteAccessKey",
    "iam:UpdateServiceSpecificCredential",
    "iam:DeleteServiceSpecificCredential",
    "secretsmanager:DeleteSecret",
    "secretsmanager:RestoreSecret",
}
KINDS = "kms,iam,secrets,service_credentials"
CREDENTIAL = "ACCADEPLOY00000000001"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{PAYMENTS}:secret:legacy/smtp-a1b2c3"


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def environment(aws: Aws, credentials: dict[str, str], **further: str) -> dict[str, str]:
    """What a person's shell has, and nothing of this machine's but where its programs are."""
    names = {"AccessKeyId": "ACCESS_KEY_ID", "SecretAccessKey": "SECRET_ACCESS_KEY", "SessionToken": "SESSION_TOKEN"}
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {
        **kept,
        **{f"AWS_{names[name]}": value for name, value in credentials.items() if name in names},
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        **further,
    }


@dataclass
class Planned:
    """A simulator that allows changes, and the plan for what a census found in it."""

    aws: Aws
    folder: Path

    def script(self, account: str, *marks: str) -> str:
        """A script with marks removed, as its head says how."""
        text = (self.folder / f"{account}.sh").read_text(encoding="utf-8")
        return re.sub(rf"(?m)^#({'|'.join(marks)})# ", "", text) if marks else text

    def run(self, account: str, *marks: str, whose: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a script with marks removed, in a folder of its own, with somebody's credentials."""
        programs = self.folder / "programs"
        programs.mkdir(exist_ok=True)
        aws = programs / "aws"
        aws.write_text(f'#!/bin/sh\nexec {sys.executable} -m awscli "$@"\n', encoding="utf-8")
        aws.chmod(0o755)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        shell = environment(self.aws, self.aws.enter(whose or account), PATH=path, HOME=str(programs))
        return run(["sh"], input=self.script(account, *marks), env=shell, cwd=self.folder)

    def changes(self) -> list[str]:
        return [call["operation"] for call in self.aws.calls() if call["operation"] in CHANGES]

    def states(self) -> dict[str, str]:
        """The states of the keys that the plan is about, and of those that it should leave alone."""
        kms = self.aws.inside(PAYMENTS, "kms", "eu-west-1")
        keys = [STALE, DISABLED, OF_SET, *LEFT_ALONE]
        return {key: kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in keys}

    def secrets(self) -> list[str]:
        """The names of the secrets that are not marked for deletion."""
        listed = self.aws.inside(PAYMENTS, "secretsmanager", "eu-west-1").list_secrets()["SecretList"]
        return sorted(secret["Name"] for secret in listed)

    def service_credentials(self) -> dict[str, str]:
        iam = self.aws.inside(PAYMENTS, "iam")
        listed = iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]
        return {credential["ServiceSpecificCredentialId"]: credential["Status"] for credential in listed}

    def access_keys(self) -> dict[str, str]:
        iam = self.aws.inside(PAYMENTS, "iam")
        users = [user["UserName"] for user in iam.list_users()["Users"]]
        listed = [key for user in users for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]]
        return {key["AccessKeyId"]: key["Status"] for key in listed}


@pytest.fixture(scope="module")
def planned(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The plan of a census. Its tests run in this order, and all but the last change nothing."""
    aws = servers.start("simulator", WORLDS / "plan.toml", "allowed")
    keycensus = str(built("KEYCENSUS", "keycensus"))
    folder = tmp_path_factory.mktemp("plan")
    scanner = aws.world.scanner
    credentials = {"AccessKeyId": scanner.access_key_id, "SecretAccessKey": scanner.secret_access_key}
    shell = environment(aws, credentials, HOME=str(folder))
    scan = run(
        [keycensus, "scan", "--out", "census", "--last-usage-rps", "100", "--kinds", KINDS, "--refused-uses", "off"],
        env=shell,
        cwd=folder,
    )
    assert scan.returncode == 3, scan.stderr
    plan = run([keycensus, "plan", "census/latest/keys.csv", "--out", "plan"], env={}, cwd=folder)
    assert plan.returncode == 0, plan.stderr
    assert sorted(plan.stdout.split()) == [f"plan/{PAYMENTS}.sh", f"plan/{DATA}.sh", "plan/plan.md"]
    return Planned(aws, folder / "plan")


@pytest.mark.parametrize("account", [PAYMENTS, DATA])
@pytest.mark.parametrize("marks", [[], MARKS, *([mark] for mark in MARKS)], ids="-".join)
def test_a_script_is_clean_with_and_without_its_marks(planned: Planned, account: str, marks: list[str]) -> None:
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shellcheck = shutil.which("shellcheck", path=here)
    assert shellcheck, "shellcheck is missing: it comes with requirements.txt"
    checked = run([shellcheck, "--enable=all", "-"], input=planned.script(account, *marks))
    assert (checked.returncode, checked.stdout) == (0, "")


def test_every_mark_is_there_to_be_removed(planned: Planned) -> None:
    script = planned.script(PAYMENTS)
    assert all(f"\n#{mark}# aws " in script or f"\n#{mark}# [" in script for mark in MARKS)
    # Nothing is known of what depends on this one.
    script = planned.script(DATA)
    assert "#1# " in script
    assert "#3# " not in re.sub(r"(?m)^#  .*$", "", script)


def test_as_it_stands_a_script_asks_whose_credentials_it_has_and_no_more(planned: Planned) -> None:
    before = len(planned.aws.calls())
    done = planned.run(PAYMENTS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    asked = [call["operation"] for call in planned.aws.calls()[before:]]
    # The first is how this test gets its credentials.
    assert asked == ["sts:AssumeRole", "sts:GetCallerIdentity"]


def test_a_script_refuses_the_credentials_of_another_account(planned: Planned) -> None:
    done = planned.run(PAYMENTS, *MARKS, whose=DATA)
    assert done.returncode == 1
    assert done.stderr == f"these credentials are of account {DATA}, not of {PAYMENTS}\n"
    assert planned.changes() == []


def test_the_steps_do_what_the_plan_says_and_can_be_taken_back(planned: Planned) -> None:
    states, access_keys = planned.states(), planned.access_keys()
    assert states[STALE] == states[OF_SET] == "Enabled"

    def ran(*marks: str) -> subprocess.CompletedProcess[str]:
        done = planned.run(PAYMENTS, *marks)
        assert done.returncode == 0, done.stderr
        return done

    # Step 1 disables and deactivates, and leaves what is so already.
    assert ran("1").stderr == ""
    off = {key: "Disabled" for key in (STALE, DISABLED, OF_SET)}
    assert planned.states() == {**states, **off}
    assert planned.access_keys() == {**access_keys, "AKIADEPLOY0000000001": "Inactive"}
    assert planned.service_credentials() == {CREDENTIAL: "Inactive", "ACCADEPLOY00000000002": "Active"}

    # Step 2 shows who has missed the key that was disabled before.
    watched = ran("2").stdout
    assert [line.split("\t")[1:] for line in watched.splitlines() if "anna" in line] == [["Decrypt", "anna"]]

    # Somebody needs one of the keys again: step 3 leaves that one alone.
    planned.aws.inside(PAYMENTS, "kms", "eu-west-1").enable_key(KeyId=STALE)
    deleted = ran("3")
    assert deleted.stderr == f"left alone: {STALE} is 'Enabled'\n"
    gone = {DISABLED: "PendingDeletion", OF_SET: "PendingReplicaDeletion"}
    assert planned.states() == {**states, **gone}
    assert planned.access_keys() == {"AKIADEPLOY0000000002": "Active"}
    assert planned.service_credentials() == {"ACCADEPLOY00000000002": "Active"}
    # Those that are rotated or replicated are left to people.
    assert planned.secrets() == ["global/cdn", "ledger/db"]
    kms = planned.aws.inside(PAYMENTS, "kms", "eu-west-1")
    metadata = kms.describe_key(KeyId=DISABLED)["KeyMetadata"]
    assert round((metadata["DeletionDate"] - metadata["CreationDate"]).days) == 930

    # Again, it finds nothing to do.
    again = ran("3")
    assert again.stderr.count("left alone: ") == again.stderr.count("\n") == 8
    assert f"left alone: {SECRET} is " in again.stderr
    assert planned.states() == {**states, **gone}

    # A deletion that is cancelled leaves a key disabled; enabling it must follow.
    ran("undo3")
    assert planned.secrets() == ["global/cdn", "ledger/db", "legacy/smtp"]
    assert planned.states() == {**states, DISABLED: "Disabled", OF_SET: "Disabled"}
    back = ran("undo1").stderr
    assert planned.states() == {**states, DISABLED: "Enabled"}
    # Deleted access keys and credentials are gone for good.
    gone_for_good = {"AKIADEPLOY0000000001", "AKIAODDNAME000000001", CREDENTIAL}
    assert set(re.findall("left as it is: (.*)", back)) == gone_for_good
    assert set(planned.changes()) == CHANGES
    assert not (planned.folder / "owned").exists()
