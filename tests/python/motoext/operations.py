"""The operations and fields that moto lacks, added to its response classes as further methods.

Each is written from AWS's API reference. moto calls a response class's method by the operation's name in snake case, so
adding a method adds the operation.
"""

from __future__ import annotations

import json
from typing import Any

from moto.account.responses import AccountResponse
from moto.account.urls import url_paths as account_url_paths
from moto.iam.models import Role, iam_backends
from moto.kms.exceptions import NotFoundException
from moto.kms.responses import KmsResponse
from moto.organizations.models import FakeAccount
from moto.organizations.responses import OrganizationsResponse
from moto.sts.responses import TokenResponse
from moto.utilities.utils import get_partition

from .answers import Answer, json_error, query_error
from .event_history import install_event_history
from .events import install_events
from .iam import install_iam
from .secrets import install_secrets
from .storage import install_storage
from .world import World

# fmt: off
DEFAULT_REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)
"""Regions from before March 2019: where they are on, they are so by default."""

OPT_IN_REGIONS = (
    "af-south-1", "ap-east-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ca-west-1", "eu-central-2",
    "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1",
)
# fmt: on

LIST_REGIONS_PAGE = 20


def install(world: World) -> None:
    """Adds to moto what this world needs. Once a process."""
    KmsResponse.get_key_last_usage = _get_key_last_usage(world)
    KmsResponse.list_key_rotations = _of_symmetric_keys(KmsResponse.list_key_rotations)
    _accept_multi_region_key_ids()
    AccountResponse.list_regions = _list_regions(world)
    account_url_paths["{0}/listRegions$"] = AccountResponse.dispatch
    TokenResponse.assume_role = _trusted(world, TokenResponse.assume_role)
    FakeAccount.describe = _with_paths(world, FakeAccount.describe)
    OrganizationsResponse.list_accounts = _paged(world)
    install_events()
    install_event_history(world)
    install_storage()
    install_secrets()
    install_iam(world)


def _get_key_last_usage(world: World) -> Any:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html"""
    keys = {(account.id, key.region, key.id): key for account in world.accounts for key in account.keys}

    def get_key_last_usage(self: KmsResponse) -> str:
        asked = self._get_param("KeyId")
        if "alias/" in asked:
            raise NotFoundException(f"Invalid keyId {asked}")
        self._validate_cmk_id(asked)
        key = keys[(self.current_account, self.region, self.kms_backend.get_key_id(asked))]
        used: dict[str, Any] = {}
        if key.last_used is not None:
            used = {
                "Operation": key.operation,
                "Timestamp": key.last_used.timestamp(),
                "CloudTrailEventId": key.event_id,
                "KmsRequestId": key.event_id[::-1],
            }
        return json.dumps(
            {
                "KeyId": key.id,
                "KeyCreationDate": key.created.timestamp(),
                "TrackingStartDate": key.tracking_start.timestamp(),
                # Present and empty where no use is recorded.
                "KeyLastUsage": used,
            }
        )

    return get_key_last_usage


def _of_symmetric_keys(list_key_rotations_of_moto: Any) -> Any:
    """ListKeyRotations takes no alias, and no key whose material is never rotated; moto takes both.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """

    def list_key_rotations(self: KmsResponse) -> str | Answer:
        asked = self._get_param("KeyId")
        if "alias/" in asked:
            raise NotFoundException(f"Invalid keyId {asked}")
        self._validate_cmk_id(asked)
        key = self.kms_backend.describe_key(asked)
        if (key.key_spec, key.key_usage) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
            return json_error(400, "UnsupportedOperationException", f"{key.arn} is not a symmetric encryption key.")
        return list_key_rotations_of_moto(self)

    return list_key_rotations


def _accept_multi_region_key_ids() -> None:
    """moto's check of a bare key ID does not know AWS's own form of multi-Region IDs, ``mrk-`` and 32 hex digits."""
    checked_by_moto = KmsResponse._validate_cmk_id

    def _validate_cmk_id(self: KmsResponse, key_id: str) -> None:
        if key_id not in self.kms_backend.keys:
            checked_by_moto(self, key_id)

    KmsResponse._validate_cmk_id = _validate_cmk_id


def _list_regions(world: World) -> Any:
    """https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html"""

    def list_regions(self: AccountResponse) -> str | Answer:
        caller = self.current_account
        asked = self._get_param("AccountId") or caller
        administrators = {world.management_account, *world.delegated_administrators}
        if asked != caller and caller not in administrators:
            return json_error(403, "AccessDeniedException", f"User is not authorized to list the Regions of {asked}")
        if asked == world.management_account and self._get_param("AccountId"):
            return json_error(400, "ValidationException", "The management account names no AccountId to mean itself")
        enabled = world.account(asked).regions
        statuses = self._get_param("RegionOptStatusContains") or []

        def status(name: str) -> str:
            if name not in enabled:
                return "DISABLED"
            return "ENABLED_BY_DEFAULT" if name in DEFAULT_REGIONS else "ENABLED"

        regions = [
            {"RegionName": name, "RegionOptStatus": status(name)}
            for name in sorted({*DEFAULT_REGIONS, *OPT_IN_REGIONS, *enabled})
        ]
        regions = [region for region in regions if not statuses or region["RegionOptStatus"] in statuses]
        start = int(self._get_param("NextToken") or 0)
        size = int(self._get_param("MaxResults") or LIST_REGIONS_PAGE)
        answer: dict[str, Any] = {"Regions": regions[start : start + size]}
        if start + size < len(regions):
            answer["NextToken"] = str(start + size)
        return json.dumps(answer)

    return list_regions


def _trusted(world: World, assume_role_of_moto: Any) -> Any:
    """AssumeRole only where the role exists and its trust policy lets this caller in; moto asks for neither."""

    def assume_role(self: TokenResponse) -> Any:
        arn = self._get_param("RoleArn")
        account_id = arn.split(":")[4]
        caller = self.current_account
        if not _may_assume(arn, account_id, caller, self._get_param("ExternalId")):
            # One wording for a role that is missing and one that does not trust the caller, as AWS has it.
            user = f"arn:{get_partition(self.region)}:sts::{caller}:assumed-role/{world.scanner.role}/sim"
            message = f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            return query_error(403, "AccessDenied", message)
        session_seconds = world.account(account_id).session_seconds
        self.params["DurationSeconds"] = min(self._get_int_param("DurationSeconds", 3600), session_seconds)
        return assume_role_of_moto(self)

    return assume_role


def _may_assume(arn: str, account_id: str, caller: str, external_id: str | None) -> bool:
    # moto makes a backend for any account ID it is asked for; an account outside the world simply has no roles.
    roles: list[Role] = list(iam_backends[account_id][arn.split(":")[1]].get_roles())
    role = next((role for role in roles if role.arn == arn), None)
    if role is None:
        return False
    document = json.loads(role.assume_role_policy_document)
    for statement in document["Statement"]:
        principals = statement["Principal"]["AWS"]
        trusted = [principals] if isinstance(principals, str) else principals
        required = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId", external_id)
        if any(principal.split(":")[4] == caller for principal in trusted) and required == external_id:
            return True
    return False


def _with_paths(world: World, describe_of_moto: Any) -> Any:
    """``Account.Paths``, which moto lacks, and only those state fields that this world's AWS answers."""

    def describe(self: FakeAccount) -> dict[str, Any]:
        account = describe_of_moto(self)
        if world.paths:
            account["Paths"] = [world.path_of(world.account(self.id))]
        if world.account_state == "state":
            del account["Status"]
        if world.account_state == "status":
            del account["State"]
        return account

    return describe


def _paged(world: World) -> Any:
    """ListAccounts in pages of at most the world's size, also when the request asks for more or names no size."""

    def list_accounts(self: OrganizationsResponse) -> str:
        size = min(self._get_int_param("MaxResults") or world.page_size, world.page_size)
        accounts, next_token = self.organizations_backend.list_accounts(
            max_results=size, next_token=self._get_param("NextToken")
        )
        answer = {"Accounts": accounts}
        if next_token:
            answer["NextToken"] = next_token
        return json.dumps(answer)

    return list_accounts
