"""What many measurements come to together; sums of sums are what the measurements themselves would have come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from data.watch.histogram import LONGEST_MS, NOTHING, Histogram
from data.watch.measurement import Kind, Measurement


class LabelKey(NamedTuple):
    """What is counted together."""

    kind: Kind
    label: str
    method: str


def microseconds(milliseconds: float) -> int:
    """A duration as it is kept: never negative, never endless; what is no number counts as none."""
    return round(min(milliseconds, LONGEST_MS) * 1000) if milliseconds > 0 else 0


@dataclass(frozen=True, slots=True)
class Summary:
    """So many measurements: how they ended, what was kept of them, and how long they took.

    `client_errors` are those with a status from 400 to 499, `throttled` those of them with 429. Durations are whole
    microseconds, so that adding up in any order gives the same.
    """

    count: int = 0
    errors: int = 0
    client_errors: int = 0
    throttled: int = 0
    hits: int = 0
    misses: int = 0
    total_us: int = 0
    max_us: int = 0
    waited_us: int = 0
    histogram: Histogram = NOTHING

    @classmethod
    def of(cls, measurements: Iterable[Measurement]) -> Summary:
        held = list(measurements)
        durations = [microseconds(one.duration_ms) for one in held]
        return cls(
            count=len(held),
            errors=sum(one.failed for one in held),
            client_errors=sum(400 <= one.status < 500 for one in held),
            throttled=sum(one.status == 429 for one in held),
            hits=sum(one.cache_hit is True for one in held),
            misses=sum(one.cache_hit is False for one in held),
            total_us=sum(durations),
            max_us=max(durations, default=0),
            waited_us=sum(microseconds(one.waited_ms) for one in held),
            histogram=Histogram.of([duration / 1000 for duration in durations]),
        )

    def __add__(self, other: Summary) -> Summary:
        return united((self, other))

    @property
    def total_ms(self) -> float:
        return self.total_us / 1000

    @property
    def max_ms(self) -> float:
        return self.max_us / 1000

    @property
    def waited_ms(self) -> float:
        return self.waited_us / 1000

    @property
    def average_ms(self) -> float | None:
        return self.total_us / self.count / 1000 if self.count else None

    @property
    def p50(self) -> float | None:
        return self.quantile(0.50)

    @property
    def p95(self) -> float | None:
        return self.quantile(0.95)

    @property
    def p99(self) -> float | None:
        return self.quantile(0.99)

    def quantile(self, share: float) -> float | None:
        """Milliseconds by the nearest rank, within one percent and never above the longest; None of nothing."""
        read = self.histogram.quantile(share)
        return None if read is None else min(read, self.max_ms)

    @property
    def cache_hit_rate(self) -> float | None:
        """The share of hits among what could have been kept; None where nothing could."""
        cacheable = self.hits + self.misses
        return self.hits / cacheable if cacheable else None

    @property
    def error_rate(self) -> float | None:
        return self.errors / self.count if self.count else None


def united(summaries: Iterable[Summary]) -> Summary:
    """What all of them come to together, in one go; of none, nothing."""
    held = list(summaries)
    if len(held) == 1:
        return held[0]
    return Summary(
        count=sum(one.count for one in held),
        errors=sum(one.errors for one in held),
        client_errors=sum(one.client_errors for one in held),
        throttled=sum(one.throttled for one in held),
        hits=sum(one.hits for one in held),
        misses=sum(one.misses for one in held),
        total_us=sum(one.total_us for one in held),
        max_us=max((one.max_us for one in held), default=0),
        waited_us=sum(one.waited_us for one in held),
        histogram=Histogram.union(one.histogram for one in held),
    )
