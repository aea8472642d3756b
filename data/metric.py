"""What a metric is, how one is declared, and the JSON document that a measurement returns."""

from __future__ import annotations

from typing import Any, TypedDict


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


class Finding(TypedDict):
    """Something the number cannot see: a stable code, info or warning, a sentence, and the issues concerned."""

    code: str
    severity: str
    count: int
    message: str
    keys: list[str]


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
