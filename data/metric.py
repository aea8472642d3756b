"""What a metric is, how one is declared, and the JSON document that a measurement returns."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict, cast

import numpy as np

from data.data_quality import Finding, find
from data.facts import DeliveryFacts, facts_as_of
from data.history import read_history
from data.model import Period, ResultStatus, TeamRules, iso_utc
from data.performance_utils import Calculation, FieldMappingIndex, microseconds
from data.sample import COUNTS, REASONS, UNKNOWABLE, DatedSample, StandingSample, Summary, partition
from data.weeks import WeekGrid, trend_weeks

LOW_SAMPLE_BELOW = 5
WEEK_DAYS = 7.0


class TrendPoint(TypedDict):
    """One ISO week: `week` is `2026-W03`, `start` its Monday 00:00 in the team's zone as UTC text."""

    week: str
    start: str
    value: float | dict[str, float] | None
    sample_size: int
    partial: bool


class PreviousPeriod(TypedDict):
    value: float | dict[str, float] | None
    sample_size: int
    start: str
    end: str


class Change(TypedDict):
    """Value against the previous period; `verdict` is better, worse, same or, when it cannot be judged, None."""

    absolute: float | None
    relative: float | None
    verdict: str | None


class PeriodText(TypedDict):
    days: int
    start: str
    end: str


class MetricResult(TypedDict):
    """A measurement as plain JSON.

    `value` is a float, None when it cannot be known, or for shares a mapping kind -> share. `included` and
    `excluded` hold issue keys, or version names and deployment labels where `item_kind` says so; together they
    are the candidates, each exactly once. `numerator_items` are the included ones that a ratio counts.
    `interval` is [low, high] at 95 %, or for shares a mapping kind -> [low, high].
    """

    key: str
    title: str
    family: str
    value: float | dict[str, float] | None
    unit: str
    status: str
    sample_size: int
    interval: list[float] | dict[str, list[float]] | None
    percentiles: dict[str, float]
    numerator: float | None
    denominator: float | None
    numerator_items: list[str]
    previous: PreviousPeriod
    change: Change
    trend: list[TrendPoint]
    by_kind: dict[str, float]
    proxy: str | None
    source: str | None
    precision: str | None
    definition: str
    item_kind: str
    included: list[str]
    excluded: dict[str, list[str]]
    findings: list[Finding]
    alternatives: dict[str, Any]
    as_of: str
    period: PeriodText
    config_version: str


Sample = DatedSample | StandingSample


@dataclass(frozen=True, eq=False)
class Metric:
    """One declared metric; calling it reads raw issues and measures, `measure` works on facts already read.

    `better` is the direction that is good, `higher` or `lower`, or None where neither is. `needs` names what a
    team must have for a value. The definition is what the page shows under "How is this computed?".
    """

    key: str
    family: str
    title: str
    unit: str
    better: str | None
    chart: str
    needs: tuple[str, ...]
    definition: str
    sample: Callable[[DeliveryFacts], Sample]

    def __call__(
        self, issues: Iterable[object], field_mappings: Mapping[str, str], time_period_days: int, **extras: Any
    ) -> MetricResult:
        """Measure raw issues; `extras` are those of `read_facts`."""
        return self.measure(read_facts(issues, field_mappings, **extras), time_period_days)

    def measure(self, facts: DeliveryFacts, time_period_days: int) -> MetricResult:
        """The result for the period of `time_period_days` that ends at the facts' `as_of`."""
        period = Period(end=facts.as_of, days=time_period_days)
        weeks = trend_weeks(facts.as_of, time_period_days, facts.zone)
        with counted(self.key, facts) as calculation:
            sample = self.sample(facts)
            if isinstance(sample, DatedSample):
                document = _dated(sample, period, weeks)
            else:
                document = _standing(sample, period, weeks)
            result = self._complete(document, facts, period)
            calculation.result_data_size = result["sample_size"]
        return result

    def _complete(self, document: dict[str, Any], facts: DeliveryFacts, period: Period) -> MetricResult:
        result: dict[str, Any] = {
            "key": self.key,
            "title": self.title,
            "family": self.family,
            "unit": self.unit,
            "definition": self.definition,
            "as_of": iso_utc(facts.as_of),
            "period": {"days": period.days, "start": iso_utc(period.start), "end": iso_utc(period.end)},
            "config_version": config_version(facts.history.rules, facts.history.index),
            "findings": find(self.key, facts),
            **document,
        }
        result["change"] = _change(result, self.better)
        return cast(MetricResult, result)


def metric(
    *, key: str, family: str, title: str, unit: str, better: str | None, chart: str, needs: tuple[str, ...]
) -> Callable[[Callable[[DeliveryFacts], Sample]], Metric]:
    """Declare a function from facts to a sample as a metric; its docstring is the definition."""

    def declare(function: Callable[[DeliveryFacts], Sample]) -> Metric:
        return Metric(key, family, title, unit, better, chart, needs, inspect.getdoc(function) or "", function)

    return declare


def read_facts(
    issues: Iterable[object],
    field_mappings: Mapping[str, str],
    *,
    as_of: datetime | None = None,
    rules: TeamRules | None = None,
    versions: Iterable[object] = (),
    statuses: Iterable[object] = (),
    events: Iterable[object] = (),
) -> DeliveryFacts:
    """Read raw issues for measuring, by default as of now and by the default rules.

    `versions` and `statuses` are Jira's lists for the projects at hand; `events` are deployments as
    `{id, project, deployed_at, environment, status, issue_keys}`.
    """
    index = FieldMappingIndex(field_mappings)
    history = read_history(issues, index, rules or TeamRules(), versions=versions, statuses=statuses, events=events)
    return facts_as_of(history, as_of or datetime.now(UTC))


def measure_together(
    name: str, declared: Iterable[Metric], facts: DeliveryFacts, time_period_days: int
) -> dict[str, MetricResult]:
    """The results by key; all of them together are one more calculation of that name in the log."""
    with counted(name, facts) as calculation:
        results = {metric.key: metric.measure(facts, time_period_days) for metric in declared}
        calculation.result_data_size = len(results)
    return results


@contextmanager
def counted(name: str, facts: DeliveryFacts) -> Iterator[Calculation]:
    """A calculation on these facts, with what it found already derived and what it had to derive."""
    reused, derived = facts.reused, facts.derived
    with Calculation(name, len(facts.history)) as calculation:
        yield calculation
        calculation.cache_hits, calculation.cache_misses = facts.reused - reused, facts.derived - derived


def config_version(rules: TeamRules, index: FieldMappingIndex) -> str:
    """Twelve hex digits that change when the rules or the field mapping do."""
    text = json.dumps({"rules": _plain(rules), "fields": index.as_dict()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: object) -> object:
    """JSON with one form for equal rules: sets sorted, mappings and dataclasses as objects, the rest as text."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else str(value)


def _dated(sample: DatedSample, period: Period, weeks: WeekGrid) -> dict[str, Any]:
    start, end = microseconds(period.start), microseconds(period.end)
    earlier = period.previous
    here = sample.rows(start, end)
    now = sample.summarise(here, float(period.days))
    before = sample.summarise(sample.rows(microseconds(earlier.start), start), float(period.days))
    codes = sample.reasons(start, end)
    included, excluded = partition(sample.labels, codes, sample.also_excluded)
    unknowable = _all_lack_what_is_needed(sample, start, end)
    return {
        **_figures(now, sample.unavailable, sample.labels, unknowable=unknowable),
        "previous": _previous(before, sample.unavailable, earlier),
        "trend": _dated_trend(sample, weeks, end),
        "item_kind": sample.item_kind,
        "source": sample.source,
        "precision": sample.precision,
        "included": included,
        "excluded": excluded,
        "alternatives": sample.alternatives(here, start, end),
    }


def _all_lack_what_is_needed(sample: DatedSample, start: int, end: int) -> bool:
    here = sample.after[(sample.before == COUNTS) & (start < sample.at) & (sample.at <= end)]
    return len(here) > 0 and bool(np.isin(here, [REASONS.index(reason) for reason in UNKNOWABLE]).all())


def _dated_trend(sample: DatedSample, weeks: WeekGrid, end: int) -> list[TrendPoint]:
    rows = sample.rows(int(weeks.edges[0]) - 1, end)
    week = weeks.of(sample.at[rows])
    summaries = [sample.summarise(rows[week == number], WEEK_DAYS) for number in range(len(weeks))]
    return _trend(summaries, weeks, known=sample.unavailable is None)


def _standing(sample: StandingSample, period: Period, weeks: WeekGrid) -> dict[str, Any]:
    end, earlier = microseconds(period.end), period.previous
    rows = sample.rows_at(end)
    ends = np.minimum(weeks.edges[1:] - 1, end)
    counts = [Summary(value=float(count), sample_size=int(count)) for count in sample.counts_at(ends)]
    included, excluded = partition(sample.labels, sample.before, sample.also_excluded)
    return {
        **_figures(sample.summarise(rows), sample.unavailable, sample.labels, unknowable=False),
        "previous": _previous(sample.summarise(sample.rows_at(microseconds(earlier.end))), sample.unavailable, earlier),
        "trend": _trend(counts, weeks, known=sample.unavailable is None),
        "item_kind": "issues",
        "source": None,
        "precision": None,
        "included": included,
        "excluded": excluded,
        "alternatives": sample.alternatives(rows),
    }


def _figures(summary: Summary, unavailable: ResultStatus | None, labels: Any, *, unknowable: bool) -> dict[str, Any]:
    known = unavailable is None
    return {
        "value": summary.value if known else None,
        "status": str(unavailable or _status(summary, unknowable=unknowable)),
        "sample_size": summary.sample_size,
        "interval": summary.interval if known else None,
        "percentiles": summary.percentiles if known else {},
        "numerator": summary.numerator if known else None,
        "denominator": summary.denominator if known else None,
        "numerator_items": [labels[row] for row in summary.numerator_rows] if known else [],
        "by_kind": summary.by_kind if known else {},
        "proxy": summary.proxy,
    }


def _status(summary: Summary, *, unknowable: bool) -> ResultStatus:
    if summary.value is None:
        return ResultStatus.NOT_MEASURABLE if unknowable else ResultStatus.NO_DATA
    return ResultStatus.LOW_SAMPLE if summary.sample_size < LOW_SAMPLE_BELOW else ResultStatus.OK


def _previous(summary: Summary, unavailable: ResultStatus | None, period: Period) -> PreviousPeriod:
    return {
        "value": summary.value if unavailable is None else None,
        "sample_size": summary.sample_size,
        "start": iso_utc(period.start),
        "end": iso_utc(period.end),
    }


def _trend(summaries: list[Summary], weeks: WeekGrid, *, known: bool) -> list[TrendPoint]:
    last = len(weeks) - 1
    return [
        {
            "week": weeks.labels[number],
            "start": weeks.starts[number],
            "value": summary.value if known else None,
            "sample_size": summary.sample_size,
            "partial": number == last,
        }
        for number, summary in enumerate(summaries)
    ]


def _change(result: Mapping[str, Any], better: str | None) -> Change:
    value, previous = result["value"], result["previous"]["value"]
    if not isinstance(value, float) or not isinstance(previous, float):
        return {"absolute": None, "relative": None, "verdict": None}
    absolute = value - previous
    enough = min(result["sample_size"], result["previous"]["sample_size"]) >= LOW_SAMPLE_BELOW
    verdict = None
    if better and enough:
        improved = absolute > 0 if better == "higher" else absolute < 0
        verdict = "same" if absolute == 0 else "better" if improved else "worse"
    return {"absolute": absolute, "relative": absolute / previous if previous else None, "verdict": verdict}
