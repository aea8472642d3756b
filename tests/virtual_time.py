"""One clock for a client and the simulated Jira it asks, moved on by whoever waits: waiting costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from data.jira_query_manager import Wire


class VirtualTime:
    """Any thread may wait; two who wait at once make it twice as late, which harms nobody's politeness."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._seconds = 0.0
        self._asking = 0
        self._mine = threading.local()
        self._changed = threading.Condition()

    def monotonic(self) -> float:
        return self._seconds

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def sleep(self, seconds: float) -> None:
        asking = getattr(self._mine, "asking", 0)
        with self._changed:
            self._count(-asking)
            self._changed.wait_for(lambda: self._asking == 0)
            self._seconds += max(seconds, 0.0)
            self._count(asking)

    @contextmanager
    def standing_for_requests(self) -> Iterator[None]:
        """It stands while a request is on its way, or its answer not yet heeded: none arrives later than it was sent.

        Else a machine that is slow to send a request, or to tell others of a refusal, would make clients impolite.
        """
        ask = Wire.ask

        def counted(wire: Wire, *given: Any, **named: Any) -> Any:
            self._mine.asking = 1
            with self._changed:
                self._count(1)
            try:
                return ask(wire, *given, **named)
            finally:
                with self._changed:
                    self._count(-1)
                self._mine.asking = 0

        with mock.patch.object(Wire, "ask", counted):
            yield

    def _count(self, more: int) -> None:
        self._asking += more
        self._changed.notify_all()
