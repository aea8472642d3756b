"""A small Flask application behind several ways of recording its requests, asked in turn so that luck is shared."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

from flask import Flask
from werkzeug.test import EnvironBuilder

from callbacks import request_ids
from callbacks.operation_labels import CallbackLabels
from callbacks.request_metrics import RequestTimer
from data.performance_tracker import PerformanceTracker

Times = dict[str, list[int]]
"""Nanoseconds of each request, by the way of recording."""
_TABLE = (
    "CREATE TABLE requests (id INTEGER PRIMARY KEY, timestamp TEXT, route TEXT, method TEXT, duration_ms REAL,"
    " status_code INTEGER, cache_hit INTEGER, error TEXT)"
)
_INDEX = "CREATE INDEX requests_by_route ON requests (route, timestamp)"
_INSERT = (
    "INSERT INTO requests (timestamp, route, method, duration_ms, status_code, cache_hit, error)"
    " VALUES (?, '/page', 'GET', ?, 200, NULL, NULL)"
)


def small_application():
    app = Flask("small")
    app.add_url_rule("/page", "page", lambda: "hello")
    return app


def plain():
    return small_application().wsgi_app


def recorded(tracker: PerformanceTracker):
    """As the dashboard does it, less the ids, which it gives in any case."""
    return RequestTimer(CallbackLabels(dict), tracker.record).around(small_application().wsgi_app, frozenset())


def inserting(path: Path, *, kept: bool):
    """A row for each request, written before the answer goes out.

    As one writes it down first, with a connection for each request; or `kept`, with one connection for all and a
    write-ahead log, which is the best that can be done so.
    """
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    if kept:
        first.execute("PRAGMA journal_mode = WAL")
        first.execute("PRAGMA synchronous = NORMAL")
    first.execute(_TABLE)
    first.execute(_INDEX)
    application = small_application().wsgi_app

    def write(milliseconds):
        now = time.strftime("%Y-%m-%dT%H:%M:%S")
        if kept:
            first.execute(_INSERT, (now, milliseconds))
            return
        connection = sqlite3.connect(path)
        connection.execute(_INSERT, (now, milliseconds))
        connection.commit()
        connection.close()

    def serve(environ, start):
        started = time.perf_counter()
        answer = application(environ, start)
        write(1000 * (time.perf_counter() - started))
        return answer

    return serve


def dashboard_variants(app, tracker: PerformanceTracker):
    """The dashboard itself with its timer and without, otherwise the same."""
    bare = type(app.server).wsgi_app.__get__(app.server)
    timer = RequestTimer(CallbackLabels(lambda: app.callback_map), tracker.record)
    return {
        "without": request_ids._identified(bare),
        "with": request_ids._identified(timer.around(bare, frozenset())),
    }


def asked_in_turn(variants, requests: int, *, clock=time.perf_counter_ns, **asked) -> Times:
    """Every variant is asked `requests` times, in an order drawn anew for each turn."""
    environ = EnvironBuilder(**({"path": "/page", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}} | asked)).get_environ()
    names, dice = list(variants), random.Random(7)  # noqa: S311 - no secret depends on it
    times: Times = {name: [] for name in names}
    for _ in range(requests):
        dice.shuffle(names)
        for name in names:
            times[name].append(_once(variants[name], environ, clock))
    return times


def _once(application, environ: dict, clock) -> int:
    mine = dict(environ)
    if "wsgi.input" in mine:
        mine["wsgi.input"].seek(0)
    began = clock()
    body = application(mine, lambda _line, _headers, _raised=None: None)
    took = clock() - began
    if (close := getattr(body, "close", None)) is not None:
        close()
    return took


def quantile(times: list[int], share: float) -> float:
    """Microseconds."""
    ranked = sorted(times)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] / 1000


def cost(times: Times, name: str, without: str, share: float = 0.5) -> float:
    """Microseconds that this way of recording takes from a request."""
    return quantile(times[name], share) - quantile(times[without], share)
