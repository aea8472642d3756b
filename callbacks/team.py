"""The team's data in this process: read in the background when the first page asks, measured once per period."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
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
    """One reading of the team, ready to be measured; `version` tells readings of this process apart.

    `problem` is why a later reading failed, while these older numbers stay on the page.
    """

    version: str
    reading: Reading
    facts: DeliveryFacts
    as_of: datetime
    summaries: Mapping[str, str]
    problem: Failure | None = None
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

    `read` does the reading and reports its progress; `read_anew` does so when a person asks for newer data. `as_of`
    fixes the instant of the report, else it is the moment of the reading, so that all numbers on the screen agree.
    While a further reading runs, and when it fails, the numbers of the last one stay.
    """

    def __init__(
        self,
        read: Callable[[Report], Reading],
        *,
        read_anew: Callable[[Report], Reading] | None = None,
        as_of: datetime | None,
        first_period: int,
    ) -> None:
        self._read = read
        self._read_anew = read_anew or read
        self._as_of = as_of
        self._first_period = first_period
        self._lock = threading.Lock()
        self._state: State | None = None
        self._last: Team | None = None
        self._numbers = count(1)

    def state(self) -> State:
        """Where the reading stands; the first caller starts it."""
        with self._lock:
            return self._state or self._start(self._read)

    def read_again(self) -> State:
        """Read anew, after a failure or for newer data; while a reading runs, nothing happens."""
        with self._lock:
            return self._state if isinstance(self._state, Loading) else self._start(self._read_anew)

    def team(self) -> Team | None:
        """The last team that was read, None before the first reading has succeeded."""
        return self._last

    def _start(self, read: Callable[[Report], Reading]) -> Loading:
        begun = Loading(FetchProgress(stage="connecting", issues=0, expected=None, pages=0, calls=0))
        self._state = begun
        threading.Thread(target=outliving(partial(self._run, read)), name="team-reading", daemon=True).start()
        return begun

    def _run(self, read: Callable[[Report], Reading]) -> None:
        try:
            self._state = self._last = self._load(read)
        except Exception as error:  # noqa: BLE001 - the thread's outermost door: whatever happens becomes words
            failure = failure_of(error)
            if self._last is None:
                self._state = failure
            else:
                self._state = self._last = replace(self._last, problem=failure)

    def _load(self, read: Callable[[Report], Reading]) -> Team:
        reading = read(self._report)
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
