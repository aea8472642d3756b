"""One run of requests with one purpose: how long it may last, who may end it, and what it has cost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime

from configuration.clock import utc_now
from data.errors import DeadlinePassed, FetchCancelled

POLL_SECONDS = 0.2
WORTH_TELLING = 0.5


@dataclass(frozen=True)
class CallCounts:
    """What a run has cost so far.

    `refusals` are answers with status 429. `waits` are all waits before a request, `limit_waits` those among them
    that a limit imposed, ours or Jira's.
    """

    calls: int = 0
    retries: int = 0
    refusals: int = 0
    waits: int = 0
    waited_seconds: float = 0.0
    limit_waits: int = 0


class Tally:
    """Counts of several threads; what a run inside another costs, it costs the other too."""

    def __init__(self, outer: Tally | None = None) -> None:
        self._outer = outer
        self._lock = threading.Lock()
        self._counts = CallCounts()

    def __call__(self) -> CallCounts:
        return self._counts

    def add(self, more: CallCounts) -> None:
        with self._lock:
            sums = (now + added for now, added in zip(astuple(self._counts), astuple(more), strict=True))
            self._counts = CallCounts(*sums)
        if self._outer is not None:
            self._outer.add(more)


@dataclass(frozen=True)
class Run:
    """Waits of a run end when somebody cancels it, and are not begun when they would outlast it."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    deadline: float | None = None
    cancelled: Callable[[], bool] | None = None
    waiting: Callable[[float, str], None] | None = None
    wall: Callable[[], datetime] = utc_now
    tally: Tally = field(default_factory=Tally)

    def within(
        self,
        *,
        deadline_seconds: float | None,
        cancelled: Callable[[], bool] | None,
        waiting: Callable[[float, str], None] | None,
        tally: Tally,
    ) -> Run:
        """A run inside this one: it ends with this one at the latest."""
        ends = [end for end in (self.deadline, _after(self.clock, deadline_seconds)) if end is not None]
        return replace(
            self,
            deadline=min(ends, default=None),
            cancelled=_either(self.cancelled, cancelled),
            waiting=waiting or self.waiting,
            tally=tally,
        )

    def remaining(self) -> float:
        return float("inf") if self.deadline is None else self.deadline - self.clock()

    def check(self, seconds: float = 0.0) -> None:
        """Raise if the run has been cancelled, or may not last `seconds` longer."""
        if self.cancelled is not None and self.cancelled():
            raise FetchCancelled
        if self.deadline is not None and self.remaining() <= seconds:
            raise DeadlinePassed(f"The next request would have had to wait {seconds:.0f} s." if seconds else "")

    def wait(self, seconds: float, why: str, *, limit: bool) -> None:
        """Sleep, unless the run ends first; whoever watches hears of it."""
        self.check(seconds)
        self.tally.add(CallCounts(waits=1, waited_seconds=seconds, limit_waits=int(limit)))
        if self.waiting is not None and seconds > WORTH_TELLING:
            self.waiting(seconds, why)
        if self.cancelled is None:
            self.sleep(seconds)
            return
        while seconds > 0:
            self.sleep(min(seconds, POLL_SECONDS))
            seconds -= POLL_SECONDS
            self.check()


def _after(clock: Callable[[], float], seconds: float | None) -> float | None:
    return None if seconds is None else clock() + seconds


def _either(one: Callable[[], bool] | None, other: Callable[[], bool] | None) -> Callable[[], bool] | None:
    if one is None or other is None:
        return one or other
    return lambda: one() or other()
