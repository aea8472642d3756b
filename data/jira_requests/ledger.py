"""Where requests are accounted for: small documents, changed by one at a time, for a process or a whole machine."""

from __future__ import annotations

import copy
import logging
import os
import sqlite3
import threading
import time
import weakref
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson
from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)

Document = dict[str, Any]
T = TypeVar("T")

BUSY_SECONDS = 5.0
REST_SECONDS = 60.0
KEPT_SECONDS = 30 * 86_400.0
REBOOT_SECONDS = 1.0
_DAMAGED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_SCHEMA}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  name TEXT PRIMARY KEY, content BLOB NOT NULL, digest INTEGER NOT NULL, monotonic REAL NOT NULL, wall REAL NOT NULL
) WITHOUT ROWID
"""
_SELECT = "SELECT content, digest, monotonic, wall FROM documents WHERE name = ?"


class Ledger(Protocol):
    """Documents by name. What a document keeps below `at` are instants of the monotonic clock, or lists of them.

    The one seam for another store: a server that can change a value alone (a transaction, or compare and set) will do.
    """

    def read(self, name: str, view: Callable[[Document], T]) -> T:
        """What `view` makes of the document, which it must not change; an unknown name is an empty document."""
        ...

    def change(self, name: str, step: Callable[[Document], T]) -> T:
        """Let `step` change the document while nobody else can; nothing is kept of a step that raises."""
        ...


class MemoryLedger:
    """For the threads of one process."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._lock = threading.Lock()

    def read(self, name: str, view: Callable[[Document], T]) -> T:
        with self._lock:
            return view(self._documents.get(name, {}))

    def change(self, name: str, step: Callable[[Document], T]) -> T:
        with self._lock:
            document = copy.deepcopy(self._documents.get(name, {}))
            result = step(document)
            self._documents[name] = document
            return result


class SqliteLedger:
    """For all threads and processes of one machine that know the file.

    A process has one connection, which its threads share. A file that is damaged is set aside for a new one; while
    there is none that can be written, the process keeps its own books. Neither is ever felt by who asks.
    """

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._path, self._clock, self._wall = path, clock, wall
        self._inherited: list[sqlite3.Connection] = []
        self._connection: sqlite3.Connection | None = None
        self._finalizer: weakref.finalize[..., SqliteLedger] | None = None
        self._begin()

    def read(self, name: str, view: Callable[[Document], T]) -> T:
        return self._with_file(lambda file: view(self._load(file, name)), lambda memory: memory.read(name, view))

    def change(self, name: str, step: Callable[[Document], T]) -> T:
        return self._with_file(lambda file: self._change_in(file, name, step), lambda memory: memory.change(name, step))

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._connection = self._finalizer = None

    def _begin(self) -> None:
        """Start afresh in this process: a connection, like a lock, must not be carried over a fork."""
        if self._connection is not None:
            self._inherited.append(self._connection)
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._memory = MemoryLedger()
        self._connection = None
        self._finalizer = None
        self._file: tuple[int, int] | None = None
        self._alone_until = float("-inf")

    def _with_file(self, in_file: Callable[[sqlite3.Connection], T], in_memory: Callable[[MemoryLedger], T]) -> T:
        if os.getpid() != self._pid:
            self._begin()
        with self._lock:
            for last in (False, True):
                if self._clock() < self._alone_until:
                    break
                try:
                    return in_file(self._opened())
                except (sqlite3.Error, OSError, Timeout) as error:
                    self._give_up(error, last=last)
        return in_memory(self._memory)

    def _opened(self) -> sqlite3.Connection:
        """The connection, made anew when there is none or another file has taken the place of the one it had."""
        if self._connection is not None and self._file == _identity(self._path):
            return self._connection
        self._close()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Two processes that turn one new file to its journal mode at the same moment would refuse each other.
        with FileLock(f"{self._path}.lock", timeout=BUSY_SECONDS, mode=0o600):
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._finalizer = weakref.finalize(self, _close_in, self._pid, connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_SCHEMA)
            connection.execute("DELETE FROM documents WHERE wall < ?", (self._wall() - KEPT_SECONDS,))
        self._connection, self._file = connection, _identity(self._path)
        return connection

    def _change_in(self, file: sqlite3.Connection, name: str, step: Callable[[Document], T]) -> T:
        file.execute("BEGIN IMMEDIATE")
        try:
            document = self._load(file, name)
            result = step(document)
            content = orjson.dumps(document)
            row = (name, content, zlib.crc32(content), self._clock(), self._wall())
            file.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", row)
            file.execute("COMMIT")
        finally:
            if file.in_transaction:
                file.execute("ROLLBACK")
        return result

    def _load(self, file: sqlite3.Connection, name: str) -> Document:
        row = file.execute(_SELECT, (name,)).fetchone()
        if row is None or zlib.crc32(row[0]) != row[1]:
            return {}
        content, _, monotonic, wall = row
        document: Document = orjson.loads(content)
        if self._clock() < monotonic - REBOOT_SECONDS:
            _carry_over(document, self._clock() - monotonic - max(0.0, self._wall() - wall))
        return document

    def _give_up(self, error: Exception, *, last: bool) -> None:
        """Set a damaged file aside once; whatever else is wrong, be alone for a while."""
        self._close()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED and not last and self._set_aside():
            return
        self._alone_until = self._clock() + REST_SECONDS
        logger.warning(
            "Limits on requests are not shared with other processes for now: %s",
            error,
            extra={"event": "limits.not_shared", "file": self._path.name, "reason": str(error)},
        )

    def _set_aside(self) -> bool:
        """Move the file away, unless another process has already put a sound one in its place."""
        with suppress(OSError, Timeout), FileLock(f"{self._path}.lock", timeout=BUSY_SECONDS, mode=0o600):
            if not _is_sound(self._path):
                for suffix in ("", "-wal", "-shm"):
                    part = Path(f"{self._path}{suffix}")
                    if part.exists():
                        part.replace(f"{self._path}{suffix}.damaged")
                logger.warning(
                    "The shared account of requests is damaged; a new one is begun",
                    extra={"event": "limits.ledger_damaged", "file": self._path.name},
                )
            return True
        return False


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _close_in(pid: int, connection: sqlite3.Connection) -> None:
    if os.getpid() == pid:
        connection.close()


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as file:
            file.execute("SELECT name, content, digest, monotonic, wall FROM documents").fetchall()
            return bool(file.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


def _carry_over(document: Document, offset: float) -> None:
    """After a reboot the monotonic clock begins anew; how long it took, only the wall clock can tell."""
    instants: Document = document.get("at", {})
    for key, value in instants.items():
        instants[key] = [instant + offset for instant in value] if isinstance(value, list) else value + offset
