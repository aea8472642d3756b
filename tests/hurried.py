"""Time that runs faster than it does, for a dashboard whose half minutes a test does not want to wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class HurriedClock:
    """Shows the time as if everything since its making had taken `speed` times as long."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._begun, self._origin = time.monotonic(), datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._origin + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        return (time.monotonic() - self._begun) * self._speed

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)
