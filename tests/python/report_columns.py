"""The columns of the reports, as the code that writes them has them."""

from __future__ import annotations

import re
from pathlib import Path

CORE = Path(__file__).parent.parent.parent / "crates" / "core" / "src"
WRITTEN_BY = {
    "keys": "files/keys_csv.rs",
    "coverage": "files/coverage_csv.rs",
    "changes": "files/changes_csv.rs",
}


def report_columns(report: str) -> list[str]:
    """The header of ``keys.csv``, ``coverage.csv`` or ``changes.csv``."""
    code = (CORE / WRITTEN_BY[report]).read_text(encoding="utf-8")
    [(length, listed)] = re.findall(r"pub const COLUMNS: \[&str; (\d+)\] = \[(.*?)\];", code, re.DOTALL)
    columns = re.findall(r'"(\w+)"', listed)
    assert len(columns) == int(length)
    return columns
