"""One does the work and all who asked meanwhile have its result, in every thread and process of the machine."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from data.storage.atomic_file import make_private
from data.storage.cache_entry import fingerprint

logger = logging.getLogger(__name__)

LOCKS = "locks"
_POLL_SECONDS = 0.03

T = TypeVar("T")

_guard = threading.Lock()
_flights: dict[tuple[Path, str], Future[Any]] = {}


def single_flight(name: str, cache_dir: Path, *, look: Callable[[], T | None], work: Callable[[], T]) -> T:
    """What `look` finds, or else the result of `work`, which only one caller at a time does for a name and a folder.

    `look` is how other processes come by the result: `work` must leave it where `look` finds it. It is asked again
    and again while another one works. When the one who works dies, the operating system frees its lock and the next
    one takes over. When `work` fails, the callers of the same process get the same error; those of other processes
    look again and then try themselves, one after the other. `work` must not ask for its own name.
    """
    key = (cache_dir, name)
    while True:
        with _guard:
            leader = key not in _flights
            flight = _flights.setdefault(key, Future())
        if leader:
            return _lead(key, flight, look, work)
        try:
            result: T = flight.result()
        except CancelledError:
            continue
        return result


def _lead(key: tuple[Path, str], flight: Future[Any], look: Callable[[], T | None], work: Callable[[], T]) -> T:
    handled = sys.exception()  # the caller may be in the middle of handling another error
    try:
        result = _alone(key, look, work)
    finally:
        error = None if sys.exception() is handled else sys.exception()
        with _guard:
            _flights.pop(key, None)
        if isinstance(error, Exception):
            flight.set_exception(error)
        elif error is not None:  # somebody ends this thread or program, which is no answer for the others
            flight.cancel()
    flight.set_result(result)
    return result


def _alone(key: tuple[Path, str], look: Callable[[], T | None], work: Callable[[], T]) -> T:
    found = look()
    if found is not None:
        return found
    lock = FileLock(key[0] / LOCKS / f"{fingerprint(key[1])}.lock")
    while not _taken(lock):
        time.sleep(_POLL_SECONDS)
        found = look()
        if found is not None:
            return found
    try:
        found = look()
        return work() if found is None else found
    finally:
        lock.release()


def _taken(lock: FileLock) -> bool:
    """Whether it is this caller's turn, which it also is where no file can be had for the lock."""
    try:
        make_private(Path(lock.lock_file).parent)
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        logger.warning(
            "Other processes cannot be told that this is being worked on: %s",
            error.strerror,
            extra={"event": "cache.lock_unavailable", "reason": error.strerror},
        )
    return True


def _after_fork() -> None:
    """The threads that were working for the others do not exist here."""
    global _guard  # noqa: PLW0603 - the old one may be held by such a thread
    _guard = threading.Lock()
    _flights.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
