"""The credential report, of which moto has an outline only: no root user, no Regions and services, always complete.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
import threading
from datetime import UTC, datetime, timedelta
from enum import Enum

from .identities import AccessKey, LastUse, Password, User
from .world import Account

LIFETIME = timedelta(hours=4)
"""For so long IAM generates no other."""

GRANULARITY = timedelta(minutes=15)
"""Last uses of access keys are told to so much, rounded down."""

PASSWORD_GRANULARITY = timedelta(minutes=5)
"""And those of passwords."""

KEYS_SHOWN = 2

ROOT_CREATED = datetime(2015, 1, 1, tzinfo=UTC)
"""A world does not say when an account was opened."""

NONE = "N/A"
COLUMNS = (
    *("user", "arn", "user_creation_time"),
    *("password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active"),
    *("access_key_1_active", "access_key_1_last_rotated"),
    *("access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service"),
    *("access_key_2_active", "access_key_2_last_rotated"),
    *("access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service"),
    *("cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated"),
    "additional_credentials_info",
)
NO_INFORMATION = "no_information"
NOT_SUPPORTED = "not_supported"
NO_MFA = "false"
NO_CERTIFICATES = ("false", NONE, "false", NONE)


class Phase(Enum):
    ABSENT = "none was ever asked for"
    RUNNING = "one is being generated"
    READY = "there is one"
    EXPIRED = "the last one is too old to be had"


class CredentialReport:
    """The credential report of one account, over time."""

    def __init__(self, account: Account, partition: str) -> None:
        self.account = account
        self.partition = partition
        self.lock = threading.Lock()
        # A report shows the account as of the moment its generation began, and may be had from a later one on.
        self.began = self.ready = account.credential_report.generated

    def phase(self, now: datetime) -> Phase:
        if self.began is None or self.ready is None:
            return Phase.ABSENT
        if now < self.ready:
            return Phase.RUNNING
        return Phase.READY if now - self.began < LIFETIME else Phase.EXPIRED

    def generate(self, now: datetime) -> Phase:
        """Begins to generate one, unless there is one or it is being generated; answers what was found."""
        with self.lock:
            phase = self.phase(now)
            if phase in (Phase.ABSENT, Phase.EXPIRED):
                self.began, self.ready = now, now + self.account.credential_report.takes
            return phase

    def content(self) -> str:
        if self.account.credential_report.content is not None:
            return self.account.credential_report.content
        return written(self.account, self.partition, self.began)


def written(account: Account, partition: str, as_of: datetime) -> str:
    """The report as AWS would have written it at a moment."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    arn = f"arn:{partition}:iam::{account.id}"
    root_keys = _keys(account.root_access_keys, as_of)
    root_password = _root_password(account.root_password, as_of)
    rows.writerow(["<root_account>", f"{arn}:root", _time(ROOT_CREATED), *root_password, NO_MFA, *root_keys])
    for user in sorted(account.users, key=lambda user: user.name):
        if user.created <= as_of:
            rows.writerow(_user(user, arn, as_of))
    return text.getvalue()


def _user(user: User, account_arn: str, as_of: datetime) -> list[str]:
    arn = f"{account_arn}:user{user.path}{user.name}"
    return [
        user.name,
        arn,
        _time(user.created),
        *_user_password(user.password, as_of),
        NO_MFA,
        *_keys(user.access_keys, as_of),
    ]


def _user_password(password: Password | None, as_of: datetime) -> list[str]:
    if password is None or password.changed > as_of:
        return ["false", NONE, NONE, NONE]
    return ["true", _sign_in(password, as_of), _time(password.changed), NONE]


def _root_password(password: Password | None, as_of: datetime) -> list[str]:
    if password is None:
        return [NOT_SUPPORTED, NO_INFORMATION, NOT_SUPPORTED, NOT_SUPPORTED]
    return ["true", _sign_in(password, as_of), NOT_SUPPORTED, NOT_SUPPORTED]


def _sign_in(password: Password, as_of: datetime) -> str:
    if password.last_used is None or password.last_used > as_of:
        return NO_INFORMATION
    return _time(_rounded(password.last_used, PASSWORD_GRANULARITY))


def _keys(access_keys: tuple[AccessKey, ...], as_of: datetime) -> list[str]:
    """The last cells of a row, from those of the first access key on."""
    known = [key for key in access_keys if key.created <= as_of]
    cells = [cell for key in known[:KEYS_SHOWN] for cell in _key(key, as_of)]
    for _ in range(KEYS_SHOWN - len(known)):
        cells += ["false", NONE, NONE, NONE, NONE]
    more = len(known) - KEYS_SHOWN
    return [*cells, *NO_CERTIFICATES, f"Additional access keys: {more}" if more > 0 else NONE]


def _key(key: AccessKey, as_of: datetime) -> list[str]:
    active = "true" if key.status == "Active" else "false"
    return [active, _time(key.created), *_last_use(key.last_use, as_of)]


def _last_use(use: LastUse | None, as_of: datetime) -> list[str]:
    if use is None or use.at > as_of:
        return [NONE, NONE, NONE]
    return [_time(_rounded(use.at, GRANULARITY)), use.region, use.service]


def _rounded(at: datetime, step: timedelta) -> datetime:
    return at - (at - datetime.min.replace(tzinfo=UTC)) % step


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
