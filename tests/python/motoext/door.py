"""What a request meets before moto's services: who is calling, which call it is, and whether the world refuses it.

A WSGI application in front of moto's. It keeps a log of every call, which ``GET /_motoext/calls`` answers as JSON.
"""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from .answers import Answer, ec2_error, json_error, query_error, s3_error
from .world import World

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_CREDENTIAL = re.compile(r"Credential=(?P<access_key>[^/]+)/\d{8}/(?P<region>[^/]*)/(?P<service>[^/]+)/aws4_request")
_QUERY_SERVICES = {"sts", "sns", "iam", "ec2"}
_REGIONAL_SERVICES = {"kms", "ec2", "cloudtrail", "secretsmanager"}
_DENIED = {
    "sts": "AccessDenied",
    "s3": "AccessDenied",
    "sns": "AuthorizationError",
    "iam": "AccessDenied",
    "ec2": "UnauthorizedOperation",
}
_UNKNOWN_TOKEN = {
    "s3": "InvalidAccessKeyId",
    **dict.fromkeys(_QUERY_SERVICES, "InvalidClientTokenId"),
    "ec2": "AuthFailure",
}
_OPERATIONS_OF_A_UNIT = ("OrganizationalUnitId", "ChildId", "ParentId", "AccountId")


@dataclass(frozen=True)
class Call:
    """One request, named as IAM names it."""

    operation: str
    account: str
    region: str
    resource: str
    """KMS: the key asked about. IAM: the access key or the user. Organizations: the unit or account. STS: the role's
    ARN. S3: bucket and key. EventBridge: the bus of the first entry."""
    status: int = 0

    @property
    def service(self) -> str:
        return self.operation.partition(":")[0]


class Door:
    def __init__(self, world: World, services: Application) -> None:
        self.world = world
        self.services = services
        self.lock = threading.Lock()
        self.calls: list[Call] = []
        self.refusals = [replace(refusal) for refusal in world.refusals]

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/_motoext/calls":
            with self.lock:
                body = json.dumps([asdict(call) for call in self.calls])
            return _send((200, {"Content-Type": "application/json"}, body), start_response)
        credential = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if credential is None:
            return self.services(environ, start_response)

        access_key = credential["access_key"]
        call = _call(environ, credential["service"], credential["region"], _account_of(access_key))
        refused = self.refuse(call, access_key, environ["REQUEST_METHOD"])
        if refused is not None:
            self.note(call, refused[0])
            return _send(refused, start_response)

        def start_and_note(status: str, *rest: Any) -> Any:
            self.note(call, int(status.split()[0]))
            return start_response(status, *rest)

        return self.services(environ, start_and_note)

    def note(self, call: Call, status: int) -> None:
        with self.lock:
            self.calls.append(replace(call, status=status))

    def refuse(self, call: Call, access_key: str, method: str) -> Answer | None:
        """Why AWS would not serve this call, if so."""
        service = call.service

        def error(status: int, code: str, message: str) -> Answer:
            if service == "s3":
                return s3_error(status, code, message, method)
            if service == "ec2":
                return ec2_error(401 if code == "AuthFailure" else status, code, message)
            return (query_error if service in _QUERY_SERVICES else json_error)(status, code, message)

        if not call.account:
            code = _UNKNOWN_TOKEN.get(service, "UnrecognizedClientException")
            return error(403 if service in _UNKNOWN_TOKEN else 400, code, "The security token is invalid")
        if _expired(call.account, access_key, call.region):
            json_service = service not in _QUERY_SERVICES and service != "s3"
            code = "ExpiredTokenException" if json_service else "ExpiredToken"
            if service == "ec2":
                return error(400, "RequestExpired", "Request has expired.")
            return error(400 if json_service or service == "s3" else 403, code, "The security token has expired")
        if service in _REGIONAL_SERVICES and call.region not in self.world.account(call.account).regions:
            code = "AuthFailure" if service == "ec2" else "UnrecognizedClientException"
            return error(400, code, "The security token included in the request is invalid.")
        if service == "organizations" and call.account not in {
            self.world.management_account,
            *self.world.delegated_administrators,
        }:
            return error(400, "AccessDeniedException", "You don't have permissions to access this resource.")
        with self.lock:
            refusal = next((r for r in self.refusals if r.times != 0 and self.matches(r, call)), None)
            if refusal is None:
                return None
            if refusal.times is not None:
                refusal.times -= 1
        code = refusal.code or _DENIED.get(service, "AccessDeniedException")
        status = refusal.status or (400 if service in ("kms", "organizations", "events", "secretsmanager") else 403)
        message = refusal.message or f"User is not authorized to perform: {call.operation}"
        return error(status, code, message)

    def matches(self, refusal: Any, call: Call) -> bool:
        account = call.resource.split(":")[4] if call.operation == "sts:AssumeRole" else call.account
        return (
            refusal.operation in ("*", f"{call.service}:*", call.operation)
            and refusal.account in (None, account)
            and refusal.region in (None, call.region)
            and refusal.resource in (None, call.resource)
            and (refusal.key is None or self.is_key(refusal.key, call))
        )

    def is_key(self, wanted: str, call: Call) -> bool:
        if call.service == "iam":
            return wanted in (call.resource, self.owner(call))
        if call.service != "kms" or not call.resource:
            return False
        return any(
            key.region == call.region and key.id == call.resource and wanted in (key.id, *key.aliases)
            for key in self.world.account(call.account).keys
        )

    def owner(self, call: Call) -> str | None:
        """The user whose access key a call is about: what is about a user's key is about the user."""
        users = self.world.account(call.account).users
        return next((user.name for user in users if call.resource in {key.id for key in user.access_keys}), None)


def _account_of(access_key: str) -> str:
    """The account that credentials belong to; empty: nobody's."""
    for account_id, partitions in list(iam_backends.items()):
        if any(access_key in backend.access_keys for backend in list(partitions.values())):
            return account_id
    return ""


def _expired(account_id: str, access_key: str, region: str) -> bool:
    session = sts_backends[account_id][get_partition(region)].get_assumed_role_from_access_key(access_key)
    return session is not None and session.expiration <= utcnow()


def _call(environ: dict[str, Any], service: str, region: str, account: str) -> Call:
    if service == "s3":
        return Call(_s3_operation(environ), account, region, environ["PATH_INFO"].lstrip("/"))
    body = _body(environ)
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target is not None:
        operation, parameters = target.rpartition(".")[2], json.loads(body or b"{}")
    elif service in _QUERY_SERVICES:
        parameters = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        operation = parameters.get("Action", "?")
    else:
        path = environ["PATH_INFO"].strip("/")
        operation, parameters = path[:1].upper() + path[1:], {}
    return Call(f"{service}:{operation}", account, region, _resource(service, parameters))


def _resource(service: str, parameters: dict[str, Any]) -> str:
    if service == "kms":
        return str(parameters.get("KeyId", "")).rpartition(":key/")[2]
    if service == "iam":
        return str(parameters.get("AccessKeyId") or parameters.get("UserName") or "")
    if service == "events":
        return next((entry.get("EventBusName", "default") for entry in parameters.get("Entries", [])), "")
    if service == "organizations":
        return next((str(parameters[name]) for name in _OPERATIONS_OF_A_UNIT if name in parameters), "")
    return str(parameters.get("RoleArn") or parameters.get("TopicArn") or "")


def _s3_operation(environ: dict[str, Any]) -> str:
    method, of_object = environ["REQUEST_METHOD"], "/" in environ["PATH_INFO"].strip("/")
    names = {
        ("HEAD", False): "HeadBucket",
        ("GET", False): "ListObjectsV2",
        ("HEAD", True): "HeadObject",
        ("GET", True): "GetObject",
        ("PUT", True): "PutObject",
        ("DELETE", True): "DeleteObject",
    }
    return "s3:" + names.get((method, of_object), f"{method} {environ['PATH_INFO']}")


def _body(environ: dict[str, Any]) -> bytes:
    """The request's body, which stays readable for moto."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    status, headers, body = answer
    payload = body.encode()
    sent = {name: value for name, value in headers.items() if name != "status"}
    sent["Content-Length"] = str(len(payload))
    start_response(f"{status} -", list(sent.items()))
    return [payload]
