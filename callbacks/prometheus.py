"""What Prometheus asks over HTTP: the totals of all processes, and how things stand."""

from __future__ import annotations

from collections.abc import Callable

import psutil
from dash import Dash
from flask import Response, request

from callbacks.probes import PROMETHEUS
from callbacks.team_source import Source
from configuration.logging_config import FILES
from configuration.settings import BUILD
from data.errors import SightlineError
from data.jira_simple import receipts
from data.performance_metrics_service import PerformanceMetricsService
from data.watch.log_losses import log_records_dropped, tell_log_losses
from data.watch.prometheus import LastSync, Snapshot, rendered

_LONGEST_WAIT = 0.25


def register(app: Dash, source: Source, service: PerformanceMetricsService) -> None:
    app.server.add_url_rule(PROMETHEUS, "prometheus", scraped(source, service))


def scraped(source: Source, service: PerformanceMetricsService) -> Callable[[], Response]:
    def answer() -> Response:
        text, content_type = rendered(snapshot(source, service), request.headers.get("Accept", ""))
        return Response(text, content_type=content_type)

    return answer


def snapshot(source: Source, service: PerformanceMetricsService) -> Snapshot:
    store = service.tracker.store
    if service.tracker.recorder.flush(_LONGEST_WAIT):
        tell_log_losses(store)  # else the file cannot be written now, and the scraper would wait for it
    storage = store.storage()
    return Snapshot(
        totals=store.totals(),
        measurements_dropped=storage.dropped_total if storage.readable else None,
        log_records_dropped=log_records_dropped(store, FILES) if storage.readable else None,
        last_sync=last_sync(source),
        health_score=service.get_performance_health_score(1)["total_score"],
        resident_bytes=psutil.Process().memory_info().rss,
        build=BUILD,
    )


def last_sync(source: Source) -> LastSync | None:
    """None while nothing is on record, and where the settings that say whose record that is cannot be read."""
    try:
        history = receipts(source.request())
    except SightlineError:
        return None
    if not history:
        return None
    whole = next((one for one in history if one.verdict in {"complete", "partial"}), None)
    return LastSync(history[0].verdict, whole.ended_at if whole is not None else None)
