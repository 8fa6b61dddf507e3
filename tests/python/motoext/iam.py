"""IAM where moto is not AWS: the credential report, pages, last uses, service-specific credentials.

Users, access keys and tags are moto's own, as ``populate`` made them.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import ValidationError
from moto.iam.models import AccessKeyLastUsed
from moto.iam.responses import IamResponse
from moto.utilities.utils import get_partition

from .answers import Answer, query_error
from .clock import Clock
from .credential_report import CredentialReport, Phase
from .identities import ServiceCredential, User
from .world import World

PAGE = 100
LONGEST_PAGE = 1000
STATES = {
    Phase.ABSENT: ("STARTED", "No report exists. Starting a new report generation task"),
    Phase.EXPIRED: ("STARTED", "No report exists. Starting a new report generation task"),
    Phase.RUNNING: ("INPROGRESS", None),
    Phase.READY: ("COMPLETE", None),
}
NO_REPORT = {
    Phase.ABSENT: (410, "ReportNotPresent", "No report exists. Generate one first."),
    Phase.EXPIRED: (410, "ReportExpired", "The report is more than 4 hours old. Generate another."),
    Phase.RUNNING: (404, "ReportInProgress", "The report is being generated."),
}


def install_iam(world: World) -> None:
    """Adds to moto's IAM what this world needs. Once a process."""
    reports, clock = _reports(world), Clock(world.now)
    IamResponse.generate_credential_report = _generate_credential_report(reports, clock)
    IamResponse.get_credential_report = _get_credential_report(reports, clock)
    IamResponse.list_users = _list_users
    IamResponse.list_access_keys = _list_access_keys
    IamResponse.list_user_tags = _list_user_tags
    IamResponse.get_access_key_last_used = _get_access_key_last_used
    IamResponse.list_service_specific_credentials = _list_service_specific_credentials(world)


def _reports(world: World) -> dict[str, CredentialReport]:
    partition = get_partition(world.region())
    return {account.id: CredentialReport(account, partition) for account in world.accounts}


def _generate_credential_report(reports: dict[str, CredentialReport], clock: Clock) -> Any:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html"""

    def generate_credential_report(self: IamResponse) -> ActionResult:
        state, description = STATES[reports[self.current_account].generate(clock.now())]
        return ActionResult({"State": state, "Description": description})

    return generate_credential_report


def _get_credential_report(reports: dict[str, CredentialReport], clock: Clock) -> Any:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html"""

    def get_credential_report(self: IamResponse) -> ActionResult | Answer:
        report = reports[self.current_account]
        phase = report.phase(clock.now())
        if phase is not Phase.READY:
            return query_error(*NO_REPORT[phase])
        return ActionResult(
            {
                "Content": report.content(),
                "ReportFormat": "text/csv",
                "GeneratedTime": report.began.astimezone(UTC).replace(microsecond=0),
            }
        )

    return get_credential_report


def _list_users(self: IamResponse) -> ActionResult:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html"""
    users = self.backend.list_users(self._get_param("PathPrefix"), None, None)
    return _page(self, "Users", sorted(users, key=lambda user: user.name))


def _list_access_keys(self: IamResponse) -> ActionResult:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html"""
    name = self._get_param("UserName")
    if not name:
        # Only a user may leave it out, and every caller here is a role.
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return _page(self, "AccessKeyMetadata", self.backend.list_access_keys(name))


def _list_user_tags(self: IamResponse) -> ActionResult:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html"""
    return _page(self, "Tags", self.backend.list_user_tags(self._get_param("UserName")))


def _list_service_specific_credentials(world: World) -> Any:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html"""

    def list_service_specific_credentials(self: IamResponse) -> ActionResult:
        name, of_all = self._get_param("UserName"), self._get_param("AllUsers")
        if name and of_all:
            raise ValidationError("UserName and AllUsers cannot be specified together")
        if not name and not of_all:
            raise ValidationError("Must specify userName when calling with non-User credentials")
        service = self._get_param("ServiceName")
        credentials = [
            _service_credential(user, credential)
            for user in world.account(self.current_account).users
            for credential in user.service_credentials
            if name in (None, "", user.name) and service in (None, "", credential.service)
        ]
        return _page(self, "ServiceSpecificCredentials", credentials)

    return list_service_specific_credentials


def _service_credential(user: User, credential: ServiceCredential) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredentialMetadata.html"""
    entry = {
        "UserName": user.name,
        "Status": credential.status,
        "CreateDate": credential.created.astimezone(UTC).replace(microsecond=0),
        "ServiceSpecificCredentialId": credential.id,
        "ServiceName": credential.service,
    }
    if credential.expires is not None:
        entry["ExpirationDate"] = credential.expires.astimezone(UTC).replace(microsecond=0)
    return entry


def _get_access_key_last_used(self: IamResponse) -> ActionResult | Answer:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html"""
    asked = self._get_param("AccessKeyId")
    keys = (key for user in self.backend.users.values() for key in user.access_keys)
    key = next((key for key in keys if key.access_key_id == asked), None)
    if key is None:
        # AWS does not tell a key that is not there from one of another account.
        message = f"User is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key {asked}"
        return query_error(403, "AccessDenied", message)
    return ActionResult({"UserName": key.user_name, "AccessKeyLastUsed": _last_used(key.last_used)})


def _last_used(use: AccessKeyLastUsed | None) -> dict[str, Any]:
    if use is None:
        return {"ServiceName": "N/A", "Region": "N/A"}
    return {"LastUsedDate": use.timestamp, "ServiceName": use.service, "Region": use.region}


def _page(response: IamResponse, member: str, items: list[Any]) -> ActionResult:
    """The page that a listing asks for; its marker is the position of the item to begin with."""
    size = response._get_int_param("MaxItems", PAGE)
    if not 1 <= size <= LONGEST_PAGE:
        raise ValidationError(f"MaxItems is {size}; it must be from 1 to {LONGEST_PAGE}")
    marker = response._get_param("Marker", "0")
    if not marker.isdecimal() or int(marker) > len(items):
        raise ValidationError(f"Invalid Marker: {marker}")
    end = int(marker) + size
    answer: dict[str, Any] = {member: items[int(marker) : end], "IsTruncated": end < len(items)}
    if answer["IsTruncated"]:
        answer["Marker"] = str(end)
    return ActionResult(answer)
