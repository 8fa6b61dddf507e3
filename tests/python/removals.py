"""What can be taken away from the policies of a template, one thing at a time."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloudformation import template, walk

NOTHING = "keycensus:Nothing"
"""Stands where the only action of a statement was. AWS knows no such action; a statement without one is invalid."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Removal:
    """A value of a template that is taken away, or that ``instead`` stands for."""

    resource: str
    """The logical name of what has the policy."""
    sid: str
    what: str
    path: Path
    actions: tuple[str, ...]
    """The actions that its statement is about."""
    instead: Any = None

    def __str__(self) -> str:
        return f"{self.resource}-{self.sid}-{self.what}"

    def apply(self, whole: dict[str, Any]) -> dict[str, Any]:
        """The template without it."""
        whole = copy.deepcopy(whole)
        inside = whole
        for step in self.path[:-1]:
            inside = inside[step]
        if self.instead is None:
            del inside[self.path[-1]]
        else:
            inside[self.path[-1]] = self.instead
        return whole


def permissions(file: str) -> list[Removal]:
    """Each action that a role may use, each resource where there are several, each value of a condition likewise."""
    found = []
    for statement in statements(file, "Allow"):
        if statement.sid == TRUST:
            continue
        for action in statement.actions:
            rest = [one for one in statement.actions if one != action]
            found.append(statement.without(action, "Action", instead=rest or NOTHING, actions=(action,)))
        found += [statement.without(words(one), *path) for path, one in statement.alternatives()]
    return found


def conditions(file: str) -> list[Removal]:
    """Each condition on what is allowed, and on who is trusted."""
    return [
        statement.without(path[-1], *path)
        for statement in statements(file, "Allow")
        for path in statement.condition_keys()
    ]


def denials(file: str) -> list[Removal]:
    """Each denial, and each of several resources that one is for."""
    found = []
    for statement in statements(file, "Deny"):
        found.append(statement.without("all", "Action", instead=NOTHING))
        found += [statement.without(words(one), *path) for path, one in statement.alternatives()]
    return found


def conditions_of_denials(file: str) -> list[Removal]:
    """The condition of each denial."""
    return [statement.without("Condition", "Condition") for statement in statements(file, "Deny")]


TRUST = "trust"


@dataclass(frozen=True)
class Statement:
    path: Path
    text: dict[str, Any]

    @property
    def sid(self) -> str:
        return self.text.get("Sid", TRUST)

    @property
    def actions(self) -> tuple[str, ...]:
        actions = self.text["Action"]
        return (actions,) if isinstance(actions, str) else tuple(actions)

    def without(self, what: str, *path: str | int, **more: Any) -> Removal:
        return Removal(str(self.path[1]), self.sid, what, (*self.path, *path), **{"actions": self.actions, **more})

    def alternatives(self) -> Iterator[tuple[Path, Any]]:
        """Resources and values of conditions of which any suffices."""
        lists = [("Resource",), *self.condition_keys()]
        for path in lists:
            values = inside(self.text, path)
            for number, one in enumerate(values if isinstance(values, list) else []):
                yield (*path, number), one

    def condition_keys(self) -> list[Path]:
        """Where each key of its condition stands, within functions too."""
        return [
            ("Condition", *path)
            for path, _ in walk(self.text.get("Condition", {}))
            if path and isinstance(path[-1], str) and ":" in path[-1] and not path[-1].startswith("AWS::")
        ]


def statements(file: str, effect: str) -> list[Statement]:
    """Every statement with an effect."""
    return [
        Statement(("Resources", *path), value)
        for path, value in walk(template(file)["Resources"])
        if isinstance(value, dict) and value.get("Effect") == effect
    ]


def inside(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def words(value: Any) -> str:
    """What a value is called in the name of a test."""
    if isinstance(value, dict) and "If" in value:
        return words(value["If"][1])
    return value if isinstance(value, str) else next(iter(value.values()))
