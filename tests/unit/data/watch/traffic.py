"""Summaries of made-up requests, without a database."""

from __future__ import annotations

from data.watch.measurement import Kind, Measurement
from data.watch.summary import LabelKey, Summary


def key(label, kind=Kind.REQUEST, method="GET"):
    return LabelKey(kind, label, method)


def requests(*durations_ms, hits=0, misses=0, failed=0, status=200, waited_ms=0.0):
    """One request for each duration; the first ones are hits, the next ones misses, and the last ones failed."""
    kept = [True] * hits + [False] * misses
    count = len(durations_ms)
    return Summary.of(
        Measurement(
            at=0.0,
            kind=Kind.REQUEST,
            label="/",
            method="GET",
            duration_ms=duration,
            status=500 if number >= count - failed else status,
            cache_hit=kept[number] if number < len(kept) else None,
            error=None,
            request_id=None,
            waited_ms=waited_ms,
        )
        for number, duration in enumerate(durations_ms)
    )
