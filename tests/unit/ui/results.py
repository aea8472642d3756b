"""Metric results built by hand, one fact at a time; the defaults are a healthy value of the metric."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from data.metric import MetricResult
from data.metric_catalogue import metric

AS_OF = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)
VALUES = {"hours": 76.8, "deployments/day": 0.3, "ratio": 0.25, "items": 42.0}
SHARES = {"feature": 0.6, "defect": 0.3, "risk": 0.0, "debt": 0.1, "unmapped": 0.0}


def weeks(*values: Any, sample_size: int = 8) -> list[dict[str, Any]]:
    """Weeks that end with the running one, which is that of `AS_OF`."""
    last = date(2026, 3, 2)
    mondays = [last - timedelta(weeks=len(values) - 1 - number) for number in range(len(values))]
    return [
        {
            "week": f"{monday.isocalendar().year}-W{monday.isocalendar().week:02d}",
            "start": f"{monday.isoformat()}T00:00:00Z",
            "value": value,
            "sample_size": sample_size,
            "partial": monday == last,
        }
        for monday, value in zip(mondays, values, strict=True)
    ]


def result(key: str = "lead_time", *, days: int = 30, before: Any = None, **facts: Any) -> MetricResult:
    """The result of a metric; `before` is the previous value, over a sample of 20."""
    declared = metric(key)
    value = facts.get("value", VALUES.get(declared.unit, SHARES))
    plain: dict[str, Any] = {
        "key": key,
        "title": declared.title,
        "family": declared.family,
        "value": value,
        "unit": declared.unit,
        "status": "ok",
        "sample_size": 20,
        "interval": None,
        "percentiles": {},
        "numerator": None,
        "denominator": None,
        "numerator_items": [],
        "previous": {"value": before, "sample_size": 0 if before is None else 20, "start": "", "end": ""},
        "change": {"absolute": None, "relative": None, "verdict": None},
        "trend": weeks(value, value, value),
        "by_kind": {},
        "proxy": None,
        "source": None,
        "precision": None,
        "definition": "What it means.\n\nHow it is counted.",
        "item_kind": "issues",
        "included": ["AB-1", "AB-2"],
        "excluded": {},
        "findings": [],
        "trust": {"level": "high", "score": 100, "because": ["Nothing that was read speaks against it."]},
        "alternatives": {},
        "as_of": "2026-03-05T15:30:00Z",
        "period": {"days": days, "start": "2026-02-03T15:30:00Z", "end": "2026-03-05T15:30:00Z"},
        "config_version": "0123456789ab",
    }
    return cast(MetricResult, plain | facts)


def better(verdict: str) -> dict[str, Any]:
    """A change with this verdict."""
    return {"absolute": 1.0, "relative": 0.1, "verdict": verdict}
