"""One organization for the accounts of a test; ministack makes of every account an organization of its own.

An account that is named nowhere here is outside of the organization.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import request_scope
from ministack.services import organizations

ID, ROOT, UNIT = "o-a1b2c3d4e5", "r-ab12", "ou-ab12-cd34ef56"

members: set[str] = set()
"""The accounts of the organization."""


def id_of(account_id: str | None) -> str | None:
    """The organization that an account belongs to."""
    return ID if account_id in members else None


def install(accounts: list[str], without_paths: set[str]) -> None:
    """Puts the first account, which manages the organization, below the root, and the others into a unit."""
    management = accounts[0]
    members.update(accounts)
    with request_scope(management, "us-east-1"):
        organizations._ensure_org()
        [root] = organizations._roots.values()
        organizations._roots.clear()
        organizations._roots[ROOT] = {**root, "Id": ROOT}
        organizations._orgs["self"] = {**organizations._orgs["self"], "Id": ID}
        organizations._ous[UNIT] = {
            "Id": UNIT,
            "Arn": f"arn:aws:organizations::{management}:ou/{ID}/{UNIT}",
            "Name": "Workloads",
            "_ParentId": ROOT,
        }
        for account_id in accounts:
            organizations._accounts[account_id] = {
                "Id": account_id,
                "Arn": f"arn:aws:organizations::{management}:account/{ID}/{account_id}",
                "Email": f"aws+{account_id}@example.com",
                "Name": f"account {account_id}",
                "Status": "ACTIVE",
                "JoinedMethod": "CREATED",
                "JoinedTimestamp": 1_700_000_000,
                "_ParentId": ROOT if account_id == management else UNIT,
            }
    organizations._public_account = _public_account(without_paths)
    iam_evaluator._principal_org_id = id_of


def _public_account(without_paths: set[str]) -> Any:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html"""

    def public_account(account: dict[str, Any]) -> dict[str, Any]:
        answer = {name: value for name, value in account.items() if not name.startswith("_")}
        answer["State"] = answer["Status"]
        if answer["Id"] not in without_paths:
            units = [] if account["_ParentId"] == ROOT else [account["_ParentId"]]
            answer["Paths"] = ["/".join([ID, ROOT, *units, answer["Id"]]) + "/"]
        return answer

    return public_account
