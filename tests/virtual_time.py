"""One clock for a client and the simulated Jira it asks, moved on by whoever waits: waiting costs nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta


class VirtualTime:
    """Any thread may wait; two who wait at once make it twice as late, which harms nobody's politeness.

    Each wait takes `nap` real seconds, and as long as `settling` says, so that what other threads have just been told
    is known when it is over.
    """

    def __init__(self, start: datetime, nap: float = 0.0) -> None:
        self.settling: Callable[[], float] = lambda: 0.0
        self._start = start
        self._seconds = 0.0
        self._nap = nap
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self._seconds

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def sleep(self, seconds: float) -> None:
        if (pause := max(self._nap, self.settling())) > 0:
            time.sleep(pause)
        with self._lock:
            self._seconds += max(seconds, 0.0)
