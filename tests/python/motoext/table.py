"""Tables and moments of a world file, read so that what is wrong in one is said with its place."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class WorldError(ValueError):
    """A world file that cannot be used; the message names the place and what would be right there."""


class Table:
    """One TOML table whose fields are taken out by name; what is left at the end is unknown."""

    def __init__(self, entry: dict[str, Any], place: str) -> None:
        self.left = dict(entry)
        self.known: list[str] = []
        self.place = place

    def peek(self, name: str) -> Any:
        return self.left.get(name)

    def take(self, name: str, default: Any = None) -> Any:
        self.known.append(name)
        return self.left.pop(name, default)

    def need(self, name: str) -> Any:
        if name not in self.left:
            raise WorldError(f"{self.place}: {name} is missing")
        return self.take(name)

    def finish(self) -> None:
        if self.left:
            raise WorldError(
                f"{self.place}: unknown {', '.join(sorted(self.left))}; known are {', '.join(sorted(self.known))}"
            )


def is_deleted(table: Table, now: datetime) -> bool:
    """Takes what the file says of a key's past, which is over when moto begins; whether the key is gone by then."""
    for past in ("used_before", "state_before", "state_since"):
        table.take(past)
    deleted = table.take("deleted")
    return deleted is not None and moment(deleted, f"{table.place}: deleted", now) <= now


def moment(value: Any, place: str, now: datetime | None) -> datetime:
    if isinstance(value, datetime):
        return value
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\S+", text):
        return datetime.fromisoformat(text)
    parts = text.removeprefix("-").split()
    if now is None or not parts or not all(re.fullmatch(r"\d+[dhms]", part) for part in parts):
        raise WorldError(f'{place}: "{text}" is neither a time like 2026-10-01T12:00:00Z nor an age like "3d 12h"')
    age = timedelta()
    for part in parts:
        age += timedelta(**{_UNITS[part[-1]]: int(part[:-1])})
    return now + age if text.startswith("-") else now - age
