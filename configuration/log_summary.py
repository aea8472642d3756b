"""What a log says in sum: how much, how bad, how often the cache helped, which calculations took longest."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

SLOWEST = 10

Entry = dict[str, Any]


@dataclass
class Summary:
    """Grows by `add`, in bounded memory; `lines` tells it to people."""

    records: int = 0
    first: str = ""
    last: str = ""
    levels: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    fetched: Counter[str] = field(default_factory=Counter)
    lookups: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, int, Entry]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def add(self, entry: Entry) -> None:
        context = entry["context"]
        event = str(context.get("event", ""))
        self.records += 1
        self.first = min(self.first or entry["timestamp"], entry["timestamp"])
        self.last = max(self.last, entry["timestamp"])
        self.levels[entry["level"]] += 1
        self.events[event] += 1
        if event == "metric.calculated":
            self._add_calculation(entry, context)
        if event.startswith("fetch."):
            for name in ("api_calls_made", "rate_limit_delays", "data_volume_fetched"):
                self.fetched[name] += int(_number(context.get(name)))

    def _add_calculation(self, entry: Entry, context: Entry) -> None:
        self.verdicts[str(context.get("threshold_status"))] += 1
        if not str(context.get("metric_type")).endswith("_metrics"):  # those count what their parts have counted
            for name in ("cache_hits", "cache_misses"):
                self.lookups[name] += int(_number(context.get(name)))
        seconds = _number(context.get("duration_seconds"))
        kept = (seconds, -next(self._order), entry)
        if len(self.slowest) < SLOWEST:
            heapq.heappush(self.slowest, kept)
        else:
            heapq.heappushpop(self.slowest, kept)

    def lines(self) -> Iterator[str]:
        yield f"Records: {self.records}" + (f", from {self.first} to {self.last}" if self.records else "")
        yield "Levels: " + (", ".join(f"{name} {times}" for name, times in self.levels.most_common()) or "none")
        yield f"Cache hit rate, fetched data: {_rate(self.events['cache.hit'], self.events['cache.miss'])}"
        yield f"Cache hit rate, derived facts: {_rate(self.lookups['cache_hits'], self.lookups['cache_misses'])}"
        yield (
            f"Fetches: {self.events['fetch.finished']} finished, {self.events['fetch.failed']} failed; "
            f"{self.fetched['data_volume_fetched']} issues, {self.fetched['api_calls_made']} calls, "
            f"{self.fetched['rate_limit_delays']} waits for rate limits"
        )
        verdicts = ", ".join(f"{self.verdicts[status]} {status}" for status in ("pass", "warning", "fail"))
        yield f"Calculations: {self.verdicts.total()}; against their targets {verdicts}"
        if self.slowest:
            yield "Slowest calculations:"
        for seconds, _, entry in sorted(self.slowest, reverse=True):
            context = entry["context"]
            yield (
                f"  {seconds:9.3f} s  {context.get('metric_type')}, {context.get('input_data_size')} issues, "
                f"{entry['timestamp']}, request {context.get('request_id', 'unknown')}"
            )


def _number(value: object) -> float:
    """Zero for what another program may have written in the place of a number: it adds nothing to a sum."""
    return value if isinstance(value, int | float) else 0.0


def _rate(hits: int, misses: int) -> str:
    asked = hits + misses
    return f"{hits / asked:.0%}, {hits} of {asked} lookups" if asked else "unknown, nothing was looked up"
