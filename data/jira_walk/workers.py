"""Several questions to Jira under way at once, their answers taken in the order of asking."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Self, TypeVar

from configuration.request_notes import ContextExecutor
from data.jira_query_manager import JiraClient

Answered = TypeVar("Answered")
_AHEAD = 3


class Workers:
    """Threads for one walk. Leaving the block drops what waits and ends the waits of what is under way.

    A request that is on the wire cannot be called back; its answer is thrown away, and nobody waits for it.
    """

    def __init__(self, client: JiraClient, count: int) -> None:
        if count < 1:
            raise ValueError(f"a walk needs 1 worker or more, not {count}")
        self._stopping = threading.Event()
        self.client = client.for_run(cancelled=self._stopping.is_set)
        self.count = count
        self._executor = ContextExecutor(max_workers=count, thread_name_prefix="jira-walk")

    def submit(self, ask: Callable[[], Answered]) -> Future[Answered]:
        return self._executor.submit(ask)

    def in_order(self, questions: Iterable[Callable[[], Answered]]) -> Iterator[Answered]:
        """The answers, of which only so many are ever held; `questions` is drawn from as there is room."""
        ahead: deque[Future[Answered]] = deque()
        try:
            for question in questions:
                ahead.append(self.submit(question))
                if len(ahead) >= _AHEAD * self.count:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
