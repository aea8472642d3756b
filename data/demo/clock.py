"""Time for the simulated Jira: a clock that tests turn by hand, and one that runs on from the end of a story."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


class VirtualClock:
    """Stands still until somebody sleeps on it or turns it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def running_clock(start: datetime | None) -> Clock:
    """A clock that shows `start` now and runs on from there; without `start`, the computer's own."""
    if start is None:
        return lambda: datetime.now(UTC)
    begun, origin = time.monotonic(), start
    return lambda: origin + timedelta(seconds=time.monotonic() - begun)
