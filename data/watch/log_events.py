"""Turns events of the log into measurements, so that who logs them need not know that anybody measures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from configuration.request_notes import current_request_id
from data.watch.labels import known_method
from data.watch.measurement import Kind, Measurement

SPEAKERS = "data"
"""The logger below which everything is that is listened to."""
_API = {"rest", "api", "2", "3", "latest"}
_RESOURCES = {"search", "jql", "approximate-count", "issue", "bulkfetch", "changelog", "project", "versions", "field"}
_JIRA_WORDS = frozenset(_API | _RESOURCES | {"myself", "mypermissions", "priority", "serverInfo", "status", "user"})
_ENDED_WELL = frozenset({"complete", "partial", "cancelled", "interrupted"})
"""Whoever can still say that it was interrupted was ended with the program, in good order."""

Record = Callable[[Measurement], None]
Translate = Callable[[Mapping[str, Any]], Measurement]


def endpoint(path: str) -> str:
    """The path of a call to Jira without keys, ids and the folder that Jira may live in."""
    _, root, called = path.partition("/rest/")
    words = f"{root}{called}".split("/") if root else path.split("/")
    return "/".join(word if word in _JIRA_WORDS or not word else "{}" for word in words)


def reason_of(status: int) -> str | None:
    """What HTTP calls this status, if it is that of an error."""
    if status < 400:
        return None
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)


def _measured(fields: Mapping[str, Any], kind: Kind, label: str, seconds: float) -> Measurement:
    request_id = fields.get("request_id") or current_request_id.get()
    return Measurement(fields["created"], kind, label, "", max(0.0, seconds * 1000), 200, None, None, request_id)


def _jira_call(fields: Mapping[str, Any]) -> Measurement:
    """Without an answer there is no status, and the error is the one that the exchange ended with."""
    status, method = fields.get("status", 0), known_method(fields["method"])
    measured = _measured(fields, Kind.JIRA, f"{method} {endpoint(fields['path'])}", fields["elapsed_seconds"])
    error = reason_of(status) if status else fields["error_type"]
    return measured._replace(method=method, status=status, error=error, waited_ms=1000 * fields["waited_seconds"])


def _calculation(fields: Mapping[str, Any]) -> Measurement:
    measured = _measured(fields, Kind.CALCULATION, fields["metric_type"], fields["duration_seconds"])
    return measured._replace(method=fields["dataset_size_category"])


def _operation(fields: Mapping[str, Any]) -> Measurement:
    measured = _measured(fields, Kind.CALCULATION, fields["operation"], fields["duration_seconds"])
    return _failed(measured, fields["error_type"]) if "error_type" in fields else measured


def _fetch(fields: Mapping[str, Any]) -> Measurement:
    measured = _measured(fields, Kind.JOB, "fetch", fields["duration_seconds"])._replace(cache_hit=fields["cache_hit"])
    return _failed(measured, "fetch failed") if fields["event"] == "fetch.failed" else measured


def _sync(fields: Mapping[str, Any]) -> Measurement:
    measured = _measured(fields, Kind.JOB, f"sync: {fields['trigger']}", fields["elapsed_seconds"])
    return measured if fields["verdict"] in _ENDED_WELL else _failed(measured, fields["verdict"])


def _failed(measured: Measurement, error: str) -> Measurement:
    return measured._replace(status=500, error=error)


TRANSLATIONS: Mapping[str, Translate] = MappingProxyType(
    {
        "jira.answered": _jira_call,
        "jira.unanswered": _jira_call,
        "metric.calculated": _calculation,
        "operation.finished": _operation,
        "operation.failed": _operation,
        "fetch.finished": _fetch,
        "fetch.failed": _fetch,
        "fetch.stopped": _fetch,
        "sync.ended": _sync,
    }
)


class EventListener(logging.Handler):
    """Hands the measurements in the log to a recorder. It reads named facts, never a message."""

    def __init__(self, record: Record) -> None:
        super().__init__(logging.DEBUG)
        self._record = record

    def handle(self, record: logging.LogRecord) -> bool:
        """Without the lock of a handler: there is nothing here that threads share."""
        translate = TRANSLATIONS.get(getattr(record, "event", ""))
        if translate is not None:
            try:
                self._record(translate(vars(record)))
            except (KeyError, TypeError, AttributeError):
                self.handleError(record)
        return True


def listen(record: Record) -> None:
    """Measure from here on what the program logs; only the latest who asked for it hears anything.

    Answers of Jira are logged as DEBUG. They reach the listener because the loggers pass them on, and no file or
    console, since those have levels of their own.
    """
    stop_listening()
    speakers = logging.getLogger(SPEAKERS)
    speakers.addHandler(EventListener(record))
    speakers.setLevel(logging.DEBUG)


def stop_listening() -> None:
    speakers = logging.getLogger(SPEAKERS)
    for handler in [one for one in speakers.handlers if isinstance(one, EventListener)]:
        speakers.removeHandler(handler)
        handler.close()
    speakers.setLevel(logging.NOTSET)
