"""Where records go, in which form, and for how long the files are kept."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from configuration.redaction import SENSITIVE_PATTERNS, safe_repr, safe_text, scrub, scrub_text
from configuration.request_notes import current_request_id

logger = logging.getLogger(__name__)

_OWN_FILE = re.compile(r"(?:app|errors|performance)\.log(?:\.\d+)?")
_TIMED = ("duration_seconds", "threshold_status")
_CHATTY = ("urllib3", "requests", "werkzeug", "dash", "asyncio")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FAILED = "[REDACTION FAILED]"


class _Shown:
    """A logged argument whose own text methods may raise."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return safe_text(self._value)

    def __repr__(self) -> str:
        return safe_repr(self._value)


def _shown(value: object) -> object:
    return value if isinstance(value, str | int | float) else _Shown(value)


def merged_message(record: logging.LogRecord) -> str:
    """The message with its arguments in place; arguments that do not fit it are written after it."""
    text = record.msg if isinstance(record.msg, str) else safe_text(record.msg)
    if not record.args:
        return text
    try:
        if isinstance(record.args, Mapping):
            return text % {name: _shown(value) for name, value in record.args.items()}
        return text % tuple(_shown(value) for value in record.args)
    except (TypeError, ValueError, KeyError, OverflowError):
        return f"{text} {safe_repr(record.args)}"


def _trace(record: logging.LogRecord) -> str | None:
    """The trace of the record, without touching the copy that other handlers may cache in it."""
    if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
        return logging.Formatter().formatException(record.exc_info)
    return record.exc_text


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class SensitiveDataFilter(logging.Filter):
    """Masks a record in place, for a plain handler of one's own; the product's formatters mask by themselves."""

    SENSITIVE_PATTERNS = SENSITIVE_PATTERNS

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave message, extras and trace without secrets; the record always passes."""
        record.msg, record.args = scrub_text(merged_message(record)), ()
        trace = _trace(record)
        record.exc_text = None if trace is None else scrub_text(trace)
        record.exc_info = None
        record.stack_info = record.stack_info and scrub_text(record.stack_info)
        for name, value in _extras(record).items():
            setattr(record, name, scrub(value, name))
        return True


class JSONFormatter(logging.Formatter):
    """One line of JSON per record, masked as the last step over the finished record."""

    def format(self, record: logging.LogRecord) -> str:
        context = _extras(record)
        if record.stack_info:
            context["stack"] = record.stack_info
        if (request_id := current_request_id.get()) is not None:
            context.setdefault("request_id", request_id)
        entry: dict[str, Any] = {
            "timestamp": _timestamp(record.created),
            "level": record.levelname,
            "module": record.name,
            "function": record.funcName,
            "line": record.lineno,
            "message": scrub_text(merged_message(record)),
        }
        if (trace := _trace(record)) is not None:
            entry["exception"] = scrub_text(trace)
        entry["context"] = scrub(context)
        return json.dumps(entry, ensure_ascii=True, allow_nan=False)


def _timestamp(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ConsoleFormatter(logging.Formatter):
    """A short line for people; control characters of a message are shown, not obeyed by the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        lines = [scrub_text(merged_message(record)), *scrub_text(_trace(record) or "").splitlines()]
        shown = "\n    ".join(_CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", line) for line in lines)
        return f"{_timestamp(record.created)} {record.levelname:<7} {record.name}: {shown}"


class _OwnFile(RotatingFileHandler):
    """A rotated file only its owner may read. A record that cannot be masked leaves a line saying so, no more."""

    _last_complaint = 0.0

    def _open(self) -> Any:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding="utf-8", opener=private)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self._complain(error)
        elif self.stream is not None:
            self.stream.write(_failed_line(record, error) + "\n")
            self.flush()

    def _complain(self, error: OSError) -> None:
        now = time.monotonic()
        if now - self._last_complaint > 60 and sys.stderr is not None:
            self._last_complaint = now
            sys.stderr.write(f"Log records are being lost: {Path(self.baseFilename).name}: {error.strerror}\n")


class _Console(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.stream.write(_failed_line(record, error) + "\n")


def _failed_line(record: logging.LogRecord, error: BaseException | None) -> str:
    entry: dict[str, Any] = {"timestamp": _timestamp(record.created), "level": record.levelname, "module": record.name}
    entry |= {"function": record.funcName, "line": record.lineno, "message": _FAILED}
    return json.dumps(entry | {"context": {"error_type": type(error).__name__}})


def _is_timed(record: logging.LogRecord) -> bool:
    return any(hasattr(record, name) for name in _TIMED)


def setup_logging(
    log_dir: str | Path = "logs",
    max_bytes: int = 10 * 1024 * 1024,
    backup_count: int = 5,
    log_level: str = "INFO",
) -> None:
    """Send records to the console and to app.log, errors.log and performance.log; calling it again starts afresh.

    performance.log takes the records that carry `duration_seconds` or `threshold_status`. A folder that cannot be
    written costs the files, not the program: the console then says so.
    """
    levels = logging.getLevelNamesMapping()
    if log_level.upper() not in levels:
        raise ValueError(f"log_level is {log_level!r}; choose from {', '.join(sorted(levels))}")
    level = levels[log_level.upper()]
    root = logging.getLogger()
    for handler in [held for held in root.handlers if isinstance(held, _OwnFile | _Console)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(min(level, logging.INFO))
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    console = _Console()
    console.setLevel(level)
    console.setFormatter(ConsoleFormatter())
    root.addHandler(console)
    try:
        files = _files(Path(log_dir), max_bytes, backup_count)
    except OSError as error:
        logger.warning("No log files are written: %s", error.strerror, extra={"log_dir": str(log_dir)})
        return
    for file, lowest in zip(files, (level, logging.ERROR, logging.INFO), strict=True):
        file.setLevel(lowest)
        file.setFormatter(JSONFormatter())
        root.addHandler(file)
    files[2].addFilter(_is_timed)


def _files(log_dir: Path, max_bytes: int, backup_count: int) -> list[_OwnFile]:
    log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = ("app.log", "errors.log", "performance.log")
    return [_OwnFile(log_dir / name, maxBytes=max_bytes, backupCount=backup_count) for name in names]


def cleanup_old_logs(log_dir: str | Path = "logs", max_age_days: int = 30) -> int:
    """Delete this program's closed log files that nobody has written to for `max_age_days`; how many went."""
    folder = Path(log_dir)
    open_now = {handler.baseFilename for handler in logging.getLogger().handlers if isinstance(handler, _OwnFile)}
    oldest_kept = time.time() - max_age_days * 86_400
    deleted = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not _OWN_FILE.fullmatch(path.name) or path.is_symlink() or str(path.absolute()) in open_now:
            continue
        try:
            if path.is_file() and path.stat().st_mtime < oldest_kept:
                path.unlink()
                deleted += 1
        except OSError as error:
            logger.warning("An old log file could not be deleted: %s", error.strerror, extra={"file": path.name})
    return deleted
