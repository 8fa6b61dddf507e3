"""A world file as plain data: the organization, its accounts and keys, and what AWS refuses in it.

The format is the simulator's. Both read it on their own, so that a test world means the same thing to both by what the
format says and not by shared code.
"""

from __future__ import annotations

import tomllib
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import dependents, event_history, identities, secrets
from .dependents import Grant, Snapshot, Volume
from .event_history import TrailEvent
from .identities import AccessKey, Password, ReportSettings, User
from .secrets import Secret
from .table import Table, WorldError, is_deleted, moment

TRACKING_BEGAN = datetime(2026, 4, 23, tzinfo=UTC)
"""When KMS began to record last usage in most Regions."""


@dataclass(frozen=True)
class Key:
    region: str
    id: str
    aliases: tuple[str, ...]
    manager: str
    state: str
    created: datetime
    last_used: datetime | None
    operation: str
    tracking_start: datetime
    event_id: str
    tags: dict[str, str]
    description: str
    spec: str
    usage: str
    origin: str
    rotations: tuple[datetime, ...]
    """Completed ones and those to come, in the file's order."""
    deletion_date: datetime | None
    multi_region: str | None
    multi_region_primary: str | None
    multi_region_replicas: tuple[str, ...]
    policy: str | None
    """None: the one that AWS gives a key that was created without."""
    grants: tuple[Grant, ...]
    expect: str | None
    expect_flagged: bool | None


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    email: str
    parent: str
    state: str
    regions: tuple[str, ...]
    role: str
    """Name of the role that may be assumed, with its path; empty: there is none."""
    trusts: tuple[str, ...]
    external_id: str | None
    session_seconds: int
    keys: tuple[Key, ...]
    users: tuple[User, ...]
    root_access_keys: tuple[AccessKey, ...]
    root_password: Password | None
    credential_report: ReportSettings
    volumes: tuple[Volume, ...]
    snapshots: tuple[Snapshot, ...]
    secrets: tuple[Secret, ...]
    trail_events: tuple[TrailEvent, ...]

    def arn_of_key(self, region: str, name: str) -> str:
        """The ARN of the key that a volume or snapshot names; what is no key of this account is its ARN already."""
        named = (key for key in self.keys if key.region == region and name in (key.id, *key.aliases))
        key = next(named, None)
        return name if key is None else f"arn:aws:kms:{region}:{self.id}:key/{key.id}"


@dataclass(frozen=True)
class Unit:
    id: str
    name: str
    parent: str


@dataclass(frozen=True)
class Bucket:
    name: str
    account: str
    region: str


@dataclass(frozen=True)
class EventBus:
    name: str
    account: str
    region: str


@dataclass(frozen=True)
class SecurityHub:
    """Where it is enabled."""

    account: str
    region: str


@dataclass
class Refusal:
    account: str | None = None
    region: str | None = None
    operation: str = "*"
    key: str | None = None
    resource: str | None = None
    code: str | None = None
    status: int | None = None
    message: str | None = None
    times: int | None = None
    """How many more calls it refuses; None: every one."""


@dataclass(frozen=True)
class Scanner:
    account: str
    access_key_id: str
    secret_access_key: str
    role: str


@dataclass(frozen=True)
class World:
    now: datetime
    organization_id: str
    root: str
    management_account: str
    delegated_administrators: tuple[str, ...]
    paths: bool
    account_state: str
    page_size: int
    scanner: Scanner
    units: tuple[Unit, ...]
    buckets: tuple[Bucket, ...]
    topics: tuple[str, ...]
    event_buses: tuple[EventBus, ...]
    security_hubs: tuple[SecurityHub, ...]
    refusals: tuple[Refusal, ...]
    accounts: tuple[Account, ...]
    simulator_only: tuple[str, ...]
    """Settings of the file that moto cannot follow (latency, quotas, faults)."""

    @classmethod
    def load(cls, path: Path | str) -> World:
        try:
            return cls.parse(Path(path).read_text(encoding="utf-8"))
        except (WorldError, tomllib.TOMLDecodeError) as error:
            raise WorldError(f"{path}: {error}") from error

    @classmethod
    def parse(cls, text: str) -> World:
        return _Reader(tomllib.loads(text)).world()

    def account(self, account_id: str) -> Account:
        for account in self.accounts:
            if account.id == account_id:
                return account
        raise WorldError(f"no account {account_id}: have {', '.join(a.id for a in self.accounts)}")

    def path_of(self, account: Account) -> str:
        """The organization path of an account, as in ``Account.Paths``: ``o-…/r-…/ou-…/account/``."""
        parents = {unit.id: unit.parent for unit in self.units}
        steps = [account.parent]
        while steps[-1] != self.root:
            steps.append(parents[steps[-1]])
        return "/".join([self.organization_id, *reversed(steps), account.id]) + "/"

    def region(self) -> str:
        """The Region the scanner runs in: the first bucket's."""
        return self.buckets[0].region if self.buckets else "us-east-1"


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        now = document.get("now")
        self.now = moment(now, "now", None) if now is not None else datetime.now(UTC)

    def world(self) -> World:
        top = Table(self.document, "the world")
        top.take("now")
        # moto lists them without a service; the simulator alone can refuse that.
        top.take("service_credentials_by_service")
        simulator_only = tuple(name for name in ("latency_ms", "quotas", "fault") if top.take(name))
        organization = Table(top.take("organization", {}), "[organization]")
        simulator_only += tuple(name for name in ("empty_first_page",) if organization.take(name))
        if not organization.take("account_management", True):
            simulator_only += ("account_management",)
        scanner = Table(top.take("scanner", {}), "[scanner]")
        account_tables = [Table(entry, f"[[account]] {entry.get('id', '?')}") for entry in top.take("account", [])]
        if not account_tables:
            raise WorldError("a world needs at least one [[account]]")
        root = organization.take("root", "r-exam")
        management = organization.take("management_account", account_tables[0].peek("id"))
        scanner_account = scanner.take("account", management)

        buckets = tuple(self.bucket(entry, scanner_account) for entry in top.take("bucket", []))
        region = buckets[0].region if buckets else "us-east-1"

        world = World(
            now=self.now,
            organization_id=organization.take("id", "o-exampleorg1"),
            root=root,
            management_account=management,
            delegated_administrators=tuple(organization.take("delegated_administrators", [])),
            paths=organization.take("paths", True),
            account_state=organization.take("account_state", "both"),
            page_size=organization.take("page_size", 20),
            scanner=Scanner(
                account=scanner_account,
                access_key_id=scanner.take("access_key_id", "AKIASIMSCANNER000001"),
                secret_access_key=scanner.take("secret_access_key", "sim-secret"),
                role=scanner.take("role", "KeycensusScanner"),
            ),
            units=tuple(self.unit(entry, root) for entry in top.take("organizational_unit", [])),
            buckets=buckets,
            topics=tuple(self.topic(entry) for entry in top.take("topic", [])),
            event_buses=tuple(self.event_bus(entry, scanner_account, region) for entry in top.take("event_bus", [])),
            security_hubs=tuple(
                self.security_hub(entry, scanner_account, region) for entry in top.take("security_hub", [])
            ),
            refusals=tuple(self.refusal(entry) for entry in top.take("refuse", [])),
            accounts=tuple(self.account(table, root, scanner_account) for table in account_tables),
            simulator_only=simulator_only,
        )
        for table in (organization, scanner, top):
            table.finish()
        _check_references(world)
        return world

    def unit(self, entry: dict[str, Any], root: str) -> Unit:
        table = Table(entry, f"[[organizational_unit]] {entry.get('id', '?')}")
        unit = Unit(id=table.need("id"), name=table.need("name"), parent=table.take("parent", root))
        table.finish()
        return unit

    def bucket(self, entry: dict[str, Any], scanner_account: str) -> Bucket:
        table = Table(entry, f"[[bucket]] {entry.get('name', '?')}")
        bucket = Bucket(
            name=table.need("name"),
            account=table.take("account", scanner_account),
            region=table.take("region", "us-east-1"),
        )
        table.finish()
        return bucket

    def topic(self, entry: dict[str, Any]) -> str:
        table = Table(entry, "[[topic]]")
        arn = table.need("arn")
        table.finish()
        return arn

    def event_bus(self, entry: dict[str, Any], scanner_account: str, region: str) -> EventBus:
        table = Table(entry, f"[[event_bus]] {entry.get('name', '?')}")
        bus = EventBus(
            name=table.need("name"),
            account=table.take("account", scanner_account),
            region=table.take("region", region),
        )
        table.finish()
        return bus

    def security_hub(self, entry: dict[str, Any], scanner_account: str, region: str) -> SecurityHub:
        table = Table(entry, "[[security_hub]]")
        hub = SecurityHub(account=table.take("account", scanner_account), region=table.take("region", region))
        table.finish()
        return hub

    def refusal(self, entry: dict[str, Any]) -> Refusal:
        known = {f.name for f in fields(Refusal)}
        if unknown := set(entry) - known:
            raise WorldError(f"[[refuse]]: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
        return Refusal(**entry)

    def account(self, table: Table, root: str, scanner_account: str) -> Account:
        account_id = table.need("id")
        regions = tuple(table.take("regions", ["us-east-1"]))
        account = Account(
            id=account_id,
            name=table.take("name", f"account-{account_id}"),
            email=table.take("email", f"aws+{account_id}@example.com"),
            parent=table.take("parent", root),
            state=table.take("state", "ACTIVE"),
            regions=regions,
            role=table.take("role", "KeycensusReader"),
            trusts=tuple(table.take("trusts", [scanner_account])),
            external_id=table.take("external_id"),
            session_seconds=table.take("session_seconds", 3600),
            keys=tuple(self.keys(table.take("key", []), account_id)),
            users=identities.users(table.take("user", []), account_id, self.now),
            root_access_keys=identities.root_access_keys(table.take("root_access_key", []), account_id, self.now),
            root_password=identities.root_password(table.take("root_password"), account_id, self.now),
            credential_report=identities.report_settings(table.take("credential_report", {}), account_id, self.now),
            volumes=dependents.volumes(table.take("volume", []), account_id, self.now),
            snapshots=dependents.snapshots(table.take("snapshot", []), account_id, self.now),
            secrets=secrets.secrets(table.take("secret", []), account_id, self.now),
            trail_events=event_history.trail_events(table.take("trail_event", []), account_id, self.now),
        )
        table.finish()
        for key in account.keys:
            if key.region not in regions:
                raise WorldError(f"{table.place}: key {key.id} is in {key.region}, which is not one of its regions")
        return account

    def keys(self, entries: list[dict[str, Any]], account_id: str) -> Iterator[Key]:
        positions: Counter[str] = Counter()
        for entry in entries:
            table = Table(entry, f"[[account.key]] {entry.get('id') or entry.get('aliases') or '?'} of {account_id}")
            gone = is_deleted(table, self.now)
            region = table.need("region")
            key = self.key(table, account_id, region, positions[region])
            positions[region] += 1
            if not gone:
                yield key

    def key(self, table: Table, account_id: str, region: str, position: int) -> Key:
        place = table.place
        multi_region = table.take("multi_region")
        # An ID that the file leaves out is stable here but is not the simulator's: worlds whose outputs are compared
        # name every id and event_id.
        derived = uuid.uuid5(uuid.NAMESPACE_URL, f"{account_id}/{region}/{position}")
        key_id = table.take("id", f"mrk-{derived.hex}" if multi_region else str(derived))
        created = self.moment(table.need("created"), f"{place}: created")
        last_used = table.take("last_used")
        tracking_start = table.take("tracking_start")
        deletion_date = table.take("deletion_date")
        key = Key(
            region=region,
            id=key_id,
            aliases=tuple(table.take("aliases", [])),
            manager=table.take("manager", "CUSTOMER"),
            state=table.take("state", "Enabled"),
            created=created,
            last_used=None if last_used is None else self.moment(last_used, f"{place}: last_used"),
            operation=table.take("operation", "Decrypt"),
            tracking_start=(
                max(created, TRACKING_BEGAN)
                if tracking_start is None
                else self.moment(tracking_start, f"{place}: tracking_start")
            ),
            event_id=table.take("event_id", str(uuid.uuid5(derived, "event"))),
            tags=dict(table.take("tags", {})),
            description=table.take("description", ""),
            spec=table.take("spec", "SYMMETRIC_DEFAULT"),
            usage=table.take("usage", "ENCRYPT_DECRYPT"),
            origin=table.take("origin", "AWS_KMS"),
            rotations=tuple(self.moment(date, f"{place}: rotations") for date in table.take("rotations", [])),
            deletion_date=None if deletion_date is None else self.moment(deletion_date, f"{place}: deletion_date"),
            multi_region=multi_region,
            multi_region_primary=table.take("multi_region_primary"),
            multi_region_replicas=tuple(table.take("multi_region_replicas", [])),
            policy=table.take("policy"),
            grants=dependents.grants(table.take("grant", []), f"{account_id}/{region}/{key_id}", self.now),
            expect=table.take("expect"),
            expect_flagged=table.take("expect_flagged"),
        )
        table.finish()
        return key

    def moment(self, value: Any, place: str) -> datetime:
        return moment(value, place, self.now)


def _check_references(world: World) -> None:
    account_ids = [account.id for account in world.accounts]
    parents = {world.root, *(unit.id for unit in world.units)}
    for account_id in {world.management_account, world.scanner.account, *world.delegated_administrators}:
        if account_id not in account_ids:
            raise WorldError(f"account {account_id} is named in the world but is not one of its [[account]]s")
    for child in (*world.units, *world.accounts):
        if child.parent not in parents:
            raise WorldError(f"{child.id}: its parent {child.parent} is neither the root nor a unit")
    for ids, what in ((account_ids, "account"), ([u.id for u in world.units], "organizational unit")):
        if duplicates := {i for i in ids if ids.count(i) > 1}:
            raise WorldError(f"{what} {', '.join(sorted(duplicates))} is there more than once")
    identities.check_access_key_ids(
        key for account in world.accounts for user in account.users for key in user.access_keys
    )
