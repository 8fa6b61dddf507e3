"""EBS volumes and snapshots, grants and key policies: put into moto, and its answers of them in AWS's form."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import moto.ec2.models.elastic_block_store as moto_storage
from moto.ec2.models import ec2_backends
from moto.kms.exceptions import NotFoundException
from moto.kms.models import Grant as MotoGrant
from moto.kms.models import Key as MotoKey
from moto.kms.responses import KmsResponse

from .clock import naive
from .world import Account, Key


def volumes_and_snapshots(account: Account) -> None:
    for volume in account.volumes:
        backend = ec2_backends[account.id][volume.region]
        key = None if volume.kms_key is None else account.arn_of_key(volume.region, volume.kms_key)
        with mock.patch.object(moto_storage, "random_volume_id", lambda volume=volume: volume.id):
            made = backend.create_volume(
                volume.size, f"{volume.region}a", encrypted=key is not None, kms_key_id=key, volume_type="gp2"
            )
        made.create_time = naive(volume.created)
    for snapshot in account.snapshots:
        backend = ec2_backends[account.id][snapshot.region]
        key = None if snapshot.kms_key is None else account.arn_of_key(snapshot.region, snapshot.kms_key)
        with mock.patch.object(moto_storage, "random_snapshot_id", lambda snapshot=snapshot: snapshot.id):
            # Its volume need not exist any more; moto wants one while it makes a snapshot.
            of = backend.create_volume(snapshot.size, f"{snapshot.region}a")
            made = backend.create_snapshot(of.id, snapshot.description)
        del backend.volumes[of.id]
        of.id = snapshot.volume
        made.start_time = naive(snapshot.created)
        made.encrypted, made.kms_key_id = key is not None, key


def grants_and_policy(made: MotoKey, key: Key) -> None:
    for grant in key.grants:
        granted = MotoGrant(made.arn, grant.name, grant.grantee, list(grant.operations), {}, grant.retiring)
        granted.id, granted.told = grant.id, grant
        made.grants[grant.id] = granted
    if key.policy is not None:
        made.policy = key.policy


def install_storage() -> None:
    """Brings moto's answers to AWS's form where they differ in what a census reads."""
    MotoGrant.to_json = _grant_to_json(MotoGrant.to_json)
    KmsResponse.list_grants = _by_id(KmsResponse.list_grants)
    KmsResponse.get_key_policy = _get_key_policy


def _grant_to_json(to_json_of_moto: Any) -> Any:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html"""

    def to_json(self: MotoGrant) -> dict[str, Any]:
        told = {name: value for name, value in to_json_of_moto(self).items() if value}
        told["CreationDate"] = self.told.created.timestamp()
        if self.told.grantee_service:
            told["GranteeServicePrincipal"] = self.told.grantee_service
        return told

    return to_json


def _by_id(list_grants_of_moto: Any) -> Any:
    """ListGrants takes no alias, and says of a key that is not there; moto takes one, and fails."""

    def list_grants(self: KmsResponse) -> str:
        _refuse_alias(self)
        self._validate_cmk_id(self._get_param("KeyId"))
        return list_grants_of_moto(self)

    return list_grants


def _get_key_policy(self: KmsResponse) -> str:
    """The name of a policy may be left out; moto wants it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
    """
    _refuse_alias(self)
    named, name = self._get_param("KeyId"), self._get_param("PolicyName") or "default"
    self._validate_cmk_id(named)
    if name != "default":
        raise NotFoundException("No such policy exists")
    return json.dumps({"Policy": self.kms_backend.get_key_policy(named), "PolicyName": name})


def _refuse_alias(request: KmsResponse) -> None:
    """These operations take a key by its ID or ARN alone."""
    named = request._get_param("KeyId")
    if "alias/" in named:
        raise NotFoundException(f"Invalid keyId {named}")
