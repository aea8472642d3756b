"""What was measured as the text that Prometheus reads: totals of all processes, which grow and never fall."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from configuration.log_reading import plain
from data.watch.histogram import EDGES
from data.watch.measurement import Kind
from data.watch.totals import Totals, TotalsKey

VERDICTS = ("complete", "partial", "failed", "cancelled", "interrupted")
LOOKUPS = ("hit", "miss")
_OPENMETRICS = "application/openmetrics-text; version=1.0.0"
_ASKS_FOR_OPENMETRICS = re.compile(r"application/openmetrics-text *; *version=1\.0\.0(?![.\w])")


class LastSync(NamedTuple):
    """How the last reading of Jira ended, and when one last brought what the pages show."""

    verdict: str
    brought_data_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What is exported at one moment; what is None is unknown and has no sample."""

    totals: Mapping[TotalsKey, Totals]
    measurements_dropped: int | None
    log_records_dropped: Mapping[str, int] | None
    last_sync: LastSync | None
    health_score: float | None
    resident_bytes: int
    build: Mapping[str, str]


class _Durations(NamedTuple):
    """A histogram, and the label by which it calls what was measured."""

    name: str
    help: str
    kinds: tuple[Kind, ...]
    labels: tuple[str, ...]


_VALUES: Mapping[str, Callable[[TotalsKey], str]] = {
    "kind": lambda key: key.kind.value,
    "route": lambda key: key.label,
    "name": lambda key: key.label,
    "call": lambda key: key.label,
    "metric": lambda key: key.label,
    "method": lambda key: key.method,
    "size": lambda key: key.method,
    "status_class": lambda key: key.status_class,
}
_DURATIONS = (
    _Durations(
        "sightline_request_duration_seconds",
        "How long requests and the callbacks of pages took.",
        (Kind.REQUEST, Kind.CALLBACK),
        ("kind", "route", "method", "status_class"),
    ),
    _Durations("sightline_job_duration_seconds", "How long jobs took.", (Kind.JOB,), ("name", "status_class")),
    _Durations(
        "sightline_jira_call_duration_seconds",
        "How long Jira took to answer, waits before the call not included.",
        (Kind.JIRA,),
        ("call", "status_class"),
    ),
    _Durations(
        "sightline_calculation_duration_seconds",
        "How long calculations took, by the size of what was calculated from.",
        (Kind.CALCULATION,),
        ("metric", "size", "status_class"),
    ),
)


class _Counter(NamedTuple):
    name: str
    help: str
    kinds: tuple[Kind, ...]
    labels: tuple[str, ...]
    value: Callable[[Totals], float]


_ROUTE = ("kind", "route", "method")
_COUNTERS = (
    _Counter(
        "sightline_request_errors",
        "Requests and callbacks that ended with a status from 500 or an exception.",
        (Kind.REQUEST, Kind.CALLBACK),
        _ROUTE,
        lambda totals: totals.errors,
    ),
    _Counter(
        "sightline_jira_wait_seconds",
        "Time spent waiting for a slot or for Jira's Retry-After before calls.",
        (Kind.JIRA,),
        ("call",),
        lambda totals: totals.waited_ms / 1000,
    ),
    _Counter(
        "sightline_jira_rate_limited",
        "Calls that Jira answered with 429.",
        (Kind.JIRA,),
        ("call",),
        lambda totals: totals.throttled,
    ),
)


def rendered(snapshot: Snapshot, accepted: str = "") -> tuple[bytes, str]:
    """The text and its type: OpenMetrics where the header Accept names it, whatever else it says, or the plain format.

    The library would fail on a version that is no number.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshots(snapshot))
    encode, content_type = choose_encoder(_OPENMETRICS if _ASKS_FOR_OPENMETRICS.search(accepted) else "")
    return encode(registry), content_type


class _Snapshots(Collector):
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        snapshot = self._snapshot
        for durations in _DURATIONS:
            yield _histogram(durations, snapshot.totals)
        for counter in _COUNTERS:
            yield _counter(counter, snapshot.totals)
        yield _lookups(snapshot.totals)
        yield from _losses(snapshot)
        yield from _standing(snapshot)


def _grouped(
    kinds: tuple[Kind, ...], labels: tuple[str, ...], totals: Mapping[TotalsKey, Totals]
) -> dict[tuple[str, ...], list[Totals]]:
    """Names come from outside: two that look alike once they are plain are counted together."""
    grouped: dict[tuple[str, ...], list[Totals]] = defaultdict(list)
    for key, one in totals.items():
        if key.kind in kinds:
            grouped[tuple(plain(_VALUES[label](key)) for label in labels)].append(one)
    return dict(sorted(grouped.items()))


def _histogram(durations: _Durations, totals: Mapping[TotalsKey, Totals]) -> Metric:
    family = HistogramMetricFamily(durations.name, durations.help, labels=durations.labels)
    for values, group in _grouped(durations.kinds, durations.labels, totals).items():
        buckets = [(str(edge / 1000), float(sum(one.at_most[edge] for one in group))) for edge in EDGES]
        count = float(sum(one.count for one in group))
        seconds = sum(one.total_ms for one in group) / 1000
        family.add_metric(values, buckets=[*buckets, ("+Inf", count)], sum_value=seconds)
    return family


def _counter(counter: _Counter, totals: Mapping[TotalsKey, Totals]) -> Metric:
    family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
    for values, group in _grouped(counter.kinds, counter.labels, totals).items():
        family.add_metric(values, sum(map(counter.value, group)))
    return family


def _lookups(totals: Mapping[TotalsKey, Totals]) -> Metric:
    told = "How often what was asked for had been kept; what cannot be kept is not counted."
    family = CounterMetricFamily("sightline_cache_lookups", told, labels=[*_ROUTE, "result"])
    for values, group in _grouped(tuple(Kind), _ROUTE, totals).items():
        counts = sum(one.hits for one in group), sum(one.misses for one in group)
        for result, count in zip(LOOKUPS, counts, strict=True):
            if any(counts):
                family.add_metric([*values, result], count)
    return family


def _losses(snapshot: Snapshot) -> Iterator[Metric]:
    if snapshot.measurements_dropped is not None:
        told = "Measurements that could not be stored."
        yield CounterMetricFamily("sightline_measurements_dropped", told, value=snapshot.measurements_dropped)
    if snapshot.log_records_dropped is not None:
        told = "Records that a log file did not take."
        family = CounterMetricFamily("sightline_log_records_dropped", told, labels=["file"])
        for file, number in sorted(snapshot.log_records_dropped.items()):
            family.add_metric([plain(file)], number)
        yield family


def _standing(snapshot: Snapshot) -> Iterator[Metric]:
    yield InfoMetricFamily("sightline_build", "Which program this is.", value=dict(snapshot.build))
    memory = "Memory of the process that answered this request."
    yield GaugeMetricFamily("process_resident_memory_bytes", memory, value=snapshot.resident_bytes)
    if snapshot.health_score is not None:
        told = "From 0 to 100, of the last day."
        yield GaugeMetricFamily("sightline_health_score", told, value=snapshot.health_score)
    if snapshot.last_sync is not None:
        yield from _sync(snapshot.last_sync)


def _sync(last: LastSync) -> Iterator[Metric]:
    if last.brought_data_at is not None:
        told = "When Jira was last read with success."
        at = last.brought_data_at.timestamp()
        yield GaugeMetricFamily("sightline_last_sync_timestamp_seconds", told, value=at)
    family = GaugeMetricFamily(
        "sightline_last_sync_verdict", "1 for how the last reading of Jira ended.", labels=["verdict"]
    )
    for verdict in VERDICTS:
        family.add_metric([verdict], float(verdict == last.verdict))
    yield family
