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


FUNCTIONS = {"And", "Equals", "GetAtt", "If", "Not", "Or", "Sub"}
"""Those that the templates use, beside ``Ref`` and ``Condition``, whose long form is no other."""


def function_of(value: Any) -> str | None:
    """The name of the function that a value of a template is a call of."""
    if isinstance(value, dict) and len(value) == 1:
        [name] = value
        if name in FUNCTIONS or name == "Ref":
            return name
    return None


def as_json(value: Any) -> Any:
    """A template with its functions in their long form, which JSON has no short one for."""
    if isinstance(value, list):
        return [as_json(one) for one in value]
    if not isinstance(value, dict):
        return value
    name = function_of(value)
    if name == "GetAtt":
        return {"Fn::GetAtt": value[name].split(".", 1)}
    if name in FUNCTIONS:
        return {f"Fn::{name}": as_json(value[name])}
    return {key: as_json(one) for key, one in value.items()}
