"""Do it once and time it: Jira dates, field names, filtered issue lists, timers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, wraps
from types import TracebackType
from typing import Literal, ParamSpec, Self, TypeVar

from data.model import JiraIssue, iso_utc

logger = logging.getLogger(__name__)

Params = ParamSpec("Params")
Returned = TypeVar("Returned")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_EPOCH_SECOND = 253_402_300_799  # the end of the year 9999
_SECONDS_BELOW = 100_000_000_000  # a smaller epoch number is in seconds, a larger one in milliseconds


def _read_date(text: str) -> datetime | None:
    text = text.strip()
    if not (text[:4].isdigit() and text[4:5] == "-" and text[5:7].isdigit()):
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=65_536)
def parse_jira_date(date_string: str | None) -> datetime | None:
    """The aware UTC instant of a Jira date text, or None when there is none to read.

    Takes `2025-11-09T14:30:45.123+0000`, `...Z`, `...+00:00`, the same without zone (read as UTC) or without
    fraction, and a bare date (its midnight in UTC).
    """
    return _read_date(date_string) if isinstance(date_string, str) else None


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exact."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def parse_instant(value: object) -> int | None:
    """Microseconds since 1970 of anything that Jira writes for an instant, or None.

    Besides date texts that is an epoch number, in milliseconds or (below 1e11) seconds, also as text of nine or
    more digits. Not cached: an ingest reads mostly distinct dates, where a cache costs more than it saves.
    """
    if isinstance(value, str):
        if value.isdecimal() and len(value) >= 9:
            return parse_instant(int(value))
        instant = _read_date(value)
        return None if instant is None else microseconds(instant)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LAST_EPOCH_SECOND * 1000:
        return None
    return round(value * (1_000_000 if value < _SECONDS_BELOW else 1000))


class FieldMappingIndex:
    """Both directions of a team's field mapping, kept apart so that equal strings on the two sides cannot collide."""

    def __init__(self, field_mappings: Mapping[str, str]) -> None:
        self._jira_fields = {name: field_id for name, field_id in field_mappings.items() if field_id}
        self._logical_names = {field_id: name for name, field_id in self._jira_fields.items()}

    def get_jira_field(self, name: str) -> str | None:
        """The Jira field id that a logical name is mapped to."""
        return self._jira_fields.get(name)

    def get_logical_name(self, field_id: str) -> str | None:
        """The logical name of a Jira field id; with several names for one id, the last one given."""
        return self._logical_names.get(field_id)

    def as_dict(self) -> dict[str, str]:
        """The mapping as given, less the names left empty."""
        return dict(self._jira_fields)


class CalculationContext:
    """One batch of raw issues for callers that filter the same list several times.

    A filter runs once per `cache_key`; using one key for two different filters returns the first one's answer.
    """

    def __init__(
        self, issues: Sequence[JiraIssue], field_index: FieldMappingIndex, as_of: datetime | None = None
    ) -> None:
        self.issues = issues
        self.field_index = field_index
        self.as_of = as_of or datetime.now(UTC)
        self.cache_hits = 0
        self.cache_misses = 0
        self._filtered: dict[str, list[JiraIssue]] = {}

    def filter_issues(self, filter_func: Callable[[JiraIssue], bool], cache_key: str) -> list[JiraIssue]:
        """The issues for which `filter_func` holds, remembered under `cache_key`."""
        if cache_key in self._filtered:
            self.cache_hits += 1
            return self._filtered[cache_key]
        self.cache_misses += 1
        self._filtered[cache_key] = [issue for issue in self.issues if filter_func(issue)]
        return self._filtered[cache_key]

    def get_completed_issues(self, time_period_days: int) -> list[JiraIssue]:
        """The issues resolved in the last `time_period_days` before `as_of`, by `resolutiondate` alone.

        The metrics use the whole status history instead; this is the quick list for overviews.
        """
        start = self.as_of - timedelta(days=time_period_days)

        def resolved_in_period(issue: JiraIssue) -> bool:
            resolved = parse_jira_date((issue.get("fields") or {}).get("resolutiondate"))
            return resolved is not None and start < resolved <= self.as_of

        return self.filter_issues(resolved_in_period, f"completed:{time_period_days}")


class PerformanceTimer:
    """Times a block and, unless told not to, logs its duration: `with PerformanceTimer("read_history"): ...`."""

    def __init__(self, operation_name: str, log_result: bool = True) -> None:  # noqa: FBT001, FBT002 - fixed signature
        self.operation_name = operation_name
        self.log_result = log_result
        self._started = 0.0
        self._stopped: float | None = None

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        self._stopped = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = time.perf_counter()
        if self.log_result:
            _log_outcome(self.operation_name, self.elapsed_seconds(), error)

    def elapsed_seconds(self) -> float:
        """Seconds since the block was entered; fixed once it is left."""
        return (time.perf_counter() if self._stopped is None else self._stopped) - self._started


PROMISED_SECONDS = {"small": 2.0, "medium": 5.0, "large": 10.0}
"""How long a calculation may take by the category of its data; ten seconds is the longest that people wait."""
TOLERATED = 1.2
_LARGEST = (("small", 1000), ("medium", 5000))

Verdict = Literal["pass", "warning", "fail"]


def verdict_of(seconds: float, promised_seconds: float) -> Verdict:
    """Pass up to what is promised, warning up to a fifth above it, fail beyond."""
    over = seconds / promised_seconds
    return "pass" if over <= 1 else "warning" if over <= TOLERATED else "fail"


def threshold_verdict(duration_seconds: float, input_data_size: int) -> dict[str, str | float]:
    """How a duration stands to the promise for data of that many issues."""
    category = next((name for name, largest in _LARGEST if input_data_size <= largest), "large")
    promised = PROMISED_SECONDS[category]
    return {
        "target_duration_seconds": promised,
        "actual_duration_seconds": round(duration_seconds, 6),
        "threshold_status": verdict_of(duration_seconds, promised),
        "dataset_size_category": category,
    }


class Calculation(PerformanceTimer):
    """Times one calculation and logs it with its sizes, its lookups and the verdict on its duration.

    The sizes and lookups may be set until the block is left. The clock of the wall is read here, for the log alone.
    """

    def __init__(self, metric_type: str, input_data_size: int = 0) -> None:
        super().__init__(metric_type, log_result=False)
        self.input_data_size = input_data_size
        self.result_data_size = 0
        self.cache_hits = 0
        self.cache_misses = 0
        self._start_time = _EPOCH

    def __enter__(self) -> Self:
        self._start_time = datetime.now(UTC)
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if error is not None:
            _log_outcome(self.operation_name, self.elapsed_seconds(), error)
        elif logger.isEnabledFor(logging.INFO):
            self._log()

    def _log(self) -> None:
        seconds, verdict = self.elapsed_seconds(), threshold_verdict(self.elapsed_seconds(), self.input_data_size)
        facts = {
            "metric_type": self.operation_name,
            "start_time": iso_utc(self._start_time),
            "end_time": iso_utc(self._start_time + timedelta(seconds=seconds)),
            "duration_seconds": round(seconds, 6),
            "input_data_size": self.input_data_size,
            "result_data_size": self.result_data_size,
            "cache_hits": self.cache_hits,
            "cache_misses": self.cache_misses,
        }
        level = logging.INFO if verdict["threshold_status"] == "pass" else logging.WARNING
        logger.log(
            level,
            "Calculating %s took %.3f s of at most %.0f s",
            self.operation_name,
            seconds,
            verdict["target_duration_seconds"],
            extra={"event": "metric.calculated", **facts, **verdict},
        )


def _log_outcome(operation_name: str, duration_seconds: float, error: BaseException | None) -> None:
    facts = {"operation": operation_name, "duration_seconds": round(duration_seconds, 6)}
    if error is None:
        logger.info("%s is finished", operation_name, extra={"event": "operation.finished", **facts})
    else:
        kind = {"error_type": type(error).__name__}
        logger.warning("%s has failed", operation_name, extra={"event": "operation.failed", **facts, **kind})


def log_performance(operation_name: str) -> Callable[[Callable[Params, Returned]], Callable[Params, Returned]]:
    """Log start, duration and failure of every call; the function keeps its name, signature and types."""

    def decorate(function: Callable[Params, Returned]) -> Callable[Params, Returned]:
        @wraps(function)
        def timed(*args: Params.args, **kwargs: Params.kwargs) -> Returned:
            logger.debug(
                "%s has started", operation_name, extra={"event": "operation.started", "operation": operation_name}
            )
            with PerformanceTimer(operation_name):
                return function(*args, **kwargs)

        return timed

    return decorate
