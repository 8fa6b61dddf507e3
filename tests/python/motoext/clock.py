"""The world's clock: shows the world's ``now`` when serving begins, and runs from there."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    def __init__(self, starts_at: datetime) -> None:
        self.starts_at = starts_at
        self.started = time.monotonic()

    def now(self) -> datetime:
        return self.starts_at + timedelta(seconds=time.monotonic() - self.started)


def naive(moment: datetime) -> datetime:
    """moto's own moments are UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
