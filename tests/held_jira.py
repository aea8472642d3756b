"""A simulated Jira that keeps everybody waiting from some request on, so that nothing can be over before its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from data.demo.jira import SimulatedJira


@contextmanager
def held(jira: SimulatedJira, number: int, path: str = "") -> Iterator[threading.Event]:
    """Until the block ends, the so-manieth request for the path is answered as little as those after it.

    The event is set once it has come.
    """
    answer, count, lock = jira.handle, 0, threading.Lock()
    reached, released = threading.Event(), threading.Event()

    def handle(method: str, target: str, *rest: Any) -> Any:
        nonlocal count
        with lock:
            count += path in target
            is_held = path in target and count >= number
        if is_held:
            reached.set()
            released.wait()
        return answer(method, target, *rest)

    jira.handle = handle  # type: ignore[method-assign]
    try:
        yield reached
    finally:
        released.set()
        jira.handle = answer  # type: ignore[method-assign]
