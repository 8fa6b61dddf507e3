"""EventBridge where moto is not AWS: an event for a bus that is not there, and what a rule's targets get."""

from __future__ import annotations

import uuid
from typing import Any

from moto.events.models import EventsBackend
from moto.events.utils import EventTemplateParser


def install_events() -> None:
    """Adds to moto's EventBridge what a world needs. Once a process."""
    EventsBackend.put_events = _put_events(EventsBackend.put_events)
    EventTemplateParser.parse = staticmethod(_whole)


def _put_events(put_events_of_moto: Any) -> Any:
    """AWS takes an event for a bus that is not there and drops it; moto fails the whole call."""

    def put_events(self: EventsBackend, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        known = [_bus_of(self, event) in self.event_buses for event in events]
        taken = iter(
            put_events_of_moto(self, [event for event, is_known in zip(events, known, strict=True) if is_known])
        )
        return [next(taken) if is_known else {"EventId": str(uuid.uuid4())} for is_known in known]

    return put_events


def _whole(input_template: str, input_paths_map: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """A target without an input transformer gets the event as it is; moto rebuilds it, and leaves out the account."""
    assert not input_template and not input_paths_map, "no rule of a world transforms its events"
    return dict(event)


def _bus_of(backend: EventsBackend, event: dict[str, Any]) -> str:
    named = event.get("EventBusName") or "default"
    if named.startswith("arn:") and named.split(":")[3] != backend.region_name:
        return ""
    return named.rpartition("/")[2]
