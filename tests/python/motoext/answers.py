"""Errors as AWS's protocols put them on the wire: status, headers and body."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], str]
"""What a moto response method may answer instead of a body alone."""


def json_error(status: int, code: str, message: str) -> Answer:
    """awsJson1.x (KMS, Organizations, SQS) and restJson1 (Account): the one reads ``__type``, the other the header."""
    return (
        status,
        {
            "Content-Type": "application/x-amz-json-1.1",
            "x-amzn-ErrorType": code,
            "x-amzn-RequestId": str(uuid.uuid4()),
            "status": str(status),
        },
        json.dumps({"__type": code, "message": message}),
    )


def query_error(status: int, code: str, message: str) -> Answer:
    """awsQuery (STS, SNS, IAM)."""
    body = (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return status, {"Content-Type": "text/xml", "status": str(status)}, body


def ec2_error(status: int, code: str, message: str) -> Answer:
    """EC2, whose query protocol is its own."""
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    body = f"<Response><Errors>{error}</Errors><RequestID>{uuid.uuid4()}</RequestID></Response>"
    return status, {"Content-Type": "text/xml", "status": str(status)}, body


def s3_error(status: int, code: str, message: str, method: str) -> Answer:
    """S3. The answer to a HEAD has no body, so its status is all the caller learns."""
    request_id = uuid.uuid4().hex[:16].upper()
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message><RequestId>{request_id}</RequestId>"
    headers = {"Content-Type": "application/xml", "x-amz-request-id": request_id, "status": str(status)}
    return status, headers, "" if method == "HEAD" else f"<Error>{error}</Error>"
