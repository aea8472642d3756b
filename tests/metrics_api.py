"""The metrics API on a port of this machine, and a client that sends whatever it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from dash import Dash
from flask import Flask
from werkzeug.serving import make_server

from callbacks import metrics_bp, request_ids, response_headers
from configuration.settings import Settings
from data.performance_metrics_service import PerformanceMetricsService
from data.performance_tracker import PerformanceTracker
from data.watch.alerts import Alerts
from tests.patience import PATIENCE_SECONDS
from tests.watching import NOON

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]


@dataclass(frozen=True)
class Client:
    port: int

    def ask(self, path, method="GET", body=None, headers=None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, name, headers=None) -> Answer:
        return self.ask(f"/metrics/api/{name}", headers=headers)

    def rotate(self, document=None, headers=None) -> Answer:
        body = None if document is None else json.dumps(document)
        return self.ask("/metrics/api/rotate", "POST", body, JSON | (headers or {}))


@contextmanager
def served(server: Flask) -> Iterator[Client]:
    """A client of these pages, which are served in threads of this process."""
    serving = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Client(serving.server_port)
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


def api_alone(tracker: PerformanceTracker, settings: Settings | None = None, *, alerts=None, **facts: Any) -> Flask:
    """The API without the pages, and without anything that records the requests to it."""
    app, settings = Dash("metrics_api", add_log_handler=False, update_title=""), settings or Settings()
    app.layout = []
    request_ids.register(app)
    service = PerformanceMetricsService(tracker, **facts)
    metrics_bp.register(app, service, settings, alerts=alerts or alerts_of(tracker).document)
    response_headers.register(app, host=settings.host)
    return app.server


def alerts_of(tracker: PerformanceTracker) -> Alerts:
    """Its built-in rules; nobody is told."""
    nowhere = tracker.store.path.with_name("no_rules.json")
    return Alerts(tracker.store, nowhere, clock=lambda: NOON, outside={})


def misfits(value: Any, shape: Any, place: str = "") -> Iterator[str]:
    """Where a JSON document is not what a type says, names and all."""
    kind, inner = get_origin(shape), get_args(shape)
    if is_typeddict(shape):
        hints = get_type_hints(shape)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            yield f"{place}: {value!r} has not the names {sorted(hints)}"
        else:
            for name, hint in hints.items():
                yield from misfits(value[name], hint, f"{place}.{name}")
    elif kind in (list, tuple):
        if not isinstance(value, list) or (kind is tuple and len(value) != len(inner)):
            yield f"{place}: {value!r} is no {shape}"
        else:
            for number, one in enumerate(value):
                yield from misfits(one, inner[number] if kind is tuple else inner[0], f"{place}[{number}]")
    elif kind in (UnionType, Union):
        yield from min((list(misfits(value, one, place)) for one in inner), key=len)
    elif kind is Literal:
        yield from () if value in inner else (f"{place}: {value!r} is none of {inner}",)
    elif shape is not Any:
        plain = {float: (int, float)}.get(shape, kind or shape)
        fits = isinstance(value, plain) and (shape is bool or not isinstance(value, bool))
        yield from () if fits else (f"{place}: {value!r} is no {shape}",)
