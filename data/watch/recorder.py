"""Takes measurements at the price of an append, and writes them to the store from a thread of its own."""

from __future__ import annotations

import atexit
import logging
import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from data.watch.labels import Labels, known_method
from data.watch.measurement import Kind, Measurement

logger = logging.getLogger(__name__)

CAPACITY = 10_000
FLUSH_SECONDS = 1.0
DAYS_KEPT = 90
LAST_WORDS_SECONDS = 2.0
_BATCH = 2_000
_AN_HOUR = 3_600.0
_BETWEEN_COMPLAINTS = 60.0
_UNSTORABLE = (
    ValueError,
    TypeError,
    ArithmeticError,
    sqlite3.ProgrammingError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
)
"""A batch that is refused so would be refused for ever."""

Listener = Callable[[Sequence[Measurement]], None]


class Store(Protocol):
    """What the recorder needs of the database."""

    def write(self, measurements: Sequence[Measurement], *, dropped: int = 0) -> None:
        """All of them or, with an exception, none."""

    def keep_tidy(self, days_to_keep: int) -> int:
        """Delete what is older, if that has not been done today; how many measurements that were."""


class Recorder:
    """A bounded buffer and the thread that empties it every `flush_seconds`, one of each per process.

    What finds the buffer full is counted, and the count is stored. While the store cannot be written, what was taken
    last is kept and tried again. A forked process begins with an empty buffer; the parent writes what it had.
    """

    def __init__(
        self,
        store: Store,
        *,
        capacity: int = CAPACITY,
        flush_seconds: float = FLUSH_SECONDS,
        days_to_keep: int = DAYS_KEPT,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._capacity, self._flush_seconds = capacity, flush_seconds
        self._days_to_keep, self._timer = days_to_keep, timer
        self.listeners: list[Listener] = []
        self._begin()
        _recorders.add(self)

    def _begin(self) -> None:
        """Everything that belongs to one process."""
        self._buffer: deque[Measurement] = deque()
        self._taken: deque[list[Measurement]] = deque()
        self._waiting: deque[threading.Event] = deque()
        self._labels = Labels()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._writer: threading.Thread | None = None
        self._closed = False
        self._tidy_at = self._timer()
        self._complain_at = self._timer()
        self._unstored = 0
        self.dropped = 0
        self.problem: str | None = None

    def record(self, measurement: Measurement) -> None:
        """Never waits and never raises."""
        buffer = self._buffer
        held = len(buffer)
        if held >= self._capacity:
            self._count_dropped(1)
            return
        buffer.append(measurement)
        if self._writer is None:
            self._start()
        elif held * 2 >= self._capacity and not self._wake.is_set():
            self._wake.set()

    def flush(self, timeout: float = LAST_WORDS_SECONDS) -> bool:
        """Whether all that was recorded before is in the store, after at most `timeout` seconds."""
        if self._closed or (self._writer is None and not self._buffer and not self._taken):
            return not (self._buffer or self._taken or self._unstored)
        done = threading.Event()
        self._waiting.append(done)
        self._start()
        self._wake.set()
        return done.wait(timeout) and self.problem is None

    def close(self, timeout: float = LAST_WORDS_SECONDS) -> None:
        """Write what there is and end the thread; what is recorded afterwards is not kept."""
        self.flush(timeout)
        self._closed = True
        self._wake.set()
        writer = self._writer
        if writer is not None:
            writer.join(timeout)

    def _start(self) -> None:
        with self._lock:
            if self._closed or self._writer is not None:
                return
            self._writer = threading.Thread(target=self._run, name="metrics-writer", daemon=True)
            try:
                self._writer.start()
            except RuntimeError:  # no thread is to be had, perhaps because the program is ending
                self._writer = None

    def _count_dropped(self, number: int) -> None:
        with self._lock:
            self.dropped += number
            self._unstored += number

    def _run(self) -> None:
        try:
            while not self._closed:
                self._wake.wait(self._flush_seconds)
                self._wake.clear()
                self._turn()
        finally:
            self._writer = None  # whatever ended it, the next measurement starts another

    def _turn(self) -> None:
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._write_all()
        for one in waiting:
            one.set()
        if self._timer() >= self._tidy_at and self.problem is None:
            self._keep_tidy()

    def _write_all(self) -> None:
        while self._take() or self._unstored:
            if not self._write():
                return

    def _take(self) -> bool:
        """Whether there is a batch to be written, the one before included if it could not be."""
        buffer = self._buffer
        if not self._taken and buffer:
            batch = [self._named(buffer.popleft()) for _ in range(min(len(buffer), _BATCH))]
            self._taken.append(batch)
            for listener in self.listeners:
                listener(batch)
        return bool(self._taken)

    def _named(self, row: Measurement) -> Measurement:
        """Under one of the few names there may be, whoever made it up."""
        method = known_method(row.method) if row.kind in {Kind.REQUEST, Kind.CALLBACK} else row.method
        return row._replace(label=self._labels.admit(row.kind, row.label), method=method)

    def _write(self) -> bool:
        """Whether to go on."""
        lost, batch = self._unstored, self._taken[0] if self._taken else []
        try:
            self._store.write(batch, dropped=lost)
        except _UNSTORABLE as error:
            self._give_up(batch, error)
            return bool(batch)
        except (sqlite3.Error, OSError) as error:
            self._note_problem(error)
            return False
        with self._lock:
            self._unstored -= lost
        if batch:
            self._taken.popleft()
        self._note_success(lost)
        return True

    def _give_up(self, batch: list[Measurement], error: Exception) -> None:
        """Halve the batch, until what is refused is alone; that is lost."""
        if batch:
            self._taken.popleft()
        if len(batch) > 1:
            half = len(batch) // 2
            self._taken.extendleft([batch[half:], batch[:half]])
            return
        self._count_dropped(len(batch))
        facts = {"rows": len(batch), "error_type": type(error).__name__}
        logger.error("A measurement could not be stored", extra={"event": "watch.rows_refused", **facts})

    def _note_problem(self, error: sqlite3.Error | OSError) -> None:
        cause = error.__cause__ or error
        reason = (cause.strerror if isinstance(cause, OSError) else str(cause)) or type(cause).__name__  # names no path
        if self.problem is None:
            facts = {"reason": reason, "error_type": type(cause).__name__}
            logger.warning(
                "Measurements cannot be written: %s. They are kept for now.",
                reason,
                extra={"event": "watch.store_unwritable", **facts},
            )
        self.problem = reason

    def _note_success(self, lost: int) -> None:
        if self.problem is not None:
            self.problem = None
            logger.info("Measurements are written again", extra={"event": "watch.recording_resumed", "dropped": lost})
        elif lost and self._timer() >= self._complain_at:
            self._complain_at = self._timer() + _BETWEEN_COMPLAINTS
            logger.warning(
                "More was measured than could be written", extra={"event": "watch.rows_dropped", "dropped": lost}
            )

    def _keep_tidy(self) -> None:
        self._tidy_at = self._timer() + _AN_HOUR
        try:
            self._store.keep_tidy(self._days_to_keep)
        except (sqlite3.Error, OSError) as error:
            self._note_problem(error)


_recorders: weakref.WeakSet[Recorder] = weakref.WeakSet()


def _last_words() -> None:
    for recorder in list(_recorders):
        recorder.close()


def _after_fork() -> None:
    """The thread does not exist here, locks may be held by threads that do not, and the rows are the parent's."""
    for recorder in list(_recorders):
        recorder._begin()  # noqa: SLF001 - of this module


atexit.register(_last_words)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
