"""What AWS's service models, as botocore ships them, say against an exchange.

Shapes, serializers, parsers and validation are botocore's; reading a request back into parameters is moto's. What
botocore leaves to the service is checked here: enumerations, patterns, lengths, and names that no model has.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

import regex
from botocore.loaders import Loader
from botocore.model import Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from werkzeug.datastructures import Headers, MultiDict


@dataclass(frozen=True)
class Problem:
    """What a model says against an exchange: of which operation, where, and what."""

    operation: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.where}: {self.what}"


@dataclass
class Exchange:
    """A request and its answer, as the simulator's ``ExchangeLog`` writes them."""

    service: str
    operation: str
    beyond_aws: bool
    method: str
    uri: str
    headers: dict[str, str]
    body: str
    status: int
    answer_headers: dict[str, str]
    answer: str

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def model(self) -> OperationModel:
        return service_model(self.service).operation_model(self.operation)

    @property
    def protocol(self) -> str:
        return service_model(self.service).metadata["protocol"]


@cache
def service_model(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


class Errors(Protocol):
    """Error codes that any operation of some services can answer."""

    services: set[str]
    codes: set[str]


def problems(exchange: Exchange, common_errors: Iterable[Errors]) -> Iterator[Problem]:
    """All that the models say against an exchange. Of a world beyond AWS, nothing is said of values."""
    for where, what in request_problems(exchange):
        yield Problem(exchange.name, f"request {where}".strip(), what)
    found = answer_problems(exchange) if exchange.status < 300 else error_problems(exchange, common_errors)
    for where, what in found:
        yield Problem(exchange.name, f"answer {where}".strip(), what)


# Where in a message, and what.
Found = Iterator[tuple[str, str]]


# Requests.


def request_problems(exchange: Exchange) -> Found:
    shape = exchange.model.input_shape
    parameters = sent(exchange)
    if shape is None:
        if parameters:
            yield "", f"has parameters: {parameters}"
        return
    yield from value_problems(shape, parameters, exchange)
    if ParamValidator().validate(parameters, shape).has_errors():
        return
    # What the model does not know is lost when the parameters are read: written again, they lack it.
    again = create_serializer(exchange.protocol).serialize_to_request(parameters, exchange.model)
    ours, theirs = on_the_wire(exchange), as_botocore_writes(exchange.protocol, again)
    for part, value in ours.items():
        if value != theirs[part]:
            yield part, f"is {value}, for botocore {theirs[part]}"


def sent(exchange: Exchange) -> dict[str, Any]:
    """The parameters of a request."""
    url = urlsplit(exchange.uri)
    is_form = exchange.protocol in ("query", "ec2")
    pairs = parse_qsl(exchange.body if is_form else url.query, keep_blank_values=True)
    request = {
        "body": exchange.body,
        "headers": Headers(exchange.headers),
        "method": exchange.method,
        "url_params": bucket_and_key(exchange) if exchange.service == "s3" else {},
        "url_path": url.path,
        "values": MultiDict(pairs),
    }
    parameters = PROTOCOL_PARSERS[exchange.protocol](exchange.model).parse(request)
    return {name: value for name, value in parameters.items() if value not in (None, {})}


def bucket_and_key(exchange: Exchange) -> dict[str, str]:
    """What the address of a bucket or an object names, in virtual-hosted style."""
    url = urlsplit(exchange.uri)
    bucket, _, rest = url.netloc.partition(".s3.")
    path = url.path.removeprefix("/")
    if not rest:
        bucket, _, path = path.partition("/")
    found = {"Bucket": unquote(bucket), "Key": unquote(path)}
    return {name: value for name, value in found.items() if value}


# Query parameters by which a service finds the operation, or the SDK for Rust marks it.
ROUTING = {"Action", "Version", "x-id", "list-type"}
# Headers of a protocol, and those of a checksum, which botocore adds after it has written a request.
PROTOCOL_HEADERS = {"host", "content-type", "content-md5", "content-encoding", "accept", "expect"}


def on_the_wire(exchange: Exchange) -> dict[str, Any]:
    url = urlsplit(exchange.uri)
    body: Any = None
    if exchange.protocol in ("query", "ec2"):
        body = dict(parse_qsl(exchange.body, keep_blank_values=True))
    elif exchange.protocol in ("json", "rest-json"):
        body = json.loads(exchange.body or "{}")
    return {
        "method": exchange.method,
        "query": without(ROUTING, dict(parse_qsl(url.query, keep_blank_values=True))),
        "headers": modelled_headers(exchange.headers),
        "body": body,
    }


def as_botocore_writes(protocol: str, request: dict[str, Any]) -> dict[str, Any]:
    body: Any = request["body"]
    if protocol in ("query", "ec2"):
        body = {name: text_of(value) for name, value in body.items()}
    elif protocol in ("json", "rest-json"):
        body = json.loads(body or "{}")
    else:
        body = None
    query = request["query_string"] or {}
    # What tells the operation from others of the path, such as `?uploads`.
    routed = dict(parse_qsl(urlsplit(request["url_path"]).query, keep_blank_values=True))
    return {
        "method": request["method"],
        "query": without(ROUTING, routed | {name: text_of(value) for name, value in query.items()}),
        "headers": modelled_headers(request["headers"]),
        "body": body,
    }


def modelled_headers(headers: dict[str, str]) -> dict[str, str]:
    lower = {name.lower(): text_of(value) for name, value in headers.items()}
    lower = {name: value for name, value in lower.items() if not name.startswith(("x-amz-checksum", "x-amz-sdk-"))}
    return without(PROTOCOL_HEADERS | {"x-amz-trailer", "x-amz-decoded-content-length"}, lower)


def without(names: set[str], values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# Answers.


def answer_problems(exchange: Exchange) -> Found:
    shape = exchange.model.output_shape
    try:
        parsed = create_parser(exchange.protocol).parse(
            {
                "status_code": exchange.status,
                "headers": exchange.answer_headers,
                "body": exchange.answer.encode(),
            },
            shape,
        )
    except Exception as error:
        yield "", f"does not parse: {error!r}"
        return
    yield from name_problems(exchange, shape)
    if shape is None:
        return
    parsed.pop("ResponseMetadata", None)
    yield from value_problems(shape, parsed, exchange)


def name_problems(exchange: Exchange, shape: Shape | None) -> Found:
    """Names in an answer that its model does not have, and values of another type."""
    if exchange.protocol == "rest-xml":
        bound = {one.serialization["name"].lower() for one in shape.members.values() if "location" in one.serialization}
        for name in modelled_headers(exchange.answer_headers):
            if name not in bound:
                yield f"header {name}", "is not known"
    if not exchange.answer:
        return
    if exchange.protocol in ("json", "rest-json"):
        yield from json_problems(shape, json.loads(exchange.answer), "")
        return
    root = ElementTree.fromstring(exchange.answer)
    if exchange.protocol == "query":
        wrapper = (shape.serialization if shape else {}).get("resultWrapper")
        for child in root:
            if tag(child) == wrapper:
                yield from xml_problems(shape, child, "")
            elif tag(child) != "ResponseMetadata":
                yield tag(child), "is not known"
    else:
        if exchange.protocol == "ec2":
            root[:] = [child for child in root if tag(child) != "requestId"]
        payload = (shape.serialization if shape else {}).get("payload")
        shape = shape.members[payload] if payload else shape
        yield from xml_problems(shape, root, "")


def json_problems(shape: Shape | None, value: Any, where: str) -> Found:
    kinds = {
        "structure": dict,
        "map": dict,
        "list": list,
        "string": str,
        "blob": str,
        "boolean": bool,
        "integer": int,
        "long": int,
        "timestamp": (int, float),
    }
    if shape is None:
        if value:
            yield where, f"is {value}, and there is no output"
    elif not isinstance(value, kinds[shape.type_name]):
        yield where, f"is {value!r}, of type {shape.type_name}"
    elif shape.type_name == "structure":
        members = {one.serialization.get("name", name): one for name, one in shape.members.items()}
        for name, inner in value.items():
            if name in members:
                yield from json_problems(members[name], inner, f"{where}.{name}")
            else:
                yield f"{where}.{name}", "is not known"
    elif shape.type_name == "list":
        for inner in value:
            yield from json_problems(shape.member, inner, f"{where}[]")
    elif shape.type_name == "map":
        for inner in value.values():
            yield from json_problems(shape.value, inner, f"{where}{{}}")
    elif shape.type_name == "blob":
        base64.b64decode(value, validate=True)


def xml_problems(shape: Shape, element: ElementTree.Element, where: str) -> Found:
    children: dict[str, Shape] = {}
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if "location" not in member.serialization:
                own_name = member.serialization.get("name", name)
                if is_flattened(member):
                    children[member.member.serialization.get("name", own_name)] = member.member
                else:
                    children[own_name] = member
    elif shape.type_name == "list":
        children = {shape.member.serialization.get("name", "member"): shape.member}
    elif shape.type_name == "map":
        names = (shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value"))
        for entry in element:
            if tag(entry) != "entry" or tuple(tag(child) for child in entry) != names:
                yield f"{where}.{tag(entry)}", "is not known"
        return
    for child in element:
        name = tag(child)
        if name in children:
            yield from xml_problems(children[name], child, f"{where}.{name}")
        else:
            yield f"{where}.{name}", "is not known"


def is_flattened(shape: Shape) -> bool:
    return shape.type_name == "list" and bool(shape.serialization.get("flattened"))


def tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


# Errors.


def error_problems(exchange: Exchange, common_errors: Iterable[Errors]) -> Found:
    """An error that is neither the operation's own nor one that every operation of its service can answer."""
    if exchange.beyond_aws:
        return
    answer = {
        "status_code": exchange.status,
        "headers": exchange.answer_headers,
        "body": exchange.answer.encode(),
    }
    error = create_parser(exchange.protocol).parse(answer, exchange.model.output_shape)["Error"]
    code = error["Code"]
    own = dict(own_errors(exchange.model))
    if code in own:
        if own[code] not in (None, exchange.status):
            yield "error", f"is {code} {exchange.status}, with a status of {own[code]}"
    elif not any(exchange.service in common.services and code in common.codes for common in common_errors):
        yield "error", f"is {code} {exchange.status}, none of {sorted(own)}"


def own_errors(operation: OperationModel) -> Iterator[tuple[str, int | None]]:
    """The operation's own errors: code, and status where the model says it."""
    for shape in operation.error_shapes:
        said = shape.metadata.get("error", {})
        yield said.get("code", shape.name), said.get("httpStatusCode")


# Values.


def value_problems(shape: Shape, value: Any, exchange: Exchange) -> Found:
    """What is missing or of another type, which botocore says, and what is outside a constraint."""
    # What it says of lengths is said below, for each end of the range.
    for reason, where, about in ParamValidator().validate(value, shape)._errors:
        if reason not in ("invalid length", "invalid range"):
            yield re.sub(r"\[\d+\]", "[]", where), f"{reason}: {about.get('required_name', about)}"
    if not exchange.beyond_aws:
        yield from constraint_problems(shape, value)


def constraint_problems(shape: Shape, value: Any, where: str = "") -> Found:
    """Enumerations, patterns, lengths and ranges."""
    said = shape.metadata
    if shape.type_name == "structure":
        for name, inner in value.items():
            if name in shape.members:
                yield from constraint_problems(shape.members[name], inner, f"{where}.{name}")
    elif shape.type_name == "list":
        yield from length_problems(said, value, where)
        for inner in value:
            yield from constraint_problems(shape.member, inner, f"{where}[]")
    elif shape.type_name == "map":
        yield from length_problems(said, value, where)
        for key, inner in value.items():
            yield from constraint_problems(shape.key, key, f"{where}{{}}")
            yield from constraint_problems(shape.value, inner, f"{where}{{}}")
    elif shape.type_name == "string":
        yield from length_problems(said, value, where)
        if said.get("enum") and value not in said["enum"]:
            yield where, f"is {value!r}, none of its enumeration"
        if "pattern" in said and not fits(said["pattern"], value):
            yield where, f"is {value!r}, not of its pattern {said['pattern']}"
    elif shape.type_name in ("integer", "long") and not said.get("min", value) <= value <= said.get("max", value):
        yield where, f"is {value}, outside {said.get('min')} to {said.get('max')}"


def length_problems(said: dict[str, Any], value: Any, where: str) -> Found:
    length = len(value)
    if length < said.get("min", length):
        yield where, f"has a length of {length}, less than {said['min']}"
    if length > said.get("max", length):
        yield where, f"has a length of {length}, more than {said['max']}"


def fits(pattern: str, value: str) -> bool:
    """Whether a value fits a pattern of Java's; one that says where it begins is looked for, others are the whole.

    Java's ``\\w`` is ASCII. With the flag that says so, ``\\p{L}`` would be ASCII, too.
    """
    found = regex.compile(pattern, 0 if "\\p{" in pattern else regex.ASCII)
    return bool(found.search(value) if pattern.startswith("^") else found.fullmatch(value))
