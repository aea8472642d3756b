"""A file of lines that several processes and threads write and rotate at once without losing any."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from weakref import WeakSet

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

    def _let_others_run() -> None:
        time.sleep(0)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    _let_others_run = getattr(os, "sched_yield", lambda: time.sleep(0))


_BUSY = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
_LONGEST_WAIT, _LONGEST_PAUSE = 1.0, 0.002
_QUICK_TRIES = 100
_BETWEEN_ROLLS = 1.0
_FLAGS = os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FLAGS |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)

_all: WeakSet[SharedFile] = WeakSet()


class SharedFile:
    """Appends whole lines; at `max_bytes` the file becomes `name.1`, the older ones move on, the oldest goes.

    Every line is one write behind a lock that other processes respect, and the place of the file is looked at each
    time: a file that was moved, deleted or replaced is opened anew. Where the lock cannot be had for a second, the
    line is written without it and nothing is moved. With no `max_bytes` or no `backups` the file just grows.
    """

    def __init__(self, path: str | Path, *, max_bytes: int = 0, backups: int = 0) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        self._name = str(self.path)
        self._limit = max_bytes if backups > 0 else 0
        self._backups = backups
        self._mutex = threading.RLock()
        self._forget()
        _all.add(self)

    def _forget(self) -> None:
        self._descriptor = self._lock_descriptor = -1
        self._place = (0, 0)
        self._end = -1
        self._no_lock_before = self._no_roll_before = 0.0

    def append(self, line: bytes) -> None:
        """Write the line, or raise OSError having written nothing of it."""
        with self._mutex:
            locked = self._lock()
            try:
                size = self._ready(len(line), may_roll=locked)
                if size not in {0, self._end} and not self._ends_with_a_line():
                    line = b"\n" + line  # somebody was killed within a line
                self._write(line, size if locked else None)
                self._end = size + len(line)
            finally:
                if locked:
                    self._release()

    def write(self, text: str) -> None:
        """For whom a stream of text is expected."""
        self.append(text.encode("utf-8", "backslashreplace"))

    def open(self) -> None:
        """Create the file now, to learn whether it can be."""
        with self._mutex:
            self._ready(0, may_roll=False)

    def close(self) -> None:
        with self._mutex:
            for descriptor in (self._descriptor, self._lock_descriptor):
                if descriptor >= 0:
                    with suppress(OSError):
                        os.close(descriptor)
            self._forget()

    def after_fork(self) -> None:
        """The parent's thread that held the mutex does not exist here, and its lock is not ours."""
        self._mutex = threading.RLock()
        self.close()

    def _ready(self, length: int, *, may_roll: bool) -> int:
        """Have the right file open; its size."""
        try:
            now = os.lstat(self._name)
        except FileNotFoundError:
            now = self._reopen()
        if self._descriptor < 0 or (now.st_dev, now.st_ino) != self._place:
            now = self._reopen()
        is_full = self._limit and now.st_size and now.st_size + length > self._limit
        if is_full and may_roll and time.monotonic() >= self._no_roll_before:
            self._roll()
            return self._ready(length, may_roll=False)
        return now.st_size

    def _reopen(self) -> os.stat_result:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        try:
            descriptor = _open(self._name)
        except FileNotFoundError:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = _open(self._name)
        self._descriptor = descriptor
        now = os.fstat(descriptor)
        self._place = (now.st_dev, now.st_ino)
        return now

    def _ends_with_a_line(self) -> bool:
        os.lseek(self._descriptor, -1, os.SEEK_END)
        return os.read(self._descriptor, 1) == b"\n"

    def _write(self, line: bytes, size: int | None) -> None:
        """`size` is the file's, to cut a half-written line off again; None when others may write as well."""
        written = os.write(self._descriptor, line)
        while written < len(line):
            try:
                written += os.write(self._descriptor, line[written:])
            except OSError:
                self._end = -1
                if size is not None:
                    os.ftruncate(self._descriptor, size)
                raise

    def _lock(self) -> bool:
        if self._no_lock_before and time.monotonic() < self._no_lock_before:
            return False
        try:
            if self._lock_descriptor < 0:
                self._lock_descriptor = self._open_lock()
            _try_lock(self._lock_descriptor)
        except OSError as error:
            return error.errno in _BUSY and self._lock_descriptor >= 0 and self._wait_for_lock()
        return True

    def _wait_for_lock(self) -> bool:
        """As long as others get on with their lines; without any progress the one who has the lock has stopped."""
        pause, seen, until = 0.00005, self._progress(), time.monotonic() + _LONGEST_WAIT
        for tries in count():
            if tries < _QUICK_TRIES:
                _let_others_run()
            else:
                time.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE)
            try:
                _try_lock(self._lock_descriptor)
            except OSError:
                pass
            else:
                return True
            if time.monotonic() >= until:
                if (now := self._progress()) == seen:
                    break
                seen, until = now, time.monotonic() + _LONGEST_WAIT
        self._no_lock_before = time.monotonic() + _LONGEST_WAIT
        return False

    def _progress(self) -> tuple[int, int, int]:
        with suppress(OSError):
            now = os.lstat(self._name)
            return now.st_dev, now.st_ino, now.st_size
        return 0, 0, 0

    def _release(self) -> None:
        if self._lock_descriptor >= 0:
            _unlock(self._lock_descriptor)

    def _open_lock(self) -> int:
        return _open(str(self.path.with_name(f".{self.path.stem}.lock")))

    def _roll(self) -> None:
        """Under the lock. A file that cannot be moved goes on growing, and the move is tried again a second later."""
        if not self._holds_the_lock_of_others():
            return
        try:
            older = next(number for number in count(1) if not os.path.lexists(self._numbered(number)))
            for number in range(min(older, self._backups) - 1, 0, -1):
                os.replace(self._numbered(number), self._numbered(number + 1))  # noqa: PTH105 - many at a time
            self._move_away()
        except OSError:
            self._no_roll_before = time.monotonic() + _BETWEEN_ROLLS

    def _holds_the_lock_of_others(self) -> bool:
        """Whoever deleted the folder deleted the lock with it; others would then hold another one."""
        ours = os.fstat(self._lock_descriptor)
        with suppress(OSError):
            theirs = os.lstat(self.path.with_name(f".{self.path.stem}.lock"))
            if (ours.st_dev, ours.st_ino) == (theirs.st_dev, theirs.st_ino):
                return True
        os.close(self._lock_descriptor)
        self._lock_descriptor = -1
        return False

    def _move_away(self) -> None:
        try:
            self.path.replace(self._numbered(1))
        except PermissionError:
            # Windows moves no file that another process has open. All writers wait for the lock, so it may be copied.
            part = self.path.with_name(f"{self.path.name}.part")
            try:
                shutil.copyfile(self.path, part)
                part.replace(self._numbered(1))
            except OSError:
                part.unlink(missing_ok=True)
                raise
            os.ftruncate(self._descriptor, 0)

    def _numbered(self, number: int) -> str:
        return f"{self._name}.{number}"


def _open(name: str) -> int:
    """Open for appending what is an ordinary file; never through a link, never waiting for a pipe's reader."""
    descriptor = os.open(name, os.O_RDWR | _FLAGS, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "Not an ordinary file", name)
    return descriptor


def _after_fork() -> None:
    for file in tuple(_all):
        file.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
