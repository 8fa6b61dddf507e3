"""Security Hub, which ministack lacks: enabled in every account, as far as finding providers see it.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
"""

from __future__ import annotations

import json

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import get_account_id, get_region

NAME = "securityhub"


def install() -> None:
    router.SERVICE_PATTERNS[NAME] = {"host_patterns": [rf"^{NAME}\."], "credential_scope": NAME}
    app.SERVICE_HANDLERS[NAME] = _import
    iam_actions.SERVICE_TO_IAM_NAMESPACE[NAME] = NAME
    iam_actions._BOTOCORE_SERVICE_MAP[NAME] = [NAME]


def default_product(region: str, account_id: str) -> str:
    """The resource of findings of an account's own
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecurityhub.html)."""
    return f"arn:aws:securityhub:{region}:{account_id}:product/{account_id}/default"


async def _import(
    method: str, path: str, headers: dict, body: bytes, query_params: dict
) -> tuple[int, dict[str, str], bytes]:
    product = default_product(get_region(), get_account_id())
    findings = json.loads(body)["Findings"]
    failed = [
        {"Id": finding["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "of another account or product"}
        for finding in findings
        if (finding["AwsAccountId"], finding["ProductArn"]) != (get_account_id(), product)
    ]
    answer = {
        "FailedCount": len(failed),
        "SuccessCount": len(findings) - len(failed),
        "FailedFindings": failed,
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
