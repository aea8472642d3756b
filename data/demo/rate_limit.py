"""Token buckets as Jira keeps them: one for the account on Data Center, one for each endpoint on Cloud."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from datetime import datetime

from data.demo.clock import Clock

CLOUD_LIMIT = 350


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A bucket of `limit` requests into which `fill` flow back every `interval` seconds."""

    limit: int
    fill: float
    interval: float


class Buckets:
    def __init__(self, limit: RateLimit, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._levels: dict[str, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def take(self, name: str) -> tuple[bool, int, int]:
        """Whether the request passes, how many more would, and the seconds until another one does."""
        rate = self._limit.fill / self._limit.interval
        with self._lock:
            now = self._clock()
            level, then = self._levels.get(name, (float(self._limit.limit), now))
            level = min(level + (now - then).total_seconds() * rate, float(self._limit.limit))
            passes = level >= 1
            level -= 1 if passes else 0
            self._levels[name] = (level, now)
        wait = 0 if level >= 1 else math.ceil((1 - level) / rate)
        return passes, int(level), wait


def data_center_headers(limit: RateLimit, remaining: int, wait: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit.limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Interval-Seconds": str(round(limit.interval)),
        "X-RateLimit-FillRate": f"{limit.fill:g}",
        "retry-after": str(wait),
    }


def cloud_headers(limit: RateLimit | None, remaining: int) -> dict[str, str]:
    size = limit.limit if limit else CLOUD_LIMIT
    headers = {"X-RateLimit-Limit": str(size), "X-RateLimit-Remaining": str(remaining)}
    return headers | ({"X-RateLimit-NearLimit": "true"} if remaining < size / 5 else {})
