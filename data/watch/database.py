"""The connections of one process to the database of measurements, and what happens when the file is in trouble."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from data.watch.packing import UnreadableError
from data.watch.schema import ForeignError, is_whole, prepare

logger = logging.getLogger(__name__)

T = TypeVar("T")
Step = Callable[[sqlite3.Connection], T]

BUSY_SECONDS = 5.0
"""A writer waits so long for another one; a reader a fifth of it."""
OPENING_SECONDS = 10.0
WAL_BYTES = 16 * 1024 * 1024
SET_ASIDE = "set-aside"
_KEPT = 3
_TRIES = 3
_BETWEEN_COMPLAINTS = 60.0
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_PARTS = ("", "-wal", "-shm")
_inherited: list[sqlite3.Connection] = []
"""Connections that a fork brought along; using or closing them would disturb the process that opened them."""


class StoreUnavailable(OSError):  # noqa: N818 - it says what happened
    """The database cannot be written now: locked, read-only, the disk full. The same may be tried again later."""


class _Damaged(Exception):  # noqa: N818 - an event: the file is set aside, and all goes on with a new one
    """What is wrong with the file."""


class _Lost(Exception):  # noqa: N818 - an event: all connections of the process are opened anew, none may outlive it
    """The file that a connection has open is no longer the one at the path."""


class _Way:
    """One connection, whose users take turns."""

    def __init__(self, busy_seconds: float) -> None:
        self.busy_seconds = busy_seconds
        self.turn = threading.RLock()
        self.connection: sqlite3.Connection | None = None
        self.file: tuple[int, int] | None = None
        self.log: tuple[int, int] | None = None

    def close(self) -> None:
        if self.connection is not None:
            with suppress(sqlite3.Error):
                self.connection.close()
        self.connection = self.log = None


class Database:
    """A file that several threads and processes read and write, one connection for each in every process.

    What is damaged, or not ours, is set aside, and a new file begun. Reading never fails: what cannot be read is
    nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._writing = _Way(BUSY_SECONDS)
        self._reading = _Way(BUSY_SECONDS / 5)
        self._complained = float("-inf")

    def _belongs_here(self) -> None:
        if os.getpid() == self._pid:
            return
        _inherited.extend(way.connection for way in (self._writing, self._reading) if way.connection is not None)
        self._begin()

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._belongs_here()
        with self._writing.turn, self._reading.turn:  # nobody who has one turn waits for the other
            self._writing.close()
            self._reading.close()

    def write(self, step: Step[T]) -> T:
        """Let `step` change the file in one transaction, whole or not at all.

        Raises:
            StoreUnavailable: it could not be, and may be tried again.
        """
        self._belongs_here()
        try:
            return self._on(self._writing, lambda connection: _in_transaction(connection, step))
        except (sqlite3.OperationalError, OSError) as problem:
            raise StoreUnavailable(f"The measurements cannot be stored: {problem}") from problem

    def read(self, step: Step[T], nothing: T) -> T:
        """What `step` reads, all of it as it was at one instant."""
        self._belongs_here()
        try:
            return self._on(self._reading, lambda connection: _at_one_instant(connection, step))
        except (sqlite3.Error, OSError) as problem:
            self._complain(problem)
            return nothing

    def keep_wal_small(self) -> None:
        """Bring a write-ahead log that has grown back into the file, unless somebody is reading from it."""
        with suppress(OSError, sqlite3.OperationalError):
            if self._log.stat().st_size > WAL_BYTES:
                self._on(self._writing, lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))

    def _on(self, way: _Way, step: Step[T]) -> T:
        """Do it, and again if the file turns out to be damaged, or was deleted, meanwhile."""
        reason = ""
        for _ in range(_TRIES):
            try:
                with way.turn:
                    return self._tried(way, step)
            except _Lost as loss:
                reason = str(loss)
                self.close()
            except _Damaged as damage:
                reason, seen = str(damage), way.file
                self.close()
                with self._opening():
                    self._set_aside(reason, seen)
        raise StoreUnavailable(f"The file of measurements cannot be used: {reason}")

    def _tried(self, way: _Way, step: Step[T]) -> T:
        connection = self._opened(way)
        try:
            result = step(connection)
        except (UnreadableError, UnicodeDecodeError) as problem:
            raise _Damaged(str(problem)) from problem
        except sqlite3.DatabaseError as problem:
            if _is_damage(problem) or _lacks_tables(connection, problem):
                raise _Damaged(str(problem)) from problem
            if _code(problem) == sqlite3.SQLITE_IOERR:
                way.close()
            raise
        way.log = way.log or _file_at(self._log)
        return result

    def _opened(self, way: _Way) -> sqlite3.Connection:
        there = self._file_there()
        if way.connection is None:
            return self._open(way, there)
        if there is None or way.log not in (None, _file_at(self._log)):
            logger.warning(
                "The file of measurements, or its log, was deleted while it was in use; it is opened anew.",
                extra={"event": "watch.store_lost", "file": self.path.name},
            )
        elif way.file == there:
            return way.connection
        raise _Lost("it was deleted or replaced while it was in use")

    def _open(self, way: _Way, there: tuple[int, int] | None) -> sqlite3.Connection:
        try:
            with self._opening():
                way.connection = self._made_ready(way)
        except OSError:
            if way is self._writing or there is None:
                raise
            way.connection = _read_only(self.path, way.busy_seconds)
        way.file = self._file_there()
        return way.connection

    def _opening(self) -> FileLock:
        """Files are made, brought up to date and set aside by one process at a time."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(f"{self.path}.lock", timeout=OPENING_SECONDS)

    def _made_ready(self, way: _Way) -> sqlite3.Connection:
        if self.path.exists() and self._file_there() is None:
            self._set_aside("it is empty", None)
        try:
            return _connected(self.path, way.busy_seconds)
        except _Damaged as damage:
            self._set_aside(str(damage), None)
        try:
            return _connected(self.path, way.busy_seconds)
        except _Damaged as damage:
            raise StoreUnavailable(f"No file for measurements can be made: {damage}") from damage

    def _file_there(self) -> tuple[int, int] | None:
        """Which file is at the path now; one without a byte is none."""
        return _file_at(self.path, at_least=1)

    def _set_aside(self, reason: str, seen: tuple[int, int] | None) -> None:
        """Move the file away with its logs, unless another process has done so; the newest few are kept."""
        if seen is not None and seen != self._file_there():
            return
        folder = self.path.parent / SET_ASIDE
        folder.mkdir(exist_ok=True)
        stamp = f"{time.time_ns():020d}"
        for part in _PARTS:
            with suppress(FileNotFoundError):
                Path(f"{self.path}{part}").replace(folder / f"{stamp}-{self.path.name}{part}")
        for old in sorted(folder.glob(f"*-{self.path.name}"))[:-_KEPT]:
            for part in _PARTS:
                Path(f"{old}{part}").unlink(missing_ok=True)
        logger.warning(
            "The file of measurements cannot be used and was set aside; a new one is begun: %s",
            reason,
            extra={"event": "watch.store_set_aside", "file": self.path.name, "reason": reason},
        )

    def _complain(self, problem: Exception) -> None:
        now = time.monotonic()
        if now - self._complained < _BETWEEN_COMPLAINTS:
            return
        self._complained = now
        logger.warning(
            "The measurements cannot be read now, so that none are shown: %s",
            problem,
            extra={"event": "watch.store_unreadable", "file": self.path.name, "reason": str(problem)},
        )


def _connected(path: Path, busy_seconds: float) -> sqlite3.Connection:
    connection = _connection(str(path), busy_seconds)
    try:
        prepare(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
    except (ForeignError, UnicodeDecodeError) as problem:  # SQLite's own words may quote damaged text
        connection.close()
        raise _Damaged(str(problem)) from problem
    except sqlite3.DatabaseError as problem:
        connection.close()
        if _is_damage(problem):
            raise _Damaged(str(problem)) from problem
        raise
    return connection


def _read_only(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A file in a folder where nothing can be made or locked; without a log beside it nobody writes to it."""
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    connection = _connection(f"{path.absolute().as_uri()}?{how}", busy_seconds, uri=True)
    try:
        prepare(connection)
    except (ForeignError, sqlite3.Error) as problem:
        connection.close()
        raise StoreUnavailable(str(problem)) from problem
    return connection


def _connection(name: str, busy_seconds: float, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(name, timeout=busy_seconds, isolation_level=None, check_same_thread=False, uri=uri)


def _in_transaction(connection: sqlite3.Connection, step: Step[T]) -> T:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        return step(connection)


def _at_one_instant(connection: sqlite3.Connection, step: Step[T]) -> T:
    connection.execute("BEGIN")
    try:
        return step(connection)
    finally:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")


def _file_at(path: Path, at_least: int = 0) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size >= at_least else None


def _code(problem: sqlite3.DatabaseError) -> int:
    return int(getattr(problem, "sqlite_errorcode", 0)) & 0xFF


def _is_damage(problem: sqlite3.DatabaseError) -> bool:
    return _code(problem) in _DAMAGED or "decode" in str(problem)  # text that is no text has no code of its own


def _lacks_tables(connection: sqlite3.Connection, problem: sqlite3.DatabaseError) -> bool:
    try:
        return _code(problem) == sqlite3.SQLITE_ERROR and not is_whole(connection)
    except sqlite3.DatabaseError:
        return True
