"""Results kept in memory for the questions asked last: which data, rules, part of the work and period."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from data.filters import Filters

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a result depends on; a changed one of these is another question."""

    data_version: str
    config_version: str
    filters: Filters
    days: int
    as_of: datetime


class ResultCache(Generic[Result]):
    """The answers to the `capacity` questions asked last; safe for threads, which may work out one answer twice."""

    def __init__(self, capacity: int = 64) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be 1 or more, not {capacity}")
        self.hits = self.misses = 0
        self._capacity = capacity
        self._answers: OrderedDict[Question, Result] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def answer(self, question: Question, work_out: Callable[[], Result]) -> Result:
        """The kept answer, else the one that `work_out` gives, which is then kept; an error is not."""
        with self._lock:
            if question in self._answers:
                self.hits += 1
                self._answers.move_to_end(question)
                return self._answers[question]
            self.misses += 1
        found = work_out()
        with self._lock:
            found = self._answers.setdefault(question, found)
            self._answers.move_to_end(question)
            while len(self._answers) > self._capacity:
                self._answers.popitem(last=False)
        return found
