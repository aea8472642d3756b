"""Once a minute looks at the alert rules and keeps sums ready: one thread per server process, begun by a visit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from dash import Dash
from flask import request

from callbacks.boundary import told
from callbacks.probes import HEALTH
from callbacks.prometheus import last_sync
from callbacks.team_source import Source
from configuration.clock import utc_now
from data.performance_metrics_service import PerformanceMetricsService
from data.watch.alert_rules import RULES_FILE
from data.watch.alerts import PERIOD, Alerts
from data.watch.webhook import Webhook
from ui.components.states import Failure

FIRST_LOOK_SECONDS = 5.0
"""The page that started it is served first."""


class Watchman:
    """Has the rules looked at for as long as the process lives; several processes share the work (see Alerts).

    After each look it calls `prepare`, which has ready what this process will be asked.
    """

    def __init__(
        self, alerts: Alerts, prepare: Callable[[], None], *, first_look_seconds: float = FIRST_LOOK_SECONDS
    ) -> None:
        self.alerts = alerts
        self._prepare = prepare
        self._first_look_seconds = first_look_seconds
        self._ended = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def visit(self) -> None:
        """Somebody or something asks; the first of all, also in a process that was forked, starts the thread."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if (self._thread is None or not self._thread.is_alive()) and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="watchman", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Let it rest for good; a look that is on is waited for."""
        self._ended.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = self._first_look_seconds
        while not self._ended.wait(pause):
            again = told(self.alerts.turn)
            told(self._prepare)
            pause = (PERIOD if isinstance(again, Failure) else again).total_seconds()


def watchman_of(source: Source, service: PerformanceMetricsService) -> Watchman:
    """The watchman over what this process and its like measure, with the rules beside the settings."""
    settings = source.settings
    webhook = Webhook(settings.alert_webhook) if settings.alert_webhook is not None else None
    rules = settings.app_settings_path.with_name(RULES_FILE)
    outside: dict[str, Callable[[datetime], float | None]] = {"hours_since_sync": lambda _: hours_since_sync(source)}
    alerts = Alerts(service.tracker.store, rules, clock=utc_now, webhook=webhook, outside=outside)
    return Watchman(alerts, service.prepare)


def register(app: Dash, watchman: Watchman) -> None:
    """Every request is a visit, but those that only ask whether the process is alive."""

    def visit() -> None:
        if request.path != HEALTH:
            watchman.visit()

    app.server.before_request(visit)


def hours_since_sync(source: Source) -> float | None:
    """None while nothing was read whole, and where what was kept was deleted at somebody's wish."""
    last = last_sync(source)
    if last is None or last.brought_data_at is None or source.is_forgotten():
        return None
    return (source.clock() - last.brought_data_at) / timedelta(hours=1)
