"""What a simulated Jira was asked, when, and whether anybody came back before the wait that was imposed was over."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from data.demo.exchange import Response

_MOST = 200_000


@dataclass(slots=True)
class Arrival:
    """One request. `kind` is the class that limits apply to; `at` is the site's time, `seconds` a steady clock's."""

    at: datetime
    seconds: float
    method: str
    path: str
    kind: str
    faults: frozenset[str]
    early: bool
    status: int = 0


@dataclass(frozen=True, slots=True)
class _Wait:
    told: datetime
    until: datetime


@dataclass
class Arrivals:
    """The latest requests, and the waits that were imposed on each class of them."""

    log: list[Arrival] = field(default_factory=list)
    _waits: dict[str, _Wait] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, at: datetime, request: tuple[str, str], kind: str, faults: frozenset[str]) -> Arrival:
        with self._lock:
            wait = self._waits.get(kind)
            early = wait is not None and wait.told < at < wait.until
            arrival = Arrival(at, time.monotonic(), *request, kind, faults, early)
            self.log.append(arrival)
            if len(self.log) > _MOST:
                del self.log[: _MOST // 2]
        return arrival

    def answered(self, arrival: Arrival, response: Response, at: datetime) -> None:
        arrival.status = response.status
        wait = _imposed(response.headers, at) if response.status in {429, 503} else None
        if wait is not None and not response.travel:
            with self._lock:
                before = self._waits.get(arrival.kind)
                until = max(at + wait, before.until if before else at)
                self._waits[arrival.kind] = _Wait(at, until)

    def early(self) -> list[Arrival]:
        """Those that came before a `Retry-After` of their class had ended."""
        return [arrival for arrival in self.log if arrival.early]

    def kinds(self) -> Counter[str]:
        return Counter(arrival.kind for arrival in self.log)

    def forget(self) -> None:
        """As if nobody had ever asked, nor been told to wait."""
        with self._lock:
            self.log.clear()
            self._waits.clear()


def _imposed(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The wait that `Retry-After` asks for, in seconds or as a date; None when it asks for none."""
    text = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if text.isdigit():
        return timedelta(seconds=int(text))
    try:
        return max(parsedate_to_datetime(text) - now, timedelta(0))
    except ValueError:
        return None
