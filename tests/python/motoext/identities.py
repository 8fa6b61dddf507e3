"""The IAM part of a world file: users, their access keys, passwords and service-specific credentials, the root user's,
and the credential report."""

from __future__ import annotations

from base64 import b32encode
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from .table import Table, WorldError, is_deleted, moment

CREATED = "400d"
"""When users and root access keys were created that say nothing of it."""

STATUSES = ("Active", "Inactive")
ROOT_ACCESS_KEYS = 2


@dataclass(frozen=True)
class LastUse:
    at: datetime
    service: str
    region: str


@dataclass(frozen=True)
class AccessKey:
    id: str
    """Empty: a key of the root user, whose ID no operation tells."""
    status: str
    created: datetime
    last_use: LastUse | None
    expect: str | None
    expect_flagged: bool | None


@dataclass(frozen=True)
class Password:
    changed: datetime
    """A report does not have it of a root user."""
    last_used: datetime | None
    expect: str | None
    expect_flagged: bool | None


@dataclass(frozen=True)
class ServiceCredential:
    id: str
    service: str
    status: str
    created: datetime
    expires: datetime | None
    expect: str | None
    expect_flagged = False
    """None is ever flagged."""


@dataclass(frozen=True)
class User:
    id: str
    name: str
    path: str
    created: datetime
    tags: dict[str, str]
    access_keys: tuple[AccessKey, ...]
    password: Password | None
    service_credentials: tuple[ServiceCredential, ...]


@dataclass(frozen=True)
class ReportSettings:
    """How an account's credential report behaves."""

    generated: datetime | None
    """Of when there is a report at the beginning; None: there is none."""
    takes: timedelta
    content: str | None
    """The report, whatever the account holds; None: as AWS would write it."""


def users(entries: Iterable[dict[str, Any]], account_id: str, now: datetime) -> tuple[User, ...]:
    """The users of an account, in the file's order."""
    read = tuple(_user(entry, account_id, now) for entry in entries)
    names = Counter(user.name.lower() for user in read)
    if duplicates := [user.name for user in read if names[user.name.lower()] > 1]:
        raise WorldError(
            f"{account_id} has the users {' and '.join(duplicates)}: IAM wants names that differ by more than case"
        )
    return read


def root_access_keys(entries: list[dict[str, Any]], account_id: str, now: datetime) -> tuple[AccessKey, ...]:
    place = f"[[account.root_access_key]] of {account_id}"
    if len(entries) > ROOT_ACCESS_KEYS:
        raise WorldError(f"{place}: there are {len(entries)}; a root user has at most {ROOT_ACCESS_KEYS}")
    tables = [Table(entry, f"{place}, number {number}") for number, entry in enumerate(entries, 1)]
    tables = [table for table in tables if not is_deleted(table, now)]
    return tuple(_access_key(table, "", moment(CREATED, "", now), now) for table in tables)


def root_password(entry: dict[str, Any] | None, account_id: str, now: datetime) -> Password | None:
    return _password(entry, f"[account.root_password] of {account_id}", moment(CREATED, "", now), now)


def report_settings(entry: dict[str, Any], account_id: str, now: datetime) -> ReportSettings:
    table = Table(entry, f"[account.credential_report] of {account_id}")
    age = table.take("age")
    settings = ReportSettings(
        generated=None if age is None else moment(age, f"{table.place}: age", now),
        takes=timedelta(milliseconds=table.take("takes_ms", 1000)),
        content=table.take("content"),
    )
    table.finish()
    return settings


def check_access_key_ids(access_keys: Iterable[AccessKey]) -> None:
    ids = Counter(key.id for key in access_keys)
    if duplicates := sorted(key_id for key_id, count in ids.items() if count > 1):
        raise WorldError(f"access key {', '.join(duplicates)} is there more than once")


def _user(entry: dict[str, Any], account_id: str, now: datetime) -> User:
    table = Table(entry, f"[[account.user]] {entry.get('name', '?')} of {account_id}")
    name = table.need("name")
    created = moment(table.take("created", CREATED), f"{table.place}: created", now)
    access_keys = []
    for position, key in enumerate(table.take("access_key", [])):
        key_table = Table(key, f"[[account.user.access_key]] {position + 1} of {name} of {account_id}")
        key_id = key_table.take("id") or _derived("AKIA", f"{account_id}/{name}/{position}")
        gone = is_deleted(key_table, now)
        access_key = _access_key(key_table, key_id, created, now)
        if not gone:
            access_keys.append(access_key)
    user = User(
        id=_derived("AIDA", f"{account_id}/{name}"),
        name=name,
        path=table.take("path", "/"),
        created=created,
        tags=dict(table.take("tags", {})),
        access_keys=tuple(access_keys),
        password=_password(table.take("password"), f"[account.user.password] of {name} of {account_id}", created, now),
        service_credentials=tuple(
            _service_credential(credential, position, name, account_id, created, now)
            for position, credential in enumerate(table.take("service_credential", []))
        ),
    )
    table.finish()
    return user


def _password(entry: dict[str, Any] | None, place: str, created: datetime, now: datetime) -> Password | None:
    if entry is None:
        return None
    table = Table(entry, place)
    changed, last_used = table.take("changed"), table.take("last_used")
    password = Password(
        changed=created if changed is None else moment(changed, f"{place}: changed", now),
        last_used=None if last_used is None else moment(last_used, f"{place}: last_used", now),
        expect=table.take("expect"),
        expect_flagged=table.take("expect_flagged"),
    )
    table.finish()
    return password


def _service_credential(
    entry: dict[str, Any], position: int, user: str, account_id: str, user_created: datetime, now: datetime
) -> ServiceCredential:
    place = f"[[account.user.service_credential]] {position + 1} of {user} of {account_id}"
    table = Table(entry, place)
    service = table.need("service")
    created, expires = table.take("created"), table.take("expires")
    credential = ServiceCredential(
        id=table.take("id") or _derived("ACCA", f"{account_id}/{user}/{service}/{position}", 17),
        service=service,
        status=table.take("status", STATUSES[0]),
        created=user_created if created is None else moment(created, f"{place}: created", now),
        expires=None if expires is None else moment(expires, f"{place}: expires", now),
        expect=table.take("expect"),
    )
    table.finish()
    return credential


def _access_key(table: Table, key_id: str, created: datetime, now: datetime) -> AccessKey:
    status = table.take("status", STATUSES[0])
    if status not in STATUSES:
        raise WorldError(f'{table.place}: status "{status}" is not one of {", ".join(STATUSES)}')
    written, last_used = table.take("created"), table.take("last_used")
    service, region = table.take("service", "s3"), table.take("last_used_region", "us-east-1")
    key = AccessKey(
        id=key_id,
        status=status,
        created=created if written is None else moment(written, f"{table.place}: created", now),
        last_use=(
            None if last_used is None else LastUse(moment(last_used, f"{table.place}: last_used", now), service, region)
        ),
        expect=table.take("expect"),
        expect_flagged=table.take("expect_flagged"),
    )
    table.finish()
    return key


def _derived(prefix: str, seed: str, length: int = 16) -> str:
    """An ID that the file leaves out: the simulator derives the same, by the format and not by shared code."""
    return prefix + b32encode(md5(seed.encode(), usedforsecurity=False).digest()).decode()[:length]
