"""The sinks of records: files and console that never raise, never show what is not masked, and count what they lose."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from configuration.log_format import failed_line
from configuration.shared_file import SharedFile

logger = logging.getLogger(__name__)

_BETWEEN_COMPLAINTS = 60.0
_DEEPEST_NESTING = 3


class _Nesting(threading.local):
    """How many records are being written on this thread, one because of the other."""

    depth = 0


_nesting = _Nesting()


class Losses:
    """Records that could not be written, by file; complains on the console's stream at most once a minute."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Afresh, also in a forked process: what its parent lost is not its own."""
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()
        self._complain_from = 0.0

    def add(self, file: str, reason: str) -> None:
        with self._lock:
            self._counts[file] += 1
            self._untold[file] += 1
            now = time.monotonic()
            is_due = now >= self._complain_from
            if is_due:
                self._complain_from = now + _BETWEEN_COMPLAINTS
            total = self._counts.total()
        if is_due and sys.stderr is not None:
            with suppress(OSError, ValueError):
                sys.stderr.write(f"Log records are being lost ({total} so far): {file}: {reason}\n")

    def take(self) -> dict[str, int]:
        """What was lost since it was last taken, for whoever counts the losses of all processes."""
        with self._lock:
            untold, self._untold = self._untold, Counter()
        return dict(untold)

    def give_back(self, untold: Mapping[str, int]) -> None:
        """It could not be counted; the next one takes it."""
        with self._lock:
            self._untold.update(untold)

    def by_file(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)


losses = Losses()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=losses.begin)


def dropped_records() -> dict[str, int]:
    """How many records this process could not write, by file name."""
    return losses.by_file()


class _Sink(logging.StreamHandler[Any]):
    """Formats and writes without a lock of its own: the formatters keep no state, the streams guard themselves."""

    _lost = 0

    def handle(self, record: logging.LogRecord) -> bool:
        if self.filters and not self.filter(record):
            return False
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Objects may log while they are shown; one that does so without end is written no deeper than this."""
        depth, lost = _nesting.depth, self._lost
        if depth > _DEEPEST_NESTING:
            return
        _nesting.depth = depth + 1
        try:
            super().emit(record)
        except RecursionError:
            self.handleError(record)
        finally:
            _nesting.depth = depth
        if lost and lost == self._lost:
            self._tell_of_losses()

    def flush(self) -> None:
        """Every line is handed to the system when it is written."""

    def _tell_of_losses(self) -> None:
        """Nothing can be told by a sink that counts nothing."""


class LogFile(_Sink):
    """A rotated file that only its owner may read. A record that cannot be masked leaves a line saying so, no more."""

    def __init__(self, path: Path, *, max_bytes: int, backups: int) -> None:
        self._file = SharedFile(path, max_bytes=max_bytes, backups=backups)
        super().__init__(self._file)
        self.baseFilename = str(self._file.path)
        self._reason = ""

    def open(self) -> None:
        """Create the file now, to learn whether it can be; otherwise every record tries again."""
        self._file.open()

    def close(self) -> None:
        self._file.close()
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            try:
                self._file.write(failed_line(record, error) + "\n")
            except OSError as refused:
                error = refused
        if isinstance(error, OSError):
            self._lost += 1
            self._reason = error.strerror or type(error).__name__
            losses.add(self._file.path.name, self._reason)

    def _tell_of_losses(self) -> None:
        dropped, self._lost = self._lost, 0
        file, reason = self._file.path.name, self._reason
        logger.warning(
            "Log records were lost and are written again.",
            extra={"event": "log.records_dropped", "file": file, "dropped": dropped, "reason": reason},
        )


class TimedRecordsFile(LogFile):
    """Takes the records that say how long something took, or whether that was too long."""

    def handle(self, record: logging.LogRecord) -> bool:
        if "duration_seconds" in record.__dict__ or "threshold_status" in record.__dict__:
            return super().handle(record)
        return False


class Console(_Sink):
    """Writes to whatever stderr is at that moment, if there is one."""

    def handle(self, record: logging.LogRecord) -> bool:
        if sys.stderr is None:
            return False
        self.stream = sys.stderr
        return super().handle(record)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self.stream.flush()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            with suppress(OSError, ValueError):
                self.stream.write(failed_line(record, error) + "\n")
