"""What depends on the keys of a world file: EBS volumes and snapshots, and grants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any

from .table import Table, WorldError, moment

CREATED = "400d"
"""When everything here was created that says nothing of it."""

OPERATIONS = ("Decrypt", "GenerateDataKey", "CreateGrant", "RetireGrant")
NO_VOLUME = "vol-ffffffff"
"""What AWS says of a snapshot whose volume it does not know."""


@dataclass(frozen=True)
class Grant:
    id: str
    grantee: str
    """The ARN of a role or user, or the name of a service; empty: the grant is to `grantee_service`."""
    grantee_service: str
    name: str
    created: datetime
    operations: tuple[str, ...]
    retiring: str


@dataclass(frozen=True)
class Volume:
    id: str
    region: str
    kms_key: str | None
    """ID or alias of a key of the same account and Region, or any key's ARN; None: not encrypted."""
    size: int
    created: datetime
    attached_to: str | None


@dataclass(frozen=True)
class Snapshot:
    id: str
    region: str
    kms_key: str | None
    volume: str
    size: int
    created: datetime
    description: str


def grants(entries: Iterable[dict[str, Any]], seed: str, now: datetime) -> tuple[Grant, ...]:
    """The grants of a key, which `seed` (account/Region/key ID) names."""
    return tuple(_grant(entry, f"{seed}/grant/{number}", now) for number, entry in enumerate(entries))


def volumes(entries: Iterable[dict[str, Any]], account_id: str, now: datetime) -> tuple[Volume, ...]:
    return tuple(_volume(entry, account_id, number, now) for number, entry in enumerate(entries))


def snapshots(entries: Iterable[dict[str, Any]], account_id: str, now: datetime) -> tuple[Snapshot, ...]:
    return tuple(_snapshot(entry, account_id, number, now) for number, entry in enumerate(entries))


def _grant(entry: dict[str, Any], seed: str, now: datetime) -> Grant:
    table = Table(entry, f"[[account.key.grant]] of {seed}")
    grant = Grant(
        id=table.take("id") or _hexadecimal(64, seed),
        grantee=table.take("grantee", ""),
        grantee_service=table.take("grantee_service", ""),
        name=table.take("name", ""),
        created=_created(table, now),
        operations=tuple(table.take("operations", OPERATIONS)),
        retiring=table.take("retiring", ""),
    )
    table.finish()
    if bool(grant.grantee) == bool(grant.grantee_service):
        raise WorldError(f"{table.place}: has a grantee or a grantee_service, and not both")
    return grant


def _volume(entry: dict[str, Any], account_id: str, number: int, now: datetime) -> Volume:
    table = Table(entry, f"[[account.volume]] {entry.get('id', '?')} of {account_id}")
    region = table.need("region")
    volume = Volume(
        id=table.take("id") or "vol-" + _hexadecimal(17, f"{account_id}/{region}/volume/{number}"),
        region=region,
        kms_key=table.take("kms_key"),
        size=table.take("size", 100),
        created=_created(table, now),
        attached_to=table.take("attached_to"),
    )
    table.finish()
    return volume


def _snapshot(entry: dict[str, Any], account_id: str, number: int, now: datetime) -> Snapshot:
    table = Table(entry, f"[[account.snapshot]] {entry.get('id', '?')} of {account_id}")
    region = table.need("region")
    snapshot = Snapshot(
        id=table.take("id") or "snap-" + _hexadecimal(17, f"{account_id}/{region}/snapshot/{number}"),
        region=region,
        kms_key=table.take("kms_key"),
        volume=table.take("volume", NO_VOLUME),
        size=table.take("size", 100),
        created=_created(table, now),
        description=table.take("description", ""),
    )
    table.finish()
    return snapshot


def _created(table: Table, now: datetime) -> datetime:
    return moment(table.take("created", CREATED), f"{table.place}: created", now)


def _hexadecimal(length: int, seed: str) -> str:
    """An ID that the file leaves out: the simulator derives the same, by the format and not by shared code."""
    digests = (md5(text.encode(), usedforsecurity=False).hexdigest() for text in (seed, f"{seed}/2"))
    return "".join(digests)[:length]
