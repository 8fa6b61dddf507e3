"""Secrets of a world file, put into moto, and its answers of them in AWS's form."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from moto.secretsmanager.models import FakeSecret, ReplicaSecret, secretsmanager_backends

from .table import Table, moment

CREATED = "400d"
"""When secrets were created that say nothing of it."""


@dataclass(frozen=True)
class Secret:
    region: str
    name: str
    id: str
    """What its ARN ends with: its name, a hyphen and six characters."""
    primary_region: str | None
    created: datetime
    is_deleted: bool
    last_accessed: datetime | None
    rotation: bool
    owning_service: str | None
    tags: dict[str, str]
    expect: str | None
    expect_flagged: bool | None

    @property
    def is_replica(self) -> bool:
        return self.primary_region not in (None, self.region)


def secrets(entries: list[dict[str, Any]], account_id: str, now: datetime) -> tuple[Secret, ...]:
    return tuple(_secret(entry, account_id, now) for entry in entries)


def _secret(entry: dict[str, Any], account_id: str, now: datetime) -> Secret:
    table = Table(entry, f"[[account.secret]] {entry.get('name', '?')} of {account_id}")
    region, name = table.need("region"), table.need("name")
    primary_region = table.take("primary_region")
    # An ID that the file leaves out is stable here but is not the simulator's.
    derived = uuid.uuid5(uuid.NAMESPACE_URL, f"{account_id}/{primary_region or region}/{name}")

    def at(value: Any, field: str) -> datetime:
        return moment(value, f"{table.place}: {field}", now)

    table.take("accessed_before")
    deleted, last_accessed = table.take("deleted"), table.take("last_accessed")
    secret = Secret(
        region=region,
        name=name,
        id=table.take("id", f"{name}-{derived.hex[:6]}"),
        primary_region=primary_region,
        created=at(table.take("created", CREATED), "created"),
        is_deleted=deleted is not None and at(deleted, "deleted") <= now,
        last_accessed=None if last_accessed is None else at(last_accessed, "last_accessed"),
        rotation=table.take("rotation", False),
        owning_service=table.take("owning_service"),
        tags=dict(table.take("tags", {})),
        expect=table.take("expect"),
        expect_flagged=table.take("expect_flagged"),
    )
    table.finish()
    return secret


def secrets_manager(account_id: str, of_world: tuple[Secret, ...]) -> None:
    """Puts the secrets of an account into moto, primary secrets before their replicas."""
    for secret in sorted(of_world, key=lambda secret: secret.is_replica):
        backend = secretsmanager_backends[account_id][secret.region]
        if secret.is_replica:
            primary = secretsmanager_backends[account_id][secret.primary_region].secrets[secret.name]
            made = ReplicaSecret(primary, secret.region)
            primary.replicas.append(made)
            backend.secrets[made.arn] = made
        else:
            tags = [{"Key": name, "Value": value} for name, value in secret.tags.items()]
            if secret.owning_service is not None:
                tags.append({"Key": "aws:secretsmanager:owningService", "Value": secret.owning_service})
            made = FakeSecret(account_id, secret.region, secret.name, {}, str(uuid.uuid4()), tags=tags)
            made.arn = f"arn:aws:secretsmanager:{secret.region}:{account_id}:secret:{secret.id}"
            if secret.is_deleted:
                made.delete(secret.created.timestamp())
            backend.secrets[made.arn] = made
        made.of_world = secret


def install_secrets() -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html"""
    for kind in (FakeSecret, ReplicaSecret):
        kind.to_dict = _with_dates(kind.to_dict)


def _with_dates(to_dict_of_moto: Any) -> Any:
    """moto has no last retrieval, and a replica no dates of its own."""

    def to_dict(self: FakeSecret | ReplicaSecret) -> dict[str, Any]:
        entry = to_dict_of_moto(self)
        secret: Secret | None = getattr(self, "of_world", None)
        if secret is None:
            return entry
        entry["CreatedDate"] = entry["LastChangedDate"] = int(secret.created.timestamp())
        entry.pop("LastAccessedDate")
        if secret.last_accessed is not None:
            day = datetime.combine(secret.last_accessed.astimezone(UTC).date(), time(), UTC)
            entry["LastAccessedDate"] = int(day.timestamp())
        if secret.rotation:
            entry["RotationEnabled"] = True
        if secret.is_deleted:
            entry["DeletedDate"] = int(secret.created.timestamp())
        # AWS documents it of replicas; a primary secret may have its own Region.
        if secret.primary_region is not None:
            entry["PrimaryRegion"] = secret.primary_region
        return entry

    return to_dict
