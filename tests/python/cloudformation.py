"""Reads CloudFormation templates as they are written, and resolves them as CloudFormation does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
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


class Unresolved(Exception):
    """A template names what is not there."""


NO_VALUE = object()
"""What ``AWS::NoValue`` stands for: the property or the element that has it is left out."""

REFERRED_TO_BY_ARN = {"AWS::SNS::Topic", "AWS::Serverless::StateMachine"}

PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")


@dataclass
class Stack:
    """A template with values for its parameters. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"""

    template: dict[str, Any]
    parameters: dict[str, str]
    partition: str = "aws"
    region: str = "eu-west-1"
    account_id: str = "111111111111"
    name: str = "keycensus"

    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources that the stack has, resolved."""
        return {name: self.resolve(one) for name, one in self.template["Resources"].items() if self.has(one)}

    def has(self, part: dict[str, Any]) -> bool:
        """Whether a resource or an output is part of the stack."""
        return "Condition" not in part or self.holds({"Condition": part["Condition"]})

    def holds(self, condition: Any) -> bool:
        if set(condition) == {"Condition"}:
            try:
                return self.holds(self.template["Conditions"][condition["Condition"]])
            except KeyError:
                raise Unresolved(f"no condition {condition['Condition']}") from None
        name = function_of(condition)
        values = condition[name]
        match name:
            case "Equals":
                left, right = map(self.resolve, values)
                return left == right
            case "Not":
                return not self.holds(values[0])
            case "And":
                return all(map(self.holds, values))
            case "Or":
                return any(map(self.holds, values))
        raise Unresolved(f"no condition is {condition}")

    def resolve(self, value: Any) -> Any:
        """A value with every function called."""
        if isinstance(value, list):
            return [one for one in map(self.resolve, value) if one is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        match function_of(value):
            case None:
                resolved = {key: self.resolve(one) for key, one in value.items()}
                return {key: one for key, one in resolved.items() if one is not NO_VALUE}
            case "Ref":
                return self.reference(value["Ref"])
            case "GetAtt":
                return self.attribute(*value["GetAtt"].split("."))
            case "Sub":
                text, given = value["Sub"] if isinstance(value["Sub"], list) else (value["Sub"], {})
                given = {name: self.resolve(one) for name, one in given.items()}
                return PLACEHOLDER.sub(lambda placeholder: self.substitute(placeholder, given), text)
            case "If":
                condition, then, otherwise = value["If"]
                return self.resolve(then if self.holds({"Condition": condition}) else otherwise)
        raise Unresolved(f"no value is {value}")

    def substitute(self, placeholder: re.Match[str], given: dict[str, str]) -> str:
        literal, name = placeholder.groups()
        if name in given:
            return given[name]
        if literal:
            return f"${{{name}}}"
        return str(self.attribute(*name.split(".")) if "." in name else self.reference(name))

    def reference(self, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": self.account_id,
            "AWS::NoValue": NO_VALUE,
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.template["Parameters"]:
            return self.parameters[name]
        # Of some resources it is the ARN, of the others here some name.
        return self.attribute(name, "Arn") if self.resource(name)["Type"] in REFERRED_TO_BY_ARN else name

    def attribute(self, name: str, attribute: str) -> str:
        service = self.resource(name)["Type"].split("::")[1].lower()
        arn = f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{name}"
        return arn if attribute == "Arn" else f"{name}.{attribute}"

    def resource(self, name: str) -> dict[str, Any]:
        resource = self.template["Resources"].get(name)
        if resource is None or not self.has(resource):
            raise Unresolved(f"no resource {name}")
        return resource


def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Everything within a value, and where it stands."""
    yield path, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in parts:
        yield from walk(one, (*path, step))


def deciding(whole: dict[str, Any], part: Any) -> set[str]:
    """The parameters that decide what a part of a template consists of: its conditions, and those of what it names."""
    found: set[str] = set()
    for _, value in walk(part):
        if not isinstance(value, dict):
            continue
        name = function_of(value)
        if isinstance(value.get("Condition"), str):
            found |= compared(whole, value["Condition"])
        if name == "If":
            found |= compared(whole, value["If"][0])
        for named in references(value) if name else ():
            condition = whole["Resources"].get(named, {}).get("Condition")
            found |= compared(whole, condition) if condition else set()
    return found


def references(call: dict[str, Any]) -> list[str]:
    """What a call of a function names: parameters, resources."""
    [(name, argument)] = call.items()
    if name == "Sub":
        text, given = argument if isinstance(argument, list) else (argument, {})
        named = {name for literal, name in PLACEHOLDER.findall(text) if not literal} - set(given)
        return [one.split(".")[0] for one in sorted(named)]
    return [argument.split(".")[0]] if name in ("Ref", "GetAtt") else []


def compared(whole: dict[str, Any], condition: str) -> set[str]:
    """The parameters that a condition looks at, through others too."""
    found: set[str] = set()
    for _, value in walk(whole["Conditions"][condition]):
        if isinstance(value, dict) and isinstance(value.get("Condition"), str):
            found |= compared(whole, value["Condition"])
        if isinstance(value, dict) and function_of(value) == "Ref":
            found.add(value["Ref"])
    return found


def choices(values: dict[str, list[str]], of: set[str]) -> Iterator[dict[str, str]]:
    """Every combination of the values of some parameters, with the first value of every other."""
    names = sorted(of)
    first = {name: options[0] for name, options in values.items()}
    for combination in product(*(values[name] for name in names)):
        yield first | dict(zip(names, combination, strict=True))
