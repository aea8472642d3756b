"""The team's numbers in this process: measured from what is kept, once for each version of it and each period."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from callbacks.team_columns import Columns
from configuration.request_notes import note_cache
from data.config_version import config_version
from data.facts import DeliveryFacts, facts_as_of
from data.filters import Filters
from data.jira_simple import TeamData
from data.metric import MetricResult, measure_together
from data.metric_catalogue import METRICS
from data.model import TeamRules
from data.result_cache import Question, ResultCache

logger = logging.getLogger(__name__)


RESULTS_KEPT = 24
"""Periods and filters whose results stay in memory: some megabytes each where there are a hundred thousand issues."""

Keep = Callable[[int, datetime, Callable[[], Any]], Any]
"""Gives what is kept for a period that ends at an instant, or computes and keeps it; all of it is plain JSON."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Data as it was read, with the words that the team gives its fields and statuses; its issues are in columns.

    `keep` shares what is derived from it with later starts and other processes; None shares nothing.
    """

    data: TeamData
    rules: TeamRules
    field_mappings: Mapping[str, str]
    columns: Columns
    keep: Keep | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """One reading of the team, ready to be measured; equal versions are equal numbers, in every process."""

    version: str
    reading: Reading
    facts: DeliveryFacts
    as_of: datetime
    summaries: Mapping[str, str]
    _answers: ResultCache[dict[str, MetricResult]] = field(default_factory=lambda: ResultCache(RESULTS_KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def where(self, filters: Filters) -> Team:
        """The same reading, of which only the work that the filters select is measured."""
        return replace(self, facts=self.facts.where(filters))

    def results(self, days: int) -> dict[str, MetricResult]:
        """Every metric over the period, by key, in the order of the catalogue; of the questions asked last kept."""
        rules = config_version(self.reading.rules, self.facts.history.index)
        question = Question(self.version, rules, self.facts.filters, days, self.as_of)
        with self._lock:
            misses = self._answers.misses
            results = self._answers.answer(question, partial(self._measured, days))
            if misses == self._answers.misses:
                note_cache(hit=True)
        return results

    def _measured(self, days: int) -> dict[str, MetricResult]:
        measure = partial(measure_together, "all_metrics", METRICS, self.facts, days)
        keep = None if self.facts.filters else self.reading.keep
        if keep is None:
            note_cache(hit=False)
            return measure()
        kept: dict[str, MetricResult] = keep(days, self.as_of, measure)
        return kept


class TeamLoader:
    """Measures what is kept when there is something newer; until then, and when that fails, the last numbers stay.

    `version` tells cheaply which reading is kept, `read` opens it. `as_of` fixes the instant of the report, else it is
    the moment of the reading, so that all numbers on the screen agree.
    """

    def __init__(
        self,
        version: Callable[[], str | None],
        read: Callable[[], Reading | None],
        *,
        as_of: datetime | None,
        first_period: int,
    ) -> None:
        self._version = version
        self._read = read
        self._as_of = as_of
        self._first_period = first_period
        self._measuring = threading.Lock()
        self._team: Team | None = None

    def team(self) -> Team | None:
        """The numbers as they are, None before the first have been measured."""
        return self._team

    def is_measuring(self) -> bool:
        return self._measuring.locked()

    def current(self) -> Team | None:
        """The numbers of what is kept now, measured first if they are not yet; several callers share one measuring."""
        with self._measuring:
            version = self._version()
            if version is not None and (self._team is None or self._team.version != version):
                reading = self._read()
                self._team = self._team if reading is None else self._measured(reading, version)
            return self._team

    def forget(self) -> None:
        """The numbers were deleted."""
        self._team = None

    def _measured(self, reading: Reading, version: str) -> Team:
        data, columns = reading.data, reading.columns
        as_of = (self._as_of or data.synced_at).astimezone(UTC)
        team = Team(
            version=version,
            reading=reading,
            facts=facts_as_of(columns.history, as_of),
            as_of=as_of,
            summaries=columns.summaries,
        )
        team.results(self._first_period)
        counts = {"issues": data.issue_count, "skipped": len(data.skipped)}
        logger.info("The team's numbers are ready", extra={"event": "team.ready", **counts})
        return team
