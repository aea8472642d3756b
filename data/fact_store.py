"""Facts computed once for a history and an instant, and views of them that count a part of the issues."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any, Generic, Self, TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np

from data.filters import Filters
from data.history import DeliveryHistory, Flags
from data.performance_utils import microseconds
from data.timeline import Chosen
from data.working_time import HoursBetween, hours_between

Derived = TypeVar("Derived")
Value = TypeVar("Value")


class Fact(Generic[Value]):
    """An attribute computed once, when first asked for, and shared by all views of the same facts."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, facts: FactStore, owner: type[FactStore]) -> Value:
        kept = facts.kept
        if self not in kept:
            kept[self] = self._compute(facts.whole)
        return cast(Value, kept[self])


class FactStore:
    """What is known of a history as it stood at `as_of`; every fact is computed once, when first asked for.

    Facts are about all issues. What is counted is asked of a view, made by `where`: `chosen` are its issues, None for
    all. `reused` and `derived` count how often `once` had an answer and had not.
    """

    def __init__(self, history: DeliveryHistory, as_of: datetime) -> None:
        self.history = history
        self.as_of = as_of
        self.now = microseconds(as_of)
        self.zone = ZoneInfo(history.rules.timezone)
        self.hours_between: HoursBetween = hours_between(history.rules)
        self.filters = Filters()
        self.whole = cast(Self, self)
        self.kept: dict[object, Any] = {}
        self.kept_here: dict[object, Any] = {}
        self.chosen: Chosen | None = None
        self.reused = self.derived = 0

    def where(self, filters: Filters) -> Self:
        """A view of the same facts that counts only the issues that the filters select."""
        if not filters:
            return self.whole
        view = copy(self.whole)
        view.filters = filters
        view.chosen = Chosen(self.history.select(filters))
        view.kept_here = {}
        view.reused = view.derived = 0
        return view

    @property
    def selected(self) -> Flags:
        """Which issues this view counts; all of them where nothing is filtered."""
        return self.here(_everything) if self.chosen is None else self.chosen.flags

    @property
    def count(self) -> int:
        """How many issues this view counts."""
        return len(self.history) if self.chosen is None else int(np.count_nonzero(self.chosen.flags))

    def once(self, derive: Callable[[Any], Derived]) -> Derived:
        """What a function derives from the facts about all issues, computed on the first call, kept for all views."""
        if derive in self.kept:
            self.reused += 1
        else:
            self.derived += 1
            self.kept[derive] = derive(self.whole)
        return cast(Derived, self.kept[derive])

    def here(self, derive: Callable[[Any], Derived]) -> Derived:
        """What a function derives from this view, computed on the first call and kept with it alone."""
        if derive not in self.kept_here:
            self.kept_here[derive] = derive(self)
        return cast(Derived, self.kept_here[derive])


def _everything(facts: FactStore) -> Flags:
    return np.ones(len(facts.history), dtype=np.bool_)
