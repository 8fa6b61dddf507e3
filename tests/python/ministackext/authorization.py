"""What AWS decides on a request by, where ministack knows less: condition keys, policy variables, resources."""

from __future__ import annotations

import json
import re
import time
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.services import iam

from . import organization, security_hub

tls_version: ContextVar[str] = ContextVar("tls_version", default="1.3")
"""Of the connection that the request came over."""

calls: list[dict[str, Any]] = []
"""Every request of a principal with policies, in order: when, whose, what, and whether it was allowed."""

via_s3: ContextVar[bool] = ContextVar("via_s3", default=False)
"""Whether S3 uses a KMS key for the caller."""

key_of_object: dict[str, str] = {}
"""The KMS key that an object was encrypted with, by its path."""

VARIABLE = re.compile(r"\$\{([^${}]+)\}")


def install() -> None:
    # Without its model, ministack would not know the actions of the service, and ask nobody.
    iam_actions._BOTOCORE_SERVICE_MAP["account"] = ["account"]
    iam_evaluator._resolve_condition_key = _with_more_keys(iam_evaluator._resolve_condition_key)
    iam_evaluator._conditions_met = _with_variables(iam_evaluator._conditions_met)
    iam_actions.extract_resource_arn = _with_more_resources(iam_actions.extract_resource_arn)
    iam_actions.s3_additional_checks = _with_kms_key(iam_actions.s3_additional_checks)
    iam_actions.request_tag_context = _with_keys_of_events(iam_actions.request_tag_context)
    iam_evaluator.evaluate_trust_policy = _of_the_very_role(iam_evaluator.evaluate_trust_policy)
    iam_evaluator.enforce = _recorded(iam_evaluator.enforce)


def _with_more_keys(resolved_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

    def resolve(key: str, context: EvalContext) -> Any:
        match key.lower():
            case "aws:resourceorgid":
                return organization.id_of(iam_evaluator._account_from_arn(context.resource_arn))
            case "s3:tlsversion":
                return tls_version.get()
            case "kms:viaservice":
                return f"s3.{context.region}.amazonaws.com" if via_s3.get() else None
        return resolved_by_ministack(key, context)

    return resolve


def _with_variables(met_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    A variable that has no value matches nothing.
    """

    def value(text: Any, context: EvalContext) -> Any:
        def of(variable: re.Match[str]) -> str:
            known = iam_evaluator._resolve_condition_key(variable[1], context)
            return variable[0] if known is None else str(known)

        return VARIABLE.sub(of, text) if isinstance(text, str) else text

    def met(conditions: dict[str, Any], context: EvalContext) -> bool:
        filled_in = {
            operator: {
                key: [value(one, context) for one in (expected if isinstance(expected, list) else [expected])]
                for key, expected in keys.items()
            }
            for operator, keys in (conditions or {}).items()
        }
        return met_by_ministack(filled_in, context)

    return met


def _with_more_resources(extracted_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html"""

    def extract(
        service: str, method: str, path: str, headers: dict, body: bytes, query: dict, region: str, account_id: str
    ) -> str:
        if service == "account":
            return f"arn:aws:account::{account_id}:account"
        if service == security_hub.NAME:
            return security_hub.default_product(region, account_id)
        if service == "organizations":
            return _of_organization(json.loads(body or b"{}"), account_id)
        if service == "iam" and query.get("Action") == ["GetAccessKeyLastUsed"]:
            # The user whom the access key belongs to.
            key = iam._access_keys.get(query["AccessKeyId"][0])
            return f"arn:aws:iam::{account_id}:user/{key['UserName']}" if key else "*"
        return extracted_by_ministack(service, method, path, headers, body, query, region, account_id)

    return extract


def _of_organization(request: dict[str, Any], account_id: str) -> str:
    named = request.get("OrganizationalUnitId") or request.get("ChildId")
    if named is None:
        # ListAccounts and others have no resource.
        return "*"
    kind = "ou" if named.startswith("ou-") else "account"
    return f"arn:aws:organizations::{account_id}:{kind}/{organization.ID}/{named}"


def _with_kms_key(checked_by_ministack: Any) -> Any:
    """What S3 does with the KMS key of an object for the caller.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """

    def checks(method: str, path: str, headers: dict, body: bytes, query: dict) -> list[tuple[str, str]]:
        found = list(checked_by_ministack(method, path, headers, body, query))
        if method == "PUT" and (key := headers.get("x-amz-server-side-encryption-aws-kms-key-id")):
            key_of_object[path] = key
            found.append(("kms:GenerateDataKey", key))
        elif method == "GET" and path in key_of_object:
            found.append(("kms:Decrypt", key_of_object[path]))
        via_s3.set(True)
        return found

    return checks


def _with_keys_of_events(context_of_ministack: Any) -> Any:
    """``events:source`` and ``events:detail-type`` of PutEvents.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html says of both that they match "the
    source" and "the detail-type of the event", and nothing of a call whose events differ. Such a call has here several
    values for a key of one value, and StringEquals does not match it.
    """

    def context(service: str, action: str, body: bytes, params: dict) -> dict[str, Any]:
        keys = context_of_ministack(service, action, body, params)
        if action == "events:PutEvents":
            entries = json.loads(body)["Entries"]
            for key, field in (("events:source", "Source"), ("events:detail-type", "DetailType")):
                values = {entry.get(field) for entry in entries}
                keys[key] = values.pop() if len(values) == 1 else sorted(map(str, values))
        return keys

    return context


def _of_the_very_role(trusted_by_ministack: Any) -> Any:
    """Ministack finds a role by its name, whatever path the ARN has."""

    def trusts(trust: Any, caller: str, context: EvalContext | None = None) -> bool:
        if context is not None and context.action == "sts:AssumeRole":
            account_id, name = context.resource_arn.split(":")[4], context.resource_arn.rpartition("/")[2]
            if iam._roles.get_scoped(account_id, None, name)["Arn"] != context.resource_arn:
                return False
        return trusted_by_ministack(trust, caller, context)

    return trusts


def record(principal: str, action: str, resource: str, allowed: bool) -> None:
    calls.append(
        {"at": time.time(), "principal": principal, "action": action, "resource": resource, "allowed": allowed}
    )


def _recorded(enforced_by_ministack: Any) -> Any:
    def enforce(access_key_id: str, action: str, service: str, region: str, **more: Any) -> Any:
        refused = enforced_by_ministack(access_key_id, action, service, region, **more)
        caller = iam_evaluator.caller_arn()
        if not caller.endswith(":root"):
            record(caller, action, more.get("resource_arn", "*"), refused is None)
        return refused

    return enforce


def allows(principal: str, role_name: str, account_id: str, action: str, resource: str) -> bool:
    """Whether a role and the resource's own policy allow what a service does in the role's name."""
    context = EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=account_id,
        action=action,
        resource_arn=resource,
        region="",
        secure_transport=True,
    )
    decision = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(role_name, account_id))
    own = iam_evaluator._resource_policy(action.partition(":")[0], resource)
    if own is not None:
        decision = iam_evaluator.combine_resource_policy(decision, context, *own)
    allowed = decision.decision == "Allow"
    record(principal, action, resource, allowed)
    return allowed
