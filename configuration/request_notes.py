"""Facts about the request or fetch being served, which every record logged meanwhile carries."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import ParamSpec, TypeVar

current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)
current_callback: ContextVar[str | None] = ContextVar("current_callback", default=None)

LONGEST_NOTE = 200
_NOTES = (("request_id", current_request_id), ("callback", current_callback))
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{1,64}")

Params = ParamSpec("Params")
Returned = TypeVar("Returned")


def noted() -> dict[str, str]:
    """What is known about the request being served on this thread, by the names it has in a record's context."""
    return {name: value[:LONGEST_NOTE] for name, note in _NOTES if (value := note.get()) is not None}


class Served:
    """What the code that serves one request tells of it; `cache_hit` None where nothing kept could answer."""

    __slots__ = ("cache_hit", "error")

    def __init__(self) -> None:
        self.cache_hit: bool | None = None
        self.error: str | None = None


being_served: ContextVar[Served | None] = ContextVar("being_served", default=None)


@contextmanager
def noting() -> Iterator[Served]:
    """Collect what the block, and whatever works for it, tells of itself."""
    served = Served()
    before = being_served.set(served)
    try:
        yield served
    finally:
        being_served.reset(before)


def note_cache(*, hit: bool) -> None:
    """Something that is kept could answer, and did or did not; one miss makes the whole request a miss."""
    served = being_served.get()
    if served is not None:
        served.cache_hit = hit and served.cache_hit is not False


def note_error(kind: str) -> None:
    """The request failed, whatever its answer says; of several errors the first counts."""
    served = being_served.get()
    if served is not None and served.error is None:
        served.error = kind


def is_request_id(text: str) -> bool:
    """Whether the text has the form of an id that can be trusted in a log."""
    return _WELL_FORMED.fullmatch(text) is not None


def accepted_request_id(offered: str | None) -> str:
    """The id that a request came with, if it is one that can be trusted in a log; else a new one."""
    return offered if offered is not None and is_request_id(offered) else str(uuid.uuid4())


@contextmanager
def request_noted(request_id: str) -> Iterator[None]:
    """The block serves this request; what was known before is known again afterwards."""
    before = current_request_id.set(request_id), current_callback.set(None)
    try:
        yield
    finally:
        current_request_id.reset(before[0])
        current_callback.reset(before[1])


def outliving(function: Callable[[], Returned]) -> Callable[[], Returned]:
    """The function with the id of the present request, for a thread that goes on after the callback's answer."""
    context = copy_context()
    context.run(current_callback.set, None)
    context.run(being_served.set, None)
    return partial(context.run, function)


class ContextExecutor(ThreadPoolExecutor):
    """A pool whose tasks know the request that submitted them."""

    def submit(
        self, function: Callable[Params, Returned], /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Future[Returned]:
        return super().submit(partial(copy_context().run, function, *args, **kwargs))
