"""How this repository is built."""

from __future__ import annotations

import subprocess

from conftest import REPOSITORY


def features(edges: str) -> set[str]:
    """Every package that is built, with its version and features."""
    tree = ["cargo", "tree", "--workspace", "--locked", "--edges", edges, "--prefix", "none", "--format", "{p} {f}"]
    listed = subprocess.run(tree, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return {line.removesuffix(" (*)").strip() for line in listed.splitlines()}


def test_libraries_have_the_same_features_for_binaries_as_for_tests_and_are_built_once() -> None:
    assert features("normal,build") - features("normal,build,dev") == set()
