"""Operations and fields that ministack lacks, as AWS's API references have them."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import account, cloudformation, cloudtrail, iam, kms
from ministack.services.cloudformation import provisioners

DAY = 86_400

SUFFIX = 13
"""Characters that ministack ends the name of a resource of a stack with."""

Answer = tuple[int, dict[str, str], bytes]


def install(regions: list[str]) -> None:
    account._REGIONS_LIST[:] = regions
    provisioners._physical_name = _named_anew(provisioners._physical_name)
    served_by_ministack = kms.handle_request
    added = {"GetKeyLastUsage": _get_key_last_usage, "ListKeyRotations": _list_key_rotations}

    async def handle_request(method: str, path: str, headers: dict, body: bytes, query_params: dict) -> Answer:
        operation = added.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if operation is None:
            return await served_by_ministack(method, path, headers, body, query_params)
        key = kms._resolve_key(json.loads(body)["KeyId"])
        if key is None:
            return error_response_json("NotFoundException", "Key does not exist", 400)
        return json_response(operation(key))

    kms.handle_request = handle_request
    iam._IAM_HANDLERS["ListServiceSpecificCredentials"] = _list_service_specific_credentials


def _list_service_specific_credentials(_: dict[str, Any]) -> Answer:
    """None, since ministack makes none."""
    operation = "ListServiceSpecificCredentials"
    listed = "<ServiceSpecificCredentials></ServiceSpecificCredentials><IsTruncated>false</IsTruncated>"
    return iam._xml(200, f"{operation}Response", f"<{operation}Result>{listed}</{operation}Result>", ns="iam")


def _refuse(what: dict[str, Any], arn: str, moment: float) -> None:
    """Puts into CloudTrail's event history that somebody was refused a key; ministack records no requests."""
    identity = {"type": "IAMUser", "arn": f"arn:aws:iam::{what['account']}:user/nightly"}
    record = {"userIdentity": identity, "eventName": "Decrypt", "errorCode": "DisabledException"}
    event = {
        "EventId": f"{what['id']}-{moment}",
        "EventName": "Decrypt",
        "EventSource": "kms.amazonaws.com",
        "EventTime": moment,
        "Resources": [{"ResourceType": "AWS::KMS::Key", "ResourceName": arn}],
        "CloudTrailEvent": json.dumps(record),
    }
    history = cloudtrail._events._data.setdefault((what["account"], what["region"], "events"), deque())
    history.append(event)


def _named_anew(named_by_ministack: Any) -> Any:
    """Names what a stack makes anew when the stack is deleted and created again, as CloudFormation does."""

    def physical_name(stack_name: str, logical_id: str, *, lowercase: bool = False, **more: Any) -> str:
        name = named_by_ministack(stack_name, logical_id, lowercase=lowercase, **more)
        stack = cloudformation._stacks[stack_name]["StackId"]
        suffix = hashlib.sha256(f"{name} {stack}".encode()).hexdigest()[:SUFFIX]
        return name[:-SUFFIX] + (suffix if lowercase else suffix.upper())

    return physical_name


def _get_key_last_usage(key: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html"""
    moment = key.get("_last_used")
    # Present and empty where no use is recorded.
    use = {"Operation": "Decrypt", "Timestamp": moment, "CloudTrailEventId": key["KeyId"], "KmsRequestId": key["KeyId"]}
    return {
        "KeyId": key["KeyId"],
        "KeyCreationDate": key["CreationDate"],
        "TrackingStartDate": key["CreationDate"],
        "KeyLastUsage": use if moment else {},
    }


def _list_key_rotations(_key: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html"""
    return {"Rotations": [], "Truncated": False}


def put_into_the_past(what: dict[str, Any], now: float) -> None:
    """Gives a KMS key or an access key of an account a past: nothing can be made older than it is through AWS's API."""
    created = now - what["created_days_ago"] * DAY
    if what["kind"] == "kms":
        key = kms._keys._data[what["account"], what["region"], what["id"]]
        key["CreationDate"] = int(created)
        if "last_used_days_ago" in what:
            key["_last_used"] = int(now - what["last_used_days_ago"] * DAY)
        if "refused_days_ago" in what:
            _refuse(what, key["Arn"], now - what["refused_days_ago"] * DAY)
    else:
        iam._access_keys._data[what["account"], what["id"]]["CreateDate"] = iam._future(-what["created_days_ago"] * DAY)
