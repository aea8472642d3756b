"""Ninety days at ten requests a second, taken in as it is in life, and the exact durations to compare with."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from data.watch.blocks import add_recent
from data.watch.cells import FIGURES, Cells
from data.watch.histogram import buckets_of
from data.watch.measurement import Kind, Measurement
from data.watch.series import admitted
from data.watch.store import MetricsStore
from data.watch.summary import LabelKey
from tests.watching import NOON

PER_SECOND = 10.0
_HOUR = 3600.0
_KINDS = ((Kind.REQUEST, 14, "GET"), (Kind.CALLBACK, 22, ""), (Kind.JIRA, 6, "GET"), (Kind.CALCULATION, 10, "medium"))


@dataclass(frozen=True)
class Traffic:
    """What is asked for, how often and how slowly: few names have most of it, as everywhere."""

    keys: tuple[LabelKey, ...]
    shares: np.ndarray
    middles_ms: np.ndarray
    spreads: np.ndarray

    @classmethod
    def usual(cls, random: np.random.Generator, times: int = 1) -> Traffic:
        keys = tuple(
            LabelKey(kind, f"/{kind}/{number}", method)
            for kind, count, method in _KINDS
            for number in range(count * times)
        )
        ranks = random.permutation(len(keys)) + 1
        return cls(
            keys,
            1 / ranks / (1 / ranks).sum(),
            np.exp(random.normal(3.6, 1.0, len(keys))),
            random.uniform(0.3, 0.7, len(keys)),
        )


@dataclass(frozen=True)
class Drawn:
    """The measurements of a span as columns: `key` is a place in the traffic's keys."""

    at: np.ndarray
    key: np.ndarray
    milliseconds: np.ndarray
    status: np.ndarray
    hit: np.ndarray
    """1, 0, or -1 where nothing could be kept."""

    def of_web(self, traffic: Traffic) -> np.ndarray:
        return np.array([key.kind in (Kind.REQUEST, Kind.CALLBACK) for key in traffic.keys])[self.key]


def drawn(traffic: Traffic, random: np.random.Generator, hour: float) -> Drawn:
    """An hour that begins at that instant: busier by day, a little slower when busy."""
    rhythm = 1 + 0.6 * math.sin((hour / _HOUR % 24 - 8) / 24 * 2 * math.pi)
    count = int(random.poisson(PER_SECOND * _HOUR * rhythm))
    key = random.choice(len(traffic.keys), count, p=traffic.shares)
    milliseconds = traffic.middles_ms[key] * rhythm**0.3 * np.exp(random.normal(0, 1, count) * traffic.spreads[key])
    return Drawn(
        np.sort(hour + random.random(count) * _HOUR),
        key,
        np.rint(milliseconds * 1000) / 1000,
        random.choice([200, 404, 429, 500], count, p=[0.98, 0.01, 0.002, 0.008]),
        np.where(key % 3 == 0, -1, random.random(count) < 0.8).astype(np.int64),
    )


def cells_of(one: Drawn, numbers: np.ndarray) -> Cells:
    """One cell for each measurement, as the store makes them of what the recorder hands over."""
    status, micros = one.status, np.rint(one.milliseconds * 1000).astype(np.int64)
    figures = {
        "count": np.ones(len(micros), dtype=np.int64),
        "errors": status >= 500,
        "client_errors": (status >= 400) & (status < 500),
        "throttled": status == 429,
        "hits": one.hit == 1,
        "misses": one.hit == 0,
        "total_us": micros,
        "max_us": micros,
        "waited_us": np.zeros(len(micros), dtype=np.int64),
    }
    columns = np.stack([figures[name] for name in FIGURES], axis=1).astype(np.int64)
    each = np.arange(len(micros))
    buckets = buckets_of(micros / 1000)
    return Cells(numbers[one.key], (one.at // 60).astype(np.int64), columns, each, buckets, np.ones_like(each))


def measurements_of(one: Drawn, traffic: Traffic) -> Iterator[Measurement]:
    columns = (one.at, one.key, one.milliseconds, one.status, one.hit)
    for at, key, milliseconds, status, hit in zip(*(column.tolist() for column in columns), strict=True):
        known = traffic.keys[key]
        error = "InternalServerError" if status == 500 else None
        cached = None if hit < 0 else bool(hit)
        yield Measurement(at, known.kind, known.label, known.method, milliseconds, status, cached, error, f"{key:032x}")


@dataclass
class Kept:
    """The exact durations to compare with, and what building the database cost."""

    everything: list[np.ndarray] = field(default_factory=list)
    by_key: dict[LabelKey, list[np.ndarray]] = field(default_factory=dict)
    requests: int = 0
    slowest_compaction: float = 0.0
    seconds: float = 0.0


def build(path: Path, days: int, *, seed: int = 7, labels: int = 1, by_rows: int = 2) -> tuple[MetricsStore, Kept]:
    """The days up to NOON; the last hours go row by row through `write`, the others as sums of the same code."""
    random = np.random.default_rng(seed)
    traffic, kept = Traffic.usual(random, labels), Kept()
    clock = [NOON - timedelta(days=days)]
    store = MetricsStore(path, clock=lambda: clock[0])
    found = store._database.write(lambda connection: admitted(connection, traffic.keys))
    numbers = np.array([found[key][0] for key in traffic.keys])
    began = time.perf_counter()
    for number in range(days * 24):
        one = drawn(traffic, random, clock[0].timestamp())
        _remember(kept, one, traffic)
        if number < days * 24 - by_rows:
            cells = cells_of(one, numbers).summed()
            store._database.write(lambda connection, cells=cells: add_recent(connection, cells))
            clock[0] += timedelta(hours=1)
            kept.slowest_compaction = max(kept.slowest_compaction, _timed(store.compact))
            store._database.keep_wal_small()
        else:
            _write_rows(store, clock, list(measurements_of(one, traffic)))
    kept.seconds = time.perf_counter() - began
    return store, kept


def _write_rows(store: MetricsStore, clock: list[datetime], rows: list[Measurement]) -> None:
    """In batches of ten seconds, the clock going along."""
    begin = clock[0]
    for turn in range(360):
        clock[0] = begin + timedelta(seconds=10 * (turn + 1))
        until = clock[0].timestamp()
        first = until - 10
        store.write([row for row in rows if first <= row.at < until])


def _remember(kept: Kept, one: Drawn, traffic: Traffic) -> None:
    web = one.of_web(traffic)
    kept.requests += len(one.at)
    kept.everything.append(one.milliseconds[web].astype(np.float32))
    for place in (0, 5, 20):
        kept.by_key.setdefault(traffic.keys[place], []).append(one.milliseconds[one.key == place])


def _timed(step: object) -> float:
    began = time.perf_counter()
    step()  # type: ignore[operator]
    return time.perf_counter() - began
