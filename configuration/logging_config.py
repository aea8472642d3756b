"""Where records go, in which form, and for how long the files are kept."""

from __future__ import annotations

import http.client
import logging
import re
import threading
import time
from pathlib import Path

from configuration.log_format import CHATTY, ConsoleFormatter, JSONFormatter, extras_of, merged_message, trace_of
from configuration.log_handlers import Console, LogFile, TimedRecordsFile, dropped_records
from configuration.redaction import SENSITIVE_PATTERNS, scrub, scrub_text

__all__ = ["JSONFormatter", "SensitiveDataFilter", "cleanup_old_logs", "dropped_records", "setup_logging"]

logger = logging.getLogger(__name__)

FILES = ("app.log", "errors.log", "performance.log")
_OWN_FILE = re.compile(r"(?:app|errors|performance)\.log(?:\.\d+|\.part)?")
_DAY = 86_400


class SensitiveDataFilter(logging.Filter):
    """Masks a record in place, for a plain handler of one's own; the product's formatters mask by themselves."""

    SENSITIVE_PATTERNS = SENSITIVE_PATTERNS

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave message, extras and trace without secrets; the record always passes."""
        record.msg, record.args = scrub_text(merged_message(record)), ()
        trace = trace_of(record)
        record.exc_text = None if trace is None else scrub_text(trace)
        record.exc_info = None
        record.stack_info = record.stack_info and scrub_text(record.stack_info)
        for name, value in extras_of(record).items():
            setattr(record, name, scrub(value, name))
        return True


class _DailyCleaning(threading.Thread):
    """Deletes old logs of one folder once a day for as long as the program runs, or logs go to that folder."""

    def __init__(self, log_dir: Path, every: float = _DAY) -> None:
        super().__init__(name="log-cleaning", daemon=True)
        self._log_dir = log_dir
        self._every = every
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every):
            cleanup_old_logs(self._log_dir)

    def stop(self) -> None:
        self._stopped.set()


_cleaning: list[_DailyCleaning] = []


def _clean_daily(log_dir: Path) -> None:
    while _cleaning:
        _cleaning.pop().stop()
    _cleaning.append(_DailyCleaning(log_dir))
    _cleaning[-1].start()


def setup_logging(
    log_dir: str | Path = "logs",
    max_bytes: int = 10 * 1024 * 1024,
    backup_count: int = 5,
    log_level: str = "INFO",
    *,
    log_format: str = "sightline",
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
    for handler in [held for held in root.handlers if isinstance(held, LogFile | Console)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(min(level, logging.INFO))
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    console = Console()
    console.setLevel(level)
    console.setFormatter(ConsoleFormatter())
    root.addHandler(console)
    http.client.HTTPConnection.debuglevel = 0
    folder = Path(log_dir)
    limits = (level, logging.ERROR, logging.INFO)
    kinds = (LogFile, LogFile, TimedRecordsFile)
    files = [
        kind(folder / name, max_bytes=max_bytes, backups=backup_count) for kind, name in zip(kinds, FILES, strict=True)
    ]
    for file, lowest in zip(files, limits, strict=True):
        file.setLevel(lowest)
        file.setFormatter(JSONFormatter(log_format))
    _open_all(files, folder)
    for file in files:
        root.addHandler(file)
    _clean_daily(folder)


def _open_all(files: list[LogFile], folder: Path) -> None:
    try:
        for file in files:
            file.open()
    except OSError as error:
        logger.warning(
            "No log files are written: %s. Records go there again as soon as they can.",
            error.strerror,
            extra={"event": "log.files_unavailable", "log_dir": str(folder), "reason": error.strerror},
        )


def cleanup_old_logs(log_dir: str | Path = "logs", max_age_days: int = 30) -> int:
    """Delete this program's closed log files that nobody has written to for `max_age_days`; how many went."""
    folder = Path(log_dir)
    open_now = {handler.baseFilename for handler in logging.getLogger().handlers if isinstance(handler, LogFile)}
    oldest_kept = time.time() - max_age_days * 86_400
    deleted = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not _OWN_FILE.fullmatch(path.name) or path.is_symlink() or str(path.absolute()) in open_now:
            continue
        try:
            if path.is_file() and path.stat().st_mtime < oldest_kept:
                path.unlink()
                deleted += 1
        except FileNotFoundError:
            continue  # another process cleans as well
        except OSError as error:
            logger.warning(
                "An old log file could not be deleted: %s.",
                error.strerror,
                extra={"event": "log.old_file_kept", "file": path.name, "reason": error.strerror},
            )
    return deleted
