"""Puts a world into moto's backends: the state that an organization's administrators would have made through the APIs.

moto draws random identifiers; while a thing is created its identifier is the world's own (:func:`_identified`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import moto.iam.models
import moto.kms.models
import moto.organizations.utils
from moto.events.models import events_backends
from moto.iam.models import AccessKey, AccessKeyLastUsed, iam_backends
from moto.kms.models import Key as MotoKey
from moto.kms.models import kms_backends
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.s3.models import s3_backends
from moto.securityhub.models import securityhub_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

from .clock import naive
from .identities import AccessKey as WorldAccessKey
from .identities import User
from .secrets import secrets_manager
from .storage import grants_and_policy, volumes_and_snapshots
from .world import Account, EventBus, Key, World

READ_BACK_SUFFIX = "-read-back"
"""Every topic and event bus has an SQS queue of its name and this suffix behind it, in its own account and Region."""


def populate(world: World) -> None:
    """Fills moto with the world. moto must be empty."""
    organization(world)
    for account in world.accounts:
        member_role(world, account)
        for key in account.keys:
            kms_key(world, account, key)
        volumes_and_snapshots(account)
        secrets_manager(account.id, account.secrets)
        for user in account.users:
            iam_user(world, account, user)
    scanner_credentials(world)
    for bucket in world.buckets:
        s3_backends[bucket.account][get_partition(bucket.region)].create_bucket(bucket.name, bucket.region)
    for arn in world.topics:
        topic_with_queue(arn)
    for bus in world.event_buses:
        event_bus_with_queue(bus)
    for hub in world.security_hubs:
        securityhub_backends[hub.account][hub.region].enable_security_hub()


def organization(world: World) -> None:
    backend = organizations_backends[world.management_account][get_partition(world.region())]
    with (
        _identified(moto.organizations.utils, "make_random_org_id", world.organization_id),
        _identified(moto.organizations.utils, "make_random_root_id", world.root),
        _identified(moto.organizations.utils, "make_random_account_id", world.management_account),
    ):
        backend.create_organization(world.region(), FeatureSet="ALL")

    for unit in world.units:
        with _identified(moto.organizations.utils, "make_random_ou_id", unit.id):
            backend.create_organizational_unit(Name=unit.name, ParentId=unit.parent)

    for account in world.accounts:
        if account.id != world.management_account:
            with _identified(moto.organizations.utils, "make_random_account_id", account.id):
                backend.create_account(AccountName=account.name, Email=account.email)
        place_account(backend, world, account)

    for account_id in world.delegated_administrators:
        # moto keeps an organization in its management account's backend only; a delegated administrator sees the same.
        delegate = organizations_backends[account_id][get_partition(world.region())]
        delegate.org, delegate.accounts, delegate.ou = backend.org, backend.accounts, backend.ou


def place_account(backend: OrganizationsBackend, world: World, account: Account) -> None:
    made = backend.get_account_by_id(account.id)
    made.name, made.email, made.parent_id = account.name, account.email, account.parent
    made.state = account.state
    # The older field knows fewer states.
    made.status = {"PENDING_ACTIVATION": "ACTIVE", "CLOSED": "SUSPENDED"}.get(account.state, account.state)
    # moto sorts and pages accounts by this moment, so no two may share it.
    joined = world.now - timedelta(days=1000) + timedelta(seconds=world.accounts.index(account))
    made.create_time = joined.replace(tzinfo=None)


def member_role(world: World, account: Account) -> None:
    """The role a scanner assumes in an account, with its trust policy as CloudFormation would have made it."""
    if not account.role:
        return
    path, _, name = account.role.rpartition("/")
    partition = get_partition(world.region())
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:{partition}:iam::{trusted}:root" for trusted in account.trusts]},
        "Action": "sts:AssumeRole",
    }
    if account.external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": account.external_id}}
    iam_backends[account.id][partition].create_role(
        role_name=name,
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        path=f"/{path}/" if path else "/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )


def kms_key(world: World, account: Account, key: Key) -> None:
    backend = kms_backends[account.id][key.region]
    with _identified(moto.kms.models, "generate_key_id", key.id):
        made = backend.create_key(
            policy=None,
            key_usage=key.usage,
            key_spec=key.spec,
            description=key.description,
            tags=[{"TagKey": name, "TagValue": value} for name, value in key.tags.items()],
            multi_region=key.multi_region is not None,
            origin=key.origin,
        )
    made.creation_date = key.created.timestamp()
    made.key_manager = key.manager
    made.key_state = key.state
    made.enabled = key.state == "Enabled"
    made.rotations = [
        {
            "KeyId": key.id,
            "RotationDate": date.timestamp(),
            # Imported material is never rotated by itself.
            "RotationType": "ON_DEMAND" if key.origin == "EXTERNAL" else "AUTOMATIC",
        }
        for date in sorted(key.rotations)
        if date <= world.now
    ]
    if key.deletion_date is not None:
        made.deletion_date = naive(key.deletion_date)
    if key.multi_region is not None:
        made.multi_region_configuration = multi_region_configuration(made, key)
    grants_and_policy(made, key)
    for alias in key.aliases:
        backend.create_alias(made.id, alias)


def multi_region_configuration(made: MotoKey, key: Key) -> dict:
    def entry(region: str) -> dict[str, str]:
        return {"Arn": made.arn.replace(f":{key.region}:", f":{region}:"), "Region": region}

    primary = key.multi_region_primary or key.region
    replicas = key.multi_region_replicas or ((key.region,) if key.multi_region == "REPLICA" else ())
    return {
        "MultiRegionKeyType": key.multi_region,
        "PrimaryKey": entry(primary),
        "ReplicaKeys": [entry(region) for region in replicas],
    }


def iam_user(world: World, account: Account, user: User) -> None:
    region = world.region()
    with _identified(moto.iam.models, "random_resource_id", user.id):
        made = iam_backends[account.id][get_partition(region)].create_user(
            region_name=region,
            user_name=user.name,
            path=user.path,
            tags=[{"Key": name, "Value": value} for name, value in user.tags.items()],
        )
    made.create_date = naive(user.created).replace(microsecond=0)
    # The backend does not get to know these keys: it would take them for credentials, and allow a user only two.
    made.access_keys = [iam_access_key(account, user, key) for key in user.access_keys]


def iam_access_key(account: Account, user: User, key: WorldAccessKey) -> AccessKey:
    with _identified(moto.iam.models, "generate_access_key_id_from_account_id", key.id):
        made = AccessKey(user_name=user.name, prefix="AKIA", account_id=account.id, status=key.status)
    # IAM tells whole seconds.
    made.create_date = naive(key.created).replace(microsecond=0)
    if key.last_use is not None:
        used = naive(key.last_use.at).replace(microsecond=0)
        made.last_used = AccessKeyLastUsed(used, key.last_use.service, key.last_use.region)
    return made


def scanner_credentials(world: World) -> None:
    """The scanner's access key: a session of its own role, which is how a Lambda function holds credentials."""
    scanner, region = world.scanner, world.region()
    partition = get_partition(region)
    access_key = AccessKey(user_name=None, prefix="ASIA", account_id=scanner.account)
    access_key.access_key_id = scanner.access_key_id
    access_key.secret_access_key = scanner.secret_access_key
    access_key.role_arn = f"arn:{partition}:iam::{scanner.account}:role/{scanner.role}"
    iam_backends[scanner.account][partition].access_keys[scanner.access_key_id] = access_key
    sts_backends[scanner.account][partition].assumed_roles.append(
        AssumedRole(
            account_id=scanner.account,
            region_name=region,
            access_key=access_key,
            role_session_name="sim",
            role_arn=access_key.role_arn,
            policy="",
            duration=86_400,
            external_id="",
        )
    )


def topic_with_queue(arn: str) -> None:
    _, _, _, region, account_id, name = arn.split(":")
    sns_backends[account_id][region].create_topic(name)
    queue = sqs_backends[account_id][region].create_queue(name + READ_BACK_SUFFIX)
    sns_backends[account_id][region].subscribe(arn, queue.queue_arn, "sqs")


def event_bus_with_queue(bus: EventBus) -> None:
    events = events_backends[bus.account][bus.region]
    if bus.name != "default":
        events.create_event_bus(bus.name)
    queue = sqs_backends[bus.account][bus.region].create_queue(bus.name + READ_BACK_SUFFIX)
    everything = json.dumps({"account": [bus.account]})
    events.put_rule(name="everything", event_bus_arn=bus.name, event_pattern=everything)
    events.put_targets("everything", bus.name, [{"Id": "queue", "Arn": queue.queue_arn}])


@contextmanager
def _identified(module: object, generator: str, identifier: str) -> Iterator[None]:
    """While it lasts, moto's generator of random identifiers answers the world's own."""
    with mock.patch.object(module, generator, lambda *_args, **_kwargs: identifier):
        yield
