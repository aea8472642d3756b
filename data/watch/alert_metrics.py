"""What an alert rule can watch: each figure with its unit, its possible values and how much it takes to be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LONGEST_SPAN_MINUTES = 1440


@dataclass(frozen=True)
class AlertMetric:
    """`words` say what it is within a sentence. Below `at_least` things measured the figure counts as unknown.

    `spans`: it is measured over the last minutes, not at one instant. `narrows`: a rule may name a kind or a route.
    """

    words: str
    unit: str
    highest: float | None = None
    at_least: int = 0
    spans: bool = True
    narrows: bool = True

    def shown(self, value: float) -> str:
        """The value with its unit, as people write it."""
        if self.unit == "share":
            return f"{value * 100:.3g} %"
        number = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
        return f"{number} {self.unit}".rstrip()


ALERT_METRICS: Mapping[str, AlertMetric] = MappingProxyType(
    {
        "average_ms": AlertMetric("the average duration", "ms", at_least=20),
        "p50_ms": AlertMetric("the median duration", "ms", at_least=20),
        "p95_ms": AlertMetric("the duration that 95 % stay below", "ms", at_least=20),
        "p99_ms": AlertMetric("the duration that 99 % stay below", "ms", at_least=100),
        "max_ms": AlertMetric("the longest duration", "ms", at_least=1),
        "error_rate": AlertMetric("the share that fails", "share", highest=1.0, at_least=20),
        "cache_hit_rate": AlertMetric("the share answered from what is kept", "share", highest=1.0, at_least=20),
        "requests_per_minute": AlertMetric("the traffic", "a minute"),
        "health_score": AlertMetric("the health score", "points", highest=100.0, at_least=20, narrows=False),
        "jira_p95_ms": AlertMetric(
            "the duration that 95 % of Jira's answers stay below", "ms", at_least=20, narrows=False
        ),
        "jira_error_rate": AlertMetric(
            "the share of calls to Jira that fail", "share", highest=1.0, at_least=10, narrows=False
        ),
        "jira_waits": AlertMetric("the seconds in a minute that calls to Jira wait", "s", narrows=False),
        "log_records_dropped": AlertMetric("the log records that could not be written", "records", narrows=False),
        "unusual_durations": AlertMetric("the number of things that take unusually long", "", narrows=False),
        "hours_since_sync": AlertMetric("the age of the team's data", "hours", spans=False, narrows=False),
    }
)
