"""Evaluates filter patterns of CloudWatch Logs for JSON log events, as far as AWS documents them
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). What a pattern does there beyond
that is not known, so here it is an error: a pattern that needs it proves nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

Match = Callable[[Any], bool]

TOKEN = re.compile(
    r"""\s*(?:
        (?P<selector>\$(?:\.[A-Za-z0-9_-]+(?:\[\d+\])*)+)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<symbol>&&|\|\||!=|<=|>=|[=<>(){}])
      | (?P<word>[A-Za-z0-9_.*+-]+)
    )""",
    re.VERBOSE,
)
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")
MISSING = object()


class NotDocumented(Exception):
    """AWS does not say what this pattern does."""


def compiled(pattern: str) -> Match:
    """A function that says whether a log event matches."""
    tokens = tokenized(pattern)
    expect(tokens, "{")
    match = either(tokens)
    expect(tokens, "}")
    if tokens:
        raise NotDocumented(f"after the pattern: {tokens}")
    return match


def tokenized(pattern: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    pattern = pattern.strip()
    while at < len(pattern):
        found = TOKEN.match(pattern, at)
        if not found:
            raise NotDocumented(f"at {pattern[at:]!r}")
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind]))
        at = found.end()
    return tokens


def expect(tokens: list[tuple[str, str]], symbol: str) -> None:
    if not tokens or tokens.pop(0) != ("symbol", symbol):
        raise NotDocumented(f"{symbol} is missing")


def either(tokens: list[tuple[str, str]]) -> Match:
    """Alternatives; && binds more tightly than ||."""
    matches = [both(tokens)]
    while tokens[:1] == [("symbol", "||")]:
        tokens.pop(0)
        matches.append(both(tokens))
    return lambda event: any([match(event) for match in matches])


def both(tokens: list[tuple[str, str]]) -> Match:
    matches = [one(tokens)]
    while tokens[:1] == [("symbol", "&&")]:
        tokens.pop(0)
        matches.append(one(tokens))
    return lambda event: all([match(event) for match in matches])


def one(tokens: list[tuple[str, str]]) -> Match:
    kind, text = tokens.pop(0) if tokens else ("", "")
    if (kind, text) == ("symbol", "("):
        match = either(tokens)
        expect(tokens, ")")
        return match
    if kind != "selector":
        raise NotDocumented(f"{text!r} is no selector")
    return condition(text, tokens)


def condition(selector: str, tokens: list[tuple[str, str]]) -> Match:
    (kind, operator), (value_kind, value) = tokens.pop(0), tokens.pop(0)
    if (kind, operator) == ("word", "IS") and value in ("TRUE", "FALSE", "NULL"):
        expected = {"TRUE": True, "FALSE": False, "NULL": None}[value]
        return lambda event: selected(event, selector) is expected
    if (kind, operator, value) == ("word", "NOT", "EXISTS"):
        return lambda event: selected(event, selector) is MISSING
    if kind != "symbol" or operator not in COMPARISONS or value_kind not in ("string", "word"):
        raise NotDocumented(f"{selector} {operator} {value}")
    if value_kind == "word" and NUMBER.fullmatch(value):
        return lambda event: compared_as_numbers(selected(event, selector), operator, float(value))
    if operator not in ("=", "!="):
        raise NotDocumented(f"{operator} between texts")
    text = json.loads(value) if value_kind == "string" else value
    return lambda event: compared_as_texts(selected(event, selector), operator, text)


def compared_as_numbers(value: Any, operator: str, number: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if operator == "!=" and not is_number:
        raise NotDocumented("!= of what is no number")
    return is_number and COMPARISONS[operator](value, number)


def compared_as_texts(value: Any, operator: str, pattern: str) -> bool:
    if operator == "!=" and not isinstance(value, str):
        raise NotDocumented("!= of what is no text")
    return isinstance(value, str) and like(value, pattern) == (operator == "=")


def like(text: str, pattern: str) -> bool:
    """Whether a text is what the pattern says, with ``*`` for anything before it, after it, or both."""
    inner = pattern.removeprefix("*").removesuffix("*")
    if "*" in inner:
        raise NotDocumented(f"an asterisk within {pattern!r}")
    match pattern.startswith("*"), pattern.endswith("*"):
        case True, True:
            return inner in text
        case True, False:
            return text.endswith(inner)
        case False, True:
            return text.startswith(inner)
        case _:
            return text == inner


def selected(event: Any, selector: str) -> Any:
    """The value that a selector such as ``$.users[0].id`` points to."""
    for name, index in re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", selector):
        if name:
            event = event.get(name, MISSING) if isinstance(event, dict) else MISSING
        else:
            is_there = isinstance(event, list) and int(index) < len(event)
            event = event[int(index)] if is_there else MISSING
    return event
