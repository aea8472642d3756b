"""What the metrics API tells: each address with the parameters it takes, its document, and the rows it exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

from callbacks.metrics_parameters import Question
from configuration.log_viewing import LogViewer
from data.model import iso_utc
from data.performance_metrics_service import PerformanceMetricsService
from data.spreadsheet import Cell, csv_text

Document = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """One address below /metrics/api: what it takes, what it answers, and the rows that are exported of that."""

    takes: tuple[str, ...]
    answer: Callable[[Question], Document]
    rows: Callable[[Document], Sequence[Row]]


def addresses(
    service: PerformanceMetricsService, viewer: LogViewer, alerts: Callable[[], Document]
) -> dict[str, Address]:
    def spanning(days: int, document: Document) -> Document:
        since, until = service.span(days)
        return {"days": days, "since": iso_utc(since), "until": iso_utc(until), **document}

    def table(name: str, rows: Callable[[Question], Sequence[Row]], *takes: str) -> Address:
        """A list by its name."""
        return Address(("days", *takes), lambda asked: spanning(asked.days, {name: rows(asked)}), itemgetter(name))

    def document(answer: Callable[[int], Document], rows: Callable[[Document], Sequence[Row]]) -> Address:
        return Address(("days",), lambda asked: spanning(asked.days, answer(asked.days)), rows)

    return {
        "overview": document(service.get_performance_overview, _only_row),
        "slow-routes": table("routes", lambda asked: service.get_slow_routes(asked.limit, asked.days), "limit"),
        "route-trend": Address(
            ("days", "route"), lambda asked: service.get_performance_trend(asked.route, asked.days), _trend_rows
        ),
        "cache-effectiveness": document(service.get_cache_effectiveness, itemgetter("routes")),
        "health-score": document(service.get_performance_health_score, itemgetter("pulls_down")),
        "compare-routes": table("routes", lambda asked: service.compare_routes(asked.days)),
        "calculations": table("calculations", lambda asked: service.get_calculations(asked.days)),
        "jira-calls": document(service.get_jira_calls, itemgetter("endpoints")),
        "jobs": table("jobs", lambda asked: service.get_jobs(asked.days)),
        "alerts": Address((), lambda _: alerts(), itemgetter("incidents")),
        "anomalies": Address((), lambda _: {"anomalies": service.get_anomalies()}, itemgetter("anomalies")),
        "comparison": Address((), lambda _: service.get_week_comparison(), itemgetter("routes")),
        "log-events": Address(("days",), lambda asked: viewer.log_events(asked.days), itemgetter("events")),
        "log-records": Address(
            ("request_id",), lambda asked: viewer.log_records(asked.request_id), itemgetter("records")
        ),
        "storage": Address((), lambda _: service.get_storage_info(), _only_row),
    }


def _only_row(document: Document) -> Sequence[Row]:
    return [document]


def _trend_rows(document: Document) -> Sequence[Row]:
    """Each step beside the same step of the week before."""
    steps = zip(document["points"], document["week_before"], strict=True)
    return [point | {"week_before": {k: v for k, v in before.items() if k != "at"}} for point, before in steps]


def as_csv(rows: Sequence[Row]) -> str:
    """A line of names, then the rows; what is inside another document has both names."""
    flat = [flattened(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    return csv_text([names, *([row.get(name) for name in names] for row in flat)])


def flattened(row: Row) -> dict[str, Cell]:
    """The row without documents inside it; lists become JSON."""
    cells: dict[str, Cell] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            cells |= {f"{name}_{inner}": cell for inner, cell in flattened(value).items()}
        elif isinstance(value, list | tuple):
            cells[name] = orjson.dumps(value).decode()
        else:
            cells[name] = value
    return cells
