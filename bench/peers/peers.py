"""Keycensus beside two other ways to read the last use of every KMS key of an organization, in one run.

One after the other, each tool meets the same world in a simulator of its own, with AWS's request quotas enforced.
Run it with the Python of the virtual environment that has requirements.txt (`make bench-peers`). Linux only: memory is
read from /proc.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tagging import tagging_api

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
TARGET = REPOSITORY / "target"
RESULT = TARGET / "bench-peers.json"
WORK = TARGET / "bench-peers"

ACCOUNTS = {
    "111111111111": "management",
    "222222222222": "payments",
    "333333333333": "storefront",
    "444444444444": "data-platform",
}
REGIONS = ["eu-west-1", "us-east-1"]
ROLE = "KeycensusReader"
SCANNER = ("AKIASIMSCANNER000001", "sim-secret")
STALE_AFTER_DAYS = 90
# Every answer takes this long, so that no tool is measured at the speed of a loopback socket.
LATENCY_MS = 20
# https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
LAST_USAGE_PER_SECOND = 5
LAST_USAGE = "kms:GetKeyLastUsage"

# Of ten customer managed keys: how many, what a report should say, and the fields that make it so. Ages end in half a
# day, so that whole days do not hinge on the seconds that a run takes.
TRACKED = 'created = "800d 12h"\ntracking_start = "200d 12h"'
KINDS = [
    (5, "in_use", f'{TRACKED}\nlast_used = "2d 12h"'),
    (2, "stale", f'{TRACKED}\nlast_used = "120d 12h"'),
    (2, "never_used", 'created = "150d 12h"\ntracking_start = "150d 12h"'),
    (1, "unused_since_tracking", TRACKED),
]
AWS_MANAGED_PER_CELL = 3
# A key in use whose policy does not delegate to IAM: the first of this cell, which every share of the world includes.
DENIED_CELL = ("111111111111", "eu-west-1")

# What verdicts come down to. Everything that a tool says becomes one of these.
USED, UNUSED, UNREADABLE = "used", "unused", "unreadable"
MEANING = {
    "in_use": USED,
    "stale": UNUSED,
    "never_used": UNUSED,
    "unused_since_tracking": UNUSED,
    "unreadable": UNREADABLE,
}

TOOLS = ["c7n-org", "loop", "keycensus"]
TOOL_SECONDS = 1800
Key = tuple[str, str, str]
"""Account, Region, key ID."""


def main() -> None:
    arguments = parse()
    WORK.mkdir(parents=True, exist_ok=True)
    world_file = WORK / "world.toml"
    world_file.write_text(world_toml(arguments.keys))
    world = World.load(world_file)
    loop_accounts = list(ACCOUNTS)[: arguments.loop_accounts]

    runs = {
        "c7n-org": lambda: run_c7n_org(world),
        "loop": lambda: run_loop(world, loop_accounts),
        "keycensus": lambda: run_keycensus(world),
    }
    outcomes = [runs[name]() for name in arguments.tools]
    RESULT.write_text(json.dumps([outcome.row for outcome in outcomes], indent=2) + "\n")
    print(table([outcome.row for outcome in outcomes]))
    for outcome in outcomes:
        print(f"\n{outcome.row['tool']}: " + ("; ".join(outcome.notes) or "nothing wrong, nothing missing") + ".")
    print(f"\nEvery answer took {LATENCY_MS} ms. Written to {RESULT.relative_to(REPOSITORY)}.")
    ours = [outcome.row for outcome in outcomes if outcome.row["tool"].startswith("keycensus")]
    if any(row["wrong"] or row["missing"] for row in ours):
        sys.exit("keycensus said something wrong, or left a key out")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keys", type=int, default=40, help="customer managed keys per account and Region, in tens")
    parser.add_argument(
        "--loop-accounts",
        type=int,
        default=1,
        help=f"accounts that the AWS CLI loop reads, of {len(ACCOUNTS)}: it starts a program for every call",
    )
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    arguments = parser.parse_args()
    if arguments.keys % 10 or arguments.keys < 10:
        parser.error("--keys is a multiple of 10")
    if not 1 <= arguments.loop_accounts <= len(ACCOUNTS):
        parser.error(f"--loop-accounts is 1 to {len(ACCOUNTS)}")
    return arguments


# ---------------------------------------------------------------------------------------------------------------- world


def world_toml(keys_per_cell: int) -> str:
    """The organization that every tool meets."""
    parts = [
        f'latency_ms = {LATENCY_MS}\nquotas = "token_bucket"',
        f'[organization]\nmanagement_account = "{next(iter(ACCOUNTS))}"',
        f'[scanner]\naccess_key_id = "{SCANNER[0]}"\nsecret_access_key = "{SCANNER[1]}"',
        f'[[refuse]]\naccount = "{DENIED_CELL[0]}"\noperation = "{LAST_USAGE}"\nkey = "{key_id(*DENIED_CELL, 0)}"',
    ]
    of_ten = [(expect, fields) for count, expect, fields in KINDS for _ in range(count)]
    for account, name in ACCOUNTS.items():
        parts.append(
            f'[[account]]\nid = "{account}"\nname = "{name}"\nregions = {json.dumps(REGIONS)}\nrole = "{ROLE}"'
        )
        for region in REGIONS:
            for number in range(keys_per_cell):
                expect, fields = of_ten[number % len(of_ten)]
                if (account, region) == DENIED_CELL and number == 0:
                    expect = "unreadable"
                parts.append(
                    f'[[account.key]]\nregion = "{region}"\nid = "{key_id(account, region, number)}"\n{fields}\n'
                    f'expect = "{expect}"\ntags = {{ owner = "{name}" }}'
                )
            for number in range(AWS_MANAGED_PER_CELL):
                parts.append(
                    f'[[account.key]]\nregion = "{region}"\nid = "{key_id(account, region, -1 - number)}"\n'
                    f'manager = "AWS"\ncreated = "800d 12h"\nexpect = "aws_managed"'
                )
    return "\n\n".join(parts) + "\n"


def key_id(account: str, region: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}/{number}"))


@dataclass(frozen=True)
class World:
    """What a world file says, as far as tools are judged by it."""

    file: Path
    truth: dict[Key, str]
    """What is right to say of each customer managed key: used, unused or unreadable."""
    tags: dict[str, dict[str, str]]

    @classmethod
    def load(cls, file: Path) -> World:
        truth, tags = {}, {}
        for account in tomllib.loads(file.read_text())["account"]:
            for key in account["key"]:
                if key["expect"] in MEANING:
                    truth[account["id"], key["region"], key["id"]] = MEANING[key["expect"]]
                arn = f"arn:aws:kms:{key['region']}:{account['id']}:key/{key['id']}"
                tags[arn] = key.get("tags", {})
        return cls(file, truth, tags)

    def of(self, accounts: list[str]) -> dict[Key, str]:
        return {key: truth for key, truth in self.truth.items() if key[0] in accounts}


# ---------------------------------------------------------------------------------------------------------------- tools


@dataclass
class Outcome:
    row: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def run_keycensus(world: World) -> Outcome:
    binary = keycensus_binary()
    name = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    out = fresh("keycensus")
    with simulator(world) as sim:
        command = [binary, "scan", "--out", str(out), "--kinds", "kms", "--stale-after-days", str(STALE_AFTER_DAYS)]
        spent = spend(command, environment(sim), accepted={0, 3, 4}, log=WORK / "keycensus.log")
        usage = Usage.of(sim)
    told = {}
    with (out / "latest" / "keys.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["manager"] == "customer":
                told[row["account_id"], row["region"], row["key_id"]] = MEANING.get(row["verdict"], row["verdict"])
    return outcome(f"{name} ({binary.parent.name} build)", world.truth, told, spent, usage)


def run_c7n_org(world: World) -> Outcome:
    out, cache = fresh("c7n-org"), fresh("c7n-org-cache")
    accounts = [
        {"account_id": account, "name": name, "role": f"arn:aws:iam::{account}:role/{ROLE}", "regions": REGIONS}
        for account, name in ACCOUNTS.items()
    ]
    config = WORK / "accounts.yml"
    config.write_text(json.dumps({"accounts": accounts}, indent=2))
    log = WORK / "c7n-org.log"
    with simulator(world) as sim, tagging_api(world.tags) as tagging:
        command = [
            *[script("c7n-org"), "run", "--config", str(config), "--use", str(HERE / "policy.yml")],
            *["--output-dir", str(out), "--cache-path", str(cache), "--cache-period", "0"],
        ]
        extra = {
            "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": tagging,
            # A process for every account and Region, whatever the number of processors.
            "C7N_ORG_PARALLEL": str(len(ACCOUNTS) * len(REGIONS)),
        }
        spent = spend(command, environment(sim, **extra), accepted={0}, log=log)
        usage = Usage.of(sim)
    told = {}
    long_ago = datetime.now(UTC) - timedelta(days=STALE_AFTER_DAYS)
    for account, name in ACCOUNTS.items():
        for region in REGIONS:
            # c7n writes no file where no key passed the filter.
            file = out / name / region / "kms-last-usage" / "resources.json"
            for key in json.loads(file.read_text()) if file.exists() else []:
                last = key["c7n:LastUsage"][0].get("KeyLastUsage", {}).get("Timestamp")
                unused = last is None or datetime.fromisoformat(last) <= long_ago
                told[account, region, key["KeyId"]] = UNUSED if unused else USED
    result = outcome(f"c7n-org {version('c7n-org')} (c7n {version('c7n')})", world.truth, told, spent, usage)
    dropped = Counter(re.findall(r"error getting last usage for key:.*?An error occurred \((\w+)\)", log.read_text()))
    result.notes += [f"{count} dropped with a warning in the log, {code}" for code, count in sorted(dropped.items())]
    return result


def run_loop(world: World, accounts: list[str]) -> Outcome:
    log = WORK / "loop.log"
    told_file = WORK / "loop.tsv"
    with simulator(world) as sim, told_file.open("w") as output:
        command = [str(HERE / "audit.sh"), str(STALE_AFTER_DAYS), ROLE, " ".join(REGIONS), *accounts]
        extra = {"SCANNER_ACCESS_KEY_ID": SCANNER[0], "SCANNER_SECRET_ACCESS_KEY": SCANNER[1]}
        spent = spend(command, environment(sim, **extra), accepted={0}, log=log, output=output)
        usage = Usage.of(sim)
    told: dict[Key, str] = {}
    for line in told_file.read_text().splitlines():
        account, region, key, said = line.split("\t")
        told[account, region, key] = said
    return outcome(f"AWS CLI {version('awscli')} loop", world.of(accounts), told, spent, usage)


def keycensus_binary() -> Path:
    """The binary that KEYCENSUS names, else the optimized one, else the other."""
    named = os.environ.get("KEYCENSUS")
    candidates = [Path(named)] if named else [TARGET / profile / "keycensus" for profile in ("release", "debug")]
    found = next((path for path in candidates if os.access(path, os.X_OK)), None)
    if found is None:
        sys.exit(f"{candidates[-1]} is missing: run make build first, or name the binary in KEYCENSUS")
    return found.resolve()


def script(name: str) -> str:
    """A program of the virtual environment that this runs in."""
    return str(Path(sys.executable).parent / name)


def fresh(name: str) -> Path:
    """An empty folder."""
    folder = WORK / name
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    folder.mkdir(parents=True)
    return folder


def environment(sim: str, **extra: str) -> dict[str, str]:
    """All that a tool sees of its environment: nobody's AWS configuration."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(fresh("home")),
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": sim,
        "AWS_ACCESS_KEY_ID": SCANNER[0],
        "AWS_SECRET_ACCESS_KEY": SCANNER[1],
        "AWS_REGION": REGIONS[0],
        "AWS_DEFAULT_REGION": REGIONS[0],
        "AWS_EC2_METADATA_DISABLED": "true",
        **extra,
    }


# -------------------------------------------------------------------------------------------------------------- measure


@dataclass(frozen=True)
class Spent:
    wall_s: float
    cpu_s: float
    peak_mib: float


def spend(
    command: list[str | Path], env: dict[str, str], *, accepted: set[int], log: Path, output: Any = None
) -> Spent:
    """Runs a tool to its end, and says what it and all its children took."""
    print(f"running {Path(command[0]).name} …", file=sys.stderr, flush=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            cwd=WORK,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output or errors,
            stderr=errors,
            start_new_session=True,
        )
        peak = 0
        try:
            while process.poll() is None:
                peak = max(peak, tree_bytes(process.pid))
                if time.monotonic() - began > TOOL_SECONDS:
                    sys.exit(f"{command[0]} did not end in {TOOL_SECONDS} s")
                time.sleep(0.1)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in accepted:
        tail = "\n".join(log.read_text().splitlines()[-20:])
        sys.exit(f"{command[0]} ended with {process.returncode}; the end of {log}:\n{tail}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, peak / 2**20)


def tree_bytes(process: int) -> int:
    """Memory of a process and its descendants now; pages that several share are counted once."""
    total, left = 0, [process]
    while left:
        folder = Path("/proc") / str(left.pop())
        try:
            rollup = (folder / "smaps_rollup").read_text()
            total += int(re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)[1]) * 1024
            for task in (folder / "task").iterdir():
                left += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, TypeError):
            # It ended while we looked.
            continue
    return total


@dataclass(frozen=True)
class Usage:
    """What a simulator saw of a tool."""

    sent: int
    throttled: int
    makespan_s: float
    """From the arrival of the first call to that of the last, of any operation."""

    @classmethod
    def of(cls, sim: str) -> Usage:
        log = fetch(f"{sim}/_sim/log")
        unknown = sorted({call["operation"] for call in log if call["status"] == 501})
        if unknown:
            sys.exit(f"the simulator does not know {', '.join(unknown)}: what the tool made of that is not comparable")
        count = fetch(f"{sim}/_sim/calls")["by_operation"].get(LAST_USAGE, {"sent": 0, "throttled": 0})
        times = [call["at_ms"] for call in log]
        return cls(count["sent"], count["throttled"], (max(times) - min(times)) / 1000)


def fetch(url: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return json.load(answer)


@contextmanager
def simulator(world: World) -> Iterator[str]:
    """A simulator of its own for one tool: full quotas, empty log. Gives its URL."""
    binary = Path(os.environ.get("KEYCENSUS_SIM") or TARGET / "debug" / "keycensus-sim")
    if not os.access(binary, os.X_OK):
        sys.exit(f"{binary} is missing: run make build first")
    process = subprocess.Popen(
        [binary, "serve", "--world", str(world.file)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            sys.exit(f"{binary} did not say where it listens")
        yield line.removeprefix("listening on ").strip()
    finally:
        # Reaped before the next tool's processor time is measured, after this one's.
        process.terminate()
        process.wait(30)


# ---------------------------------------------------------------------------------------------------------------- judge


def outcome(tool: str, truth: dict[Key, str], told: dict[Key, str], spent: Spent, usage: Usage) -> Outcome:
    """A row of the result. `truth` holds the customer managed keys that the tool was to read."""
    cells = Counter((account, region) for account, region, _ in truth)
    # Wrong: the truth is another, or nobody can know it. Missing: not mentioned, or called unreadable without reason.
    wrong = {key for key, said in told.items() if key in truth and said not in (truth[key], UNREADABLE)}
    missing = {
        key for key, right in truth.items() if key not in told or (told[key] == UNREADABLE and right != UNREADABLE)
    }
    reasons = Counter(f"told {told[key]}, is {truth[key]}" for key in wrong)
    reasons.update(f"missing, is {truth[key]}" for key in missing)
    bound = max(cells.values()) / LAST_USAGE_PER_SECOND
    accounts = len({account for account, _, _ in truth})
    share = f"{accounts} accounts"
    if accounts < len(ACCOUNTS):
        share = f"{accounts} of {len(ACCOUNTS)} accounts"
    row = {
        "world": f"{share} x {len(REGIONS)} Regions x {max(cells.values())} keys",
        "makespan_s": round(usage.makespan_s, 2),
        "bound_s": bound,
        "ratio": round(usage.makespan_s / bound, 2),
        "calls_per_key": round(usage.sent / len(truth), 3),
        "throttled_share": round(usage.throttled / usage.sent, 3) if usage.sent else 0.0,
        "cpu_s_per_1000_keys": round(spent.cpu_s / len(truth) * 1000, 2),
        "peak_mib": round(spent.peak_mib, 1),
        "wall_s": round(spent.wall_s, 2),
        "tool": tool,
        "wrong": len(wrong),
        "missing": len(missing),
    }
    return Outcome(row, [f"{count} {reason}" for reason, count in sorted(reasons.items())])


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown, the tool first."""
    names = ["tool", *(name for name in rows[0] if name != "tool")]
    lines = [names, ["---" if name in ("tool", "world") else "---:" for name in names]]
    lines += [[str(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
