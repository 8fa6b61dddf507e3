"""CloudTrail's event history, which moto lacks: events of a world file, and the last uses of KMS keys."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.cloudtrail.responses import CloudTrailResponse

from .table import Table, moment

if TYPE_CHECKING:
    from .world import Account, World

RETENTION = timedelta(days=90)
"""https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""
PAGE = 50


@dataclass(frozen=True)
class TrailEvent:
    region: str
    time: datetime
    id: str
    name: str
    key: str | None
    names_key: bool
    delivered: datetime
    caller: str
    error_code: str | None


def trail_events(entries: list[dict[str, Any]], account_id: str, now: datetime) -> tuple[TrailEvent, ...]:
    return tuple(_event(Table(entry, f"[[account.trail_event]] of {account_id}"), account_id, now) for entry in entries)


def _event(table: Table, account_id: str, now: datetime) -> TrailEvent:
    time = moment(table.need("time"), f"{table.place}: time", now)
    delivered = table.take("delivered")
    event = TrailEvent(
        region=table.need("region"),
        time=time,
        id=table.take("id", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{account_id}/{time}"))),
        name=table.take("name", "Decrypt"),
        key=table.take("key"),
        names_key=table.take("names_key", True),
        delivered=time if delivered is None else moment(delivered, f"{table.place}: delivered", now),
        caller=table.take("caller", f"arn:aws:sts::{account_id}:assumed-role/application/i-0a1b2c3d4e5f60718"),
        error_code=table.take("error_code"),
    )
    # What a census does not read.
    for name in (
        "source",
        "access_key",
        "user_identity",
        "source_ip",
        "user_agent",
        "parameters",
        "error_message",
        "content",
    ):
        table.take(name)
    table.finish()
    return event


def install_event_history(world: World) -> None:
    CloudTrailResponse.lookup_events = _lookup_events(world)


def _lookup_events(world: World) -> Any:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""

    def lookup_events(self: CloudTrailResponse) -> str:
        now = datetime.now(UTC)
        [attribute] = self._get_param("LookupAttributes")
        wanted = {"EventId": "EventId", "ResourceName": "ResourceName"}[attribute["AttributeKey"]]
        since = datetime.fromtimestamp(self._get_param("StartTime") or 0, UTC)
        until = datetime.fromtimestamp(self._get_param("EndTime") or now.timestamp(), UTC)
        account = world.account(self.current_account)
        found = [
            entry
            for event in _events(account, self.region)
            if max(since, now - RETENTION) <= event.time <= until and event.delivered <= now
            for entry in [_entry(account, event)]
            if attribute["AttributeValue"] in ([entry["EventId"]] if wanted == "EventId" else _named(entry))
        ]
        found.sort(key=lambda entry: entry["EventTime"], reverse=True)
        start, size = int(self._get_param("NextToken") or 0), int(self._get_param("MaxResults") or PAGE)
        answer: dict[str, Any] = {"Events": found[start : start + size]}
        if start + size < len(found):
            answer["NextToken"] = str(start + size)
        return json.dumps(answer)

    return lookup_events


def _events(account: Account, region: str) -> list[TrailEvent]:
    events = [event for event in account.trail_events if event.region == region]
    for key in account.keys:
        if key.region == region and key.last_used is not None:
            caller = f"arn:aws:sts::{account.id}:assumed-role/application/i-0a1b2c3d4e5f60718"
            used = key.last_used
            events.append(TrailEvent(region, used, key.event_id, key.operation, key.id, True, used, caller, None))
    return events


def _entry(account: Account, event: TrailEvent) -> dict[str, Any]:
    named = event.key is not None and event.names_key
    resources = [account.arn_of_key(event.region, event.key)] if named else []
    record: dict[str, Any] = {
        "userIdentity": {"type": "AssumedRole", "arn": event.caller, "accountId": account.id},
        "eventTime": event.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "kms.amazonaws.com",
        "eventName": event.name,
        "eventID": event.id,
    }
    if event.error_code is not None:
        record["errorCode"] = event.error_code
    return {
        "EventId": event.id,
        "EventName": event.name,
        "EventTime": int(event.time.timestamp()),
        "EventSource": "kms.amazonaws.com",
        "Resources": [{"ResourceType": "AWS::KMS::Key", "ResourceName": arn} for arn in resources],
        "CloudTrailEvent": json.dumps(record),
    }


def _named(entry: dict[str, Any]) -> list[str]:
    return [resource["ResourceName"] for resource in entry["Resources"]]
