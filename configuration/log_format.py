"""How a record is written: a line of JSON for machines, a short line for people, both without secrets."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from configuration.log_fields import as_written, naming
from configuration.redaction import is_harmless_line, safe_repr, safe_text, scrub, scrub_text
from configuration.request_notes import noted

CHATTY = ("urllib3", "requests", "werkzeug", "dash", "asyncio", "filelock")
FAILED = "[REDACTION FAILED]"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLAIN = frozenset({str, int, float})
_SHORT = 4_000
_STRICTLY = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_QUERY = re.compile(r"\?[^\s\"'<>()]+")


class _Shown:
    """A logged argument whose own text methods may raise."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return safe_text(self._value)

    def __repr__(self) -> str:
        return safe_repr(self._value)


def _shown(value: object) -> object:
    return value if type(value) in _PLAIN else _Shown(value)


def merged_message(record: logging.LogRecord) -> str:
    """The message with its arguments in place; arguments that do not fit it are written after it."""
    text = record.msg if type(record.msg) is str else safe_text(record.msg)
    if record.args:
        text = _with_arguments(text, record.args)
    return _QUERY.sub("?…", text) if record.name.startswith(CHATTY) else text


def _with_arguments(text: str, args: Any) -> str:
    try:
        if isinstance(args, Mapping):
            return text % {name: _shown(value) for name, value in args.items()}
        return text % (args if _PLAIN.issuperset(map(type, args)) else tuple(map(_shown, args)))
    except (TypeError, ValueError, KeyError, OverflowError):
        return f"{text} {safe_repr(args)}"


def trace_of(record: logging.LogRecord) -> str | None:
    """The trace of the record, without touching the copy that other handlers may cache in it."""
    if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
        return logging.Formatter().formatException(record.exc_info)
    return record.exc_text


def extras_of(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD}


@lru_cache(maxsize=4)
def _second(created: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(created))


def timestamp(created: float) -> str:
    whole = int(created)
    return f"{_second(whole)}.{int((created - whole) * 1000):03d}Z"


def _context(record: logging.LogRecord) -> dict[str, Any]:
    extras = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
    notes = noted()
    context = {**notes, **extras} if notes else extras
    if record.stack_info:
        context["stack"] = record.stack_info
    if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
        context.setdefault("error_type", record.exc_info[0].__name__)
    return context


def _entry(record: logging.LogRecord) -> dict[str, Any]:
    entry = {
        "timestamp": timestamp(record.created),
        "level": record.levelname,
        "module": record.name,
        "function": record.funcName or "",
        "line": record.lineno,
        "message": merged_message(record),
    }
    if (record.exc_info or record.exc_text) and (trace := trace_of(record)) is not None:
        entry["exception"] = trace
    entry["context"] = _context(record)
    return entry


def _masked(entry: dict[str, Any]) -> dict[str, Any]:
    masked = {name: scrub_text(value) if isinstance(value, str) else value for name, value in entry.items()}
    return masked | {"context": scrub(entry["context"])}


def failed_line(record: logging.LogRecord, error: BaseException | None) -> str:
    """What is left of a record that could not be masked."""
    entry: dict[str, Any] = {"timestamp": timestamp(record.created), "level": record.levelname, "module": record.name}
    entry |= {"function": record.funcName, "line": record.lineno, "message": FAILED}
    return json.dumps(entry | {"context": {"error_type": type(error).__name__}})


class JSONFormatter(logging.Formatter):
    """One line of JSON per record, masked as the last step over the finished record.

    `fields` chooses the names of the fields: sightline, ecs or otel.
    """

    def __init__(self, fields: str = "sightline") -> None:
        super().__init__()
        self._renamed = naming(fields)

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record)
        line = _harmless_line(entry if self._renamed is as_written else self._renamed(entry))
        return line or _as_json(self._renamed(_masked(entry)))


def _harmless_line(entry: dict[str, Any]) -> str:
    """The line at once, where nothing in it asks for a closer look, as in most; otherwise an empty text."""
    try:
        line = orjson.dumps(entry, option=_STRICTLY)
    except TypeError:
        return ""
    if len(line) > _SHORT or not line.isascii():
        return ""
    return line.decode() if is_harmless_line(line) else ""


def _as_json(entry: dict[str, Any]) -> str:
    """JSON in ASCII, so that no sign of a text can act on a terminal that shows the file."""
    try:
        line = orjson.dumps(entry)
    except TypeError:
        line = b"\xff"
    return line.decode() if line.isascii() else json.dumps(entry, ensure_ascii=True, allow_nan=False)


class ConsoleFormatter(logging.Formatter):
    """A short line for people; control characters of a message are shown, not obeyed by the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        lines = [scrub_text(merged_message(record)), *scrub_text(trace_of(record) or "").splitlines()]
        shown = "\n    ".join(_CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", line) for line in lines)
        return f"{timestamp(record.created)} {record.levelname:<7} {scrub_text(record.name)}: {shown}"
