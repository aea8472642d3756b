"""One clock for a client and the simulated Jira it asks, moved on by whoever waits: waiting costs nothing."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta


class VirtualTime:
    """Any thread may wait; two who wait at once make it twice as late, which harms nobody's politeness."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._seconds = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self._seconds

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._seconds += max(seconds, 0.0)
