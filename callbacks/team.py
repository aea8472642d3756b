"""The team's data in this process: read in the background when the first page asks, measured once per period."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from callbacks.boundary import failure_of
from configuration.request_notes import outliving
from data.facts import DeliveryFacts, facts_as_of
from data.history import read_history
from data.jira_simple import FetchProgress, TeamData
from data.metric import MetricResult, measure_together
from data.metric_catalogue import METRICS
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from ui.components.states import Failure

logger = logging.getLogger(__name__)

Report = Callable[[FetchProgress], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """Data as it was read, with the words that the team gives its fields and statuses."""

    data: TeamData
    rules: TeamRules
    field_mappings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Team:
    """One reading of the team, ready to be measured; `version` tells readings of this process apart."""

    version: str
    reading: Reading
    facts: DeliveryFacts
    as_of: datetime
    summaries: Mapping[str, str]
    _measured: dict[int, dict[str, MetricResult]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def results(self, days: int) -> dict[str, MetricResult]:
        """Every metric over the period, by key, in the order of the catalogue; computed once per period."""
        with self._lock:
            if days not in self._measured:
                self._measured[days] = measure_together("all_metrics", METRICS, self.facts, days)
            return self._measured[days]


@dataclass(frozen=True, slots=True)
class Loading:
    progress: FetchProgress


State = Loading | Failure | Team


class TeamLoader:
    """Reads the team once, in one background thread, however many pages ask; a failure stays until someone retries.

    `read` does the reading and reports its progress; `as_of` fixes the instant of the report, else it is the
    moment of the reading, so that all numbers on the screen agree.
    """

    def __init__(self, read: Callable[[Report], Reading], *, as_of: datetime | None, first_period: int) -> None:
        self._read = read
        self._as_of = as_of
        self._first_period = first_period
        self._lock = threading.Lock()
        self._state: State | None = None
        self._numbers = count(1)

    def state(self) -> State:
        """Where the reading stands; the first caller starts it."""
        with self._lock:
            return self._state or self._start()

    def try_again(self) -> State:
        """Start anew after a failure; while a reading runs or has succeeded, nothing happens."""
        with self._lock:
            return self._start() if self._state is None or isinstance(self._state, Failure) else self._state

    def team(self) -> Team | None:
        state = self._state
        return state if isinstance(state, Team) else None

    def _start(self) -> Loading:
        begun = Loading(FetchProgress(stage="connecting", issues=0, expected=None, pages=0, calls=0))
        self._state = begun
        threading.Thread(target=outliving(self._run), name="team-reading", daemon=True).start()
        return begun

    def _run(self) -> None:
        try:
            self._state = self._load()
        except Exception as error:  # noqa: BLE001 - the thread's outermost door: whatever happens becomes words
            self._state = failure_of(error)

    def _load(self) -> Team:
        reading = self._read(self._report)
        data = reading.data
        self._report(FetchProgress(stage="measuring", issues=len(data.issues), expected=None, pages=0, calls=0))
        as_of = (self._as_of or data.fetched_at).astimezone(UTC)
        history = read_history(
            data.issues,
            FieldMappingIndex(reading.field_mappings),
            reading.rules,
            versions=data.versions,
            statuses=data.statuses,
        )
        team = Team(
            version=f"{as_of.timestamp():.0f}-{next(self._numbers)}",
            reading=reading,
            facts=facts_as_of(history, as_of),
            as_of=as_of,
            summaries=_summaries(data),
        )
        team.results(self._first_period)
        counts = {"issues": len(data.issues), "skipped": len(data.skipped)}
        logger.info("The team's numbers are ready", extra={"event": "team.ready", **counts})
        return team

    def _report(self, progress: FetchProgress) -> None:
        self._state = Loading(progress)


def _summaries(data: TeamData) -> dict[str, str]:
    found = {}
    for issue in data.issues:
        fields = issue.get("fields")
        summary = fields.get("summary") if isinstance(fields, dict) else None
        if isinstance(summary, str):
            found[str(issue.get("key"))] = summary
    return found
