"""What a rule's figure is now, read off the measurements; what cannot be known is None, never 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from data.watch.alert_rules import Rule
from data.watch.health_score import health_of
from data.watch.measurement import Kind
from data.watch.store import WEB, MetricsStore
from data.watch.summary import Summary

SETTLING = timedelta(seconds=5)
"""What was measured is stored by then, in whichever process it was."""

_OF_SUMMARY: Mapping[str, Callable[[Summary], float | None]] = {
    "average_ms": lambda summary: summary.average_ms,
    "p50_ms": lambda summary: summary.p50,
    "p95_ms": lambda summary: summary.p95,
    "p99_ms": lambda summary: summary.p99,
    "max_ms": lambda summary: summary.max_ms,
    "error_rate": lambda summary: summary.error_rate,
    "cache_hit_rate": lambda summary: summary.cache_hit_rate,
    "jira_p95_ms": lambda summary: summary.p95,
    "jira_error_rate": lambda summary: summary.error_rate,
}


@dataclass
class Values:
    """Measures rules at one instant, over the minutes that are complete, each span of time once.

    `outside` has the figures that are no measurements: each is asked for the time since when it counts.
    """

    store: MetricsStore
    now: datetime
    outside: Mapping[str, Callable[[datetime], float | None]]
    _read: dict[tuple[tuple[Kind, ...], str | None, int], Summary] = field(default_factory=dict)

    def of(self, rule: Rule) -> float | None:
        if rule.metric in self.outside:
            return self.outside[rule.metric](self.now - timedelta(minutes=rule.over_minutes))
        if rule.metric == "health_score":
            since, until = self._span(rule)
            health = health_of(self.store.by_label(since=since, until=until, kinds=WEB))
            return health["total_score"] if health["requests"] >= rule.fewest else None
        summary = self._summary(rule)
        if rule.metric == "requests_per_minute":
            return summary.count / rule.over_minutes
        if rule.metric == "jira_waits":
            return summary.waited_ms / 1000 / rule.over_minutes
        counted = summary.hits + summary.misses if rule.metric == "cache_hit_rate" else summary.count
        return _OF_SUMMARY[rule.metric](summary) if counted >= rule.fewest else None

    def _summary(self, rule: Rule) -> Summary:
        kinds = (Kind.JIRA,) if rule.metric.startswith("jira_") else WEB if rule.kind is None else (rule.kind,)
        asked = kinds, rule.route, rule.over_minutes
        if asked not in self._read:
            since, until = self._span(rule)
            self._read[asked] = self.store.summary(since=since, until=until, kinds=kinds, label=rule.route)
        return self._read[asked]

    def _span(self, rule: Rule) -> tuple[datetime, datetime]:
        until = (self.now - SETTLING).replace(second=0, microsecond=0)
        return until - timedelta(minutes=rule.over_minutes), until
