"""What the metrics API tells: each address with the parameters it takes, its document, and the rows it exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import orjson

from callbacks.metrics_parameters import Question
from configuration.log_viewing import EventCount, LogRecord, LogViewer
from data.model import iso_utc
from data.performance_metrics_service import PerformanceMetricsService
from data.spreadsheet import Cell, csv_text
from data.watch import documents
from data.watch.alert_book import Incident
from data.watch.anomalies import Anomaly
from data.watch.week_comparison import RouteVerdict

Document = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """One address below /metrics/api: what it takes, what it answers, and the rows that are exported of that.

    `shape` is the type of a row, which gives an export its columns, whether there are rows or not.
    """

    takes: tuple[str, ...]
    answer: Callable[[Question], Document]
    rows: Callable[[Document], Sequence[Row]]
    shape: type


def addresses(
    service: PerformanceMetricsService, viewer: LogViewer, alerts: Callable[[], Document]
) -> dict[str, Address]:
    def spanning(days: int, document: Document) -> Document:
        since, until = service.span(days)
        return {"days": days, "since": iso_utc(since), "until": iso_utc(until), **document}

    def table(name: str, shape: type, rows: Callable[[Question], Sequence[Row]], *takes: str) -> Address:
        """A list by its name."""
        takes = ("days", *takes)
        return Address(takes, lambda asked: spanning(asked.days, {name: rows(asked)}), itemgetter(name), shape)

    def document(answer: Callable[[int], Document], part: str, shape: type) -> Address:
        return Address(("days",), lambda asked: spanning(asked.days, answer(asked.days)), itemgetter(part), shape)

    return {
        "overview": Address(
            ("days",), lambda asked: service.get_performance_overview(asked.days), _only_row, documents.Overview
        ),
        "slow-routes": table(
            "routes",
            documents.SlowRoute,
            lambda asked: service.get_slow_routes(asked.limit, asked.days),
            "limit",
        ),
        "route-trend": Address(
            ("days", "route"),
            lambda asked: service.get_performance_trend(asked.route, asked.days),
            _trend_rows,
            TrendRow,
        ),
        "cache-effectiveness": document(service.get_cache_effectiveness, "routes", documents.CacheRow),
        "health-score": document(service.get_performance_health_score, "pulls_down", documents.Pull),
        "compare-routes": table("routes", documents.ComparedRoute, lambda asked: service.compare_routes(asked.days)),
        "calculations": table(
            "calculations", documents.CalculationRow, lambda asked: service.get_calculations(asked.days)
        ),
        "jira-calls": document(service.get_jira_calls, "endpoints", documents.JiraEndpoint),
        "jobs": table("jobs", documents.JobRow, lambda asked: service.get_jobs(asked.days)),
        "alerts": Address((), lambda _: alerts(), itemgetter("incidents"), Incident),
        "anomalies": Address((), lambda _: {"anomalies": service.get_anomalies()}, itemgetter("anomalies"), Anomaly),
        "comparison": Address((), lambda _: service.get_week_comparison(), itemgetter("routes"), RouteVerdict),
        "log-events": Address(("days",), lambda asked: viewer.log_events(asked.days), itemgetter("events"), EventCount),
        "log-records": Address(
            ("request_id",), lambda asked: viewer.log_records(asked.request_id), itemgetter("records"), LogRecord
        ),
        "storage": Address((), lambda _: service.get_storage_info(), _only_row, documents.Storage),
    }


def _only_row(document: Document) -> Sequence[Row]:
    return [document]


class TrendRow(documents.TrendPoint):
    """A step beside the same step of the week before."""

    requests_week_before: int
    avg_ms_week_before: float | None
    p95_ms_week_before: float | None
    error_rate_week_before: float | None


def _trend_rows(document: Document) -> Sequence[Row]:
    steps = zip(document["points"], document["week_before"], strict=True)
    return [
        point | {f"{name}_week_before": value for name, value in before.items() if name != "at"}
        for point, before in steps
    ]


def as_csv(rows: Sequence[Row], shape: type) -> str:
    """A line of names, then the rows; what is inside another document has the names of both."""
    paths = list(_paths(shape))
    return csv_text([map("_".join, paths), *([_cell(row, path) for path in paths] for row in rows)])


def _paths(shape: type) -> Iterator[tuple[str, ...]]:
    """Where the values of a document are, those of documents inside it after one another."""
    for name, hint in get_type_hints(shape).items():
        inner = next((one for one in (hint, *get_args(hint)) if is_typeddict(one)), None)
        if inner is None or get_origin(hint) is list:
            yield (name,)
        else:
            yield from ((name, *path) for path in _paths(inner))


def _cell(row: Row, path: tuple[str, ...]) -> Cell:
    """What is in no columns of its own is written as JSON."""
    value: Any = row
    for name in path:
        value = None if value is None else value[name]
    return orjson.dumps(value).decode() if isinstance(value, dict | list | tuple) else value
