"""What a metric is, how one is declared, and the JSON document that a measurement returns."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict, cast

import numpy as np

from data.config_version import config_version
from data.data_quality import Finding, find
from data.facts import DeliveryFacts, facts_as_of
from data.figures import Change, PreviousPeriod, figures_of
from data.figures import TrendPoint as TrendPoint  # noqa: PLC0414 - part of the document, named from here
from data.filters import Filters
from data.history import read_history
from data.labels import labels_at
from data.model import Period, TeamRules, iso_utc
from data.performance_utils import Calculation, FieldMappingIndex, microseconds
from data.reasons import ReasonCodes
from data.sample import Sample, StandingSample, candidate_labels, partition
from data.spans import Rows
from data.trust import Trust, trust_in
from data.weeks import trend_weeks


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
    trust: Trust
    alternatives: dict[str, Any]
    as_of: str
    period: PeriodText
    config_version: str


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
        with counted(self.key, facts) as calculation:
            result = self._gauge(facts, time_period_days).document()
            calculation.result_data_size = result["sample_size"]
        return result

    def gauge(self, facts: DeliveryFacts, time_period_days: int) -> Measurement:
        """The same before its lists are written out: cheap, however many issues there are."""
        with counted(self.key, facts) as calculation:
            measurement = self._gauge(facts, time_period_days)
            calculation.result_data_size = measurement.figures["sample_size"]
        return measurement

    def _gauge(self, facts: DeliveryFacts, days: int) -> Measurement:
        period, sample = Period(end=facts.as_of, days=days), self.sample(facts)
        figures = figures_of(sample, period, trend_weeks(facts.as_of, days, facts.zone), self.better)
        return Measurement(self, facts, period, sample, figures)


@dataclass(frozen=True, eq=False, slots=True)
class Measurement:
    """What a metric came to: `figures` are the numbers of the result, all else is rendered when asked for."""

    metric: Metric
    facts: DeliveryFacts
    period: Period
    sample: Sample
    figures: Mapping[str, Any]

    def reasons(self) -> ReasonCodes:
        """For each candidate `COUNTS` or why it does not count; aligned with `labels`."""
        if isinstance(self.sample, StandingSample):
            return self.sample.reasons()
        return self.sample.reasons(microseconds(self.period.start), microseconds(self.period.end))

    @property
    def labels(self) -> Sequence[str]:
        """The candidates' labels, less those that could not be read at all."""
        return candidate_labels(self.sample)

    def document(self) -> MetricResult:
        """The whole result as plain JSON."""
        declared, sample, period = self.metric, self.sample, self.period
        included, excluded = partition(self.labels, self.reasons(), sample.also_excluded)
        figures = dict(self.figures)
        rows = figures.pop("rows")
        result: dict[str, Any] = {
            "key": declared.key,
            "title": declared.title,
            "family": declared.family,
            "unit": declared.unit,
            "definition": declared.definition,
            "as_of": iso_utc(self.facts.as_of),
            "period": {"days": period.days, "start": iso_utc(period.start), "end": iso_utc(period.end)},
            "config_version": self.facts.once(_config_version),
            "findings": find(declared.key, self.facts),
            "trust": trust_in(declared.key, self.facts, period=period, sample=sample, figures=self.figures),
            **figures,
            "numerator_items": labels_at(sample.labels, np.asarray(figures["numerator_items"], dtype=np.intp)),
            "included": included,
            "excluded": excluded,
            "alternatives": _alternatives(sample, rows, period),
        }
        return cast(MetricResult, result)


def _alternatives(sample: Sample, rows: Rows, period: Period) -> dict[str, Any]:
    if isinstance(sample, StandingSample):
        return sample.alternatives(rows)
    return sample.alternatives(rows, microseconds(period.start), microseconds(period.end))


def metric(
    *, key: str, family: str, title: str, unit: str, better: str | None, chart: str, needs: tuple[str, ...]
) -> Callable[[Callable[[DeliveryFacts], Sample]], Metric]:
    """Declare a function from facts to a sample as a metric; its docstring is the definition."""

    def declare(function: Callable[[DeliveryFacts], Sample]) -> Metric:
        return Metric(key, family, title, unit, better, chart, needs, inspect.getdoc(function) or "", function)

    return declare


def read_facts(  # noqa: PLR0913 - everything a reading of issues may be given, by name
    issues: Iterable[object],
    field_mappings: Mapping[str, str],
    *,
    as_of: datetime | None = None,
    rules: TeamRules | None = None,
    versions: Iterable[object] = (),
    statuses: Iterable[object] = (),
    events: Iterable[object] = (),
    filters: Filters | None = None,
) -> DeliveryFacts:
    """Read raw issues for measuring, by default as of now, by the default rules and all of them.

    `versions` and `statuses` are Jira's lists for the projects at hand; `events` are deployments as
    `{id, project, deployed_at, environment, status, issue_keys}`.
    """
    index = FieldMappingIndex(field_mappings)
    history = read_history(issues, index, rules or TeamRules(), versions=versions, statuses=statuses, events=events)
    return facts_as_of(history, as_of or datetime.now(UTC)).where(filters or Filters())


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


def _config_version(facts: DeliveryFacts) -> str:
    return config_version(facts.history.rules, facts.history.index)
