"""The metrics API on a port of this machine, and a client that sends whatever it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from dash import Dash
from flask import Flask
from werkzeug.serving import make_server

from callbacks import metrics_bp, request_ids, response_headers
from configuration.settings import Settings
from data.performance_metrics_service import PerformanceMetricsService
from data.performance_tracker import PerformanceTracker

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
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
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


def api_alone(tracker: PerformanceTracker, settings: Settings | None = None, **facts: Any) -> Flask:
    """The API without the pages, and without anything that records the requests to it."""
    app, settings = Dash("metrics_api", add_log_handler=False, update_title=""), settings or Settings()
    app.layout = []
    request_ids.register(app)
    metrics_bp.register(app, PerformanceMetricsService(tracker, **facts), settings)
    response_headers.register(app, host=settings.host)
    return app.server


def misfits(value: Any, shape: Any, place: str = "") -> list[str]:
    """Where a JSON document is not what a type says, names and all."""
    if is_typeddict(shape):
        hints = get_type_hints(shape)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            return [f"{place}: {value!r} has not the names {sorted(hints)}"]
        return [fault for name, hint in hints.items() for fault in misfits(value[name], hint, f"{place}.{name}")]
    if get_origin(shape) is list:
        (inner,) = get_args(shape)
        return [f for number, one in enumerate(value) for f in misfits(one, inner, f"{place}[{number}]")]
    if get_origin(shape) is UnionType:
        tried = [misfits(value, one, place) for one in get_args(shape)]
        return min(tried, key=len)
    if get_origin(shape) is Literal:
        return [] if value in get_args(shape) else [f"{place}: {value!r}"]
    wanted = {float: (int, float), int: int, str: str, bool: bool, NoneType: NoneType}[shape]
    fits = isinstance(value, wanted) and (shape is bool or not isinstance(value, bool))
    return [] if fits else [f"{place}: {value!r} is no {shape.__name__}"]
