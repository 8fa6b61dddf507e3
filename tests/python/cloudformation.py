"""Reads CloudFormation templates as they are written."""

from __future__ import annotations

from typing import Any

import yaml

from conftest import REPOSITORY


class Template(yaml.SafeLoader):
    """CloudFormation's YAML: a ``!Function`` of the template is the mapping of one entry that it stands for."""


def function(loader: Template, name: str, node: yaml.Node) -> dict[str, Any]:
    construct = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda node: loader.construct_sequence(node, deep=True),
        yaml.MappingNode: lambda node: loader.construct_mapping(node, deep=True),
    }
    return {name: construct[type(node)](node)}


Template.add_multi_constructor("!", function)


def template(name: str) -> dict[str, Any]:
    return yaml.load((REPOSITORY / name).read_text(encoding="utf-8"), Template)
