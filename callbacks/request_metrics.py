"""Times every request and every callback, and hands what it measured to the recorder."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from dash import Dash
from flask import Flask
from flask.signals import got_request_exception

from callbacks.operation_labels import CALLBACKS_PATH, CallbackLabels, route_label
from configuration.request_notes import Served, being_served, current_callback, current_request_id, note_error
from data.watch.log_events import reason_of
from data.watch.measurement import Kind, Measurement

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

_BETWEEN_COMPLAINTS = 60.0
_POLL = "cacheKey="

Record = Callable[[Measurement], None]
WriteBody = Callable[[bytes], object]
Raised = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


def register(app: Dash, record: Record, *, unmeasured: Collection[str] = ()) -> None:
    """Call before `request_ids.register`, whose ids the measurements bear; requests to `unmeasured` paths have none."""
    timer = RequestTimer(CallbackLabels(lambda: app.callback_map), record)
    app.server.wsgi_app = timer.around(app.server.wsgi_app, frozenset(unmeasured))
    got_request_exception.connect(_note_exception, app.server)


def _note_exception(_sender: Flask, exception: BaseException, **_more: Any) -> None:
    note_error(type(exception).__name__)


class _Answer(Served):
    """Hears the status line, and sees the framework's request before the framework lets go of it."""

    __slots__ = ("environ", "line", "request", "start_response")

    def __init__(self, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self.cache_hit, self.error = None, None
        self.environ, self.start_response = environ, start_response
        self.line = ""
        self.request: Any = None

    def start(self, line: str, headers: list[tuple[str, str]], raised: Raised | None = None, /) -> WriteBody:
        self.line, self.request = line, self.environ.get("werkzeug.request")
        return self.start_response(line, headers, raised)

    @property
    def rule(self) -> str | None:
        matched = self.request.url_rule if self.request is not None else None
        return None if matched is None else str(matched.rule)


class RequestTimer:
    """Measures from the first sight of a request until its answer is ready to be sent."""

    def __init__(self, callbacks: CallbackLabels, record: Record) -> None:
        self._callbacks = callbacks
        self._record = record
        self._complain_at = 0.0

    def around(self, application: WSGIApplication, unmeasured: frozenset[str]) -> WSGIApplication:
        def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if environ.get("PATH_INFO") in unmeasured:
                return application(environ, start_response)
            answer = _Answer(environ, start_response)
            before = being_served.set(answer)
            started = time.perf_counter()
            try:
                return application(environ, answer.start)
            finally:
                seconds = time.perf_counter() - started
                being_served.reset(before)
                self._note(answer, seconds)

        return serve

    def _note(self, answer: _Answer, seconds: float) -> None:
        try:
            measurement = self._measurement(answer, seconds)
            if measurement is not None:
                self._record(measurement)
        except Exception as error:  # noqa: BLE001 - nothing that fails here may cost somebody the answer
            self._complain(error)

    def _measurement(self, answer: _Answer, seconds: float) -> Measurement | None:
        environ, rule, line = answer.environ, answer.rule, answer.line
        kind, label, status = Kind.REQUEST, "", int(line[:3] or 500)
        if rule == CALLBACKS_PATH:
            named = self._callbacks.of(current_callback.get())
            if named is None:
                return None
            kind, label = Kind.CALLBACK, f"{named} (poll)" if _POLL in environ.get("QUERY_STRING", "") else named
            status = status if answer.error is None else 500
        error = answer.error
        if error is None and status >= 400:
            error = reason_of(status) if line else type(sys.exception()).__name__
        return Measurement(
            time.time(),
            kind,
            label or route_label(rule, environ.get("PATH_INFO", "")),
            environ.get("REQUEST_METHOD", ""),
            1000 * seconds,
            status,
            answer.cache_hit,
            error,
            current_request_id.get(),
        )

    def _complain(self, error: Exception) -> None:
        now = time.monotonic()
        if now >= self._complain_at:
            self._complain_at = now + _BETWEEN_COMPLAINTS
            facts = {"error_type": type(error).__name__}
            logger.error(
                "A request was not measured", exc_info=error, extra={"event": "watch.request_not_measured", **facts}
            )
