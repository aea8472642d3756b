"""Measured times, rates and verdicts about Sightline itself, in words and with a sign of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ui.readings import NARROW, decimal

NOTHING = "\N{EN DASH}"
FEW_FOR_P95 = 20
FEW_FOR_P99 = 100
MEGABYTE = 1_000_000
SPANS: Mapping[int, str] = MappingProxyType({1: "24 hours", 7: "7 days", 30: "30 days", 90: "90 days"})
DEFAULT_SPAN = 7

SEVERITY_WORDS: Mapping[str, str] = MappingProxyType(
    {"good": "good", "warning": "could be faster", "slow": "slow", "critical": "very slow"}
)
SEVERITY_TONES: Mapping[str, str] = MappingProxyType(
    {"good": "good", "warning": "warn", "slow": "slow", "critical": "bad"}
)
EFFECTIVENESS_WORDS: Mapping[str, str] = MappingProxyType({"high": "works well", "low": "low", "none": "nothing kept"})
EFFECTIVENESS_TONES: Mapping[str, str] = MappingProxyType({"high": "good", "low": "warn", "none": "calm"})


def span_days(text: str | None) -> int:
    """The chosen span; whatever else a browser may send counts as the usual one."""
    return int(text) if text in {str(days) for days in SPANS} else DEFAULT_SPAN


def span_words(days: int) -> str:
    return f"the last {SPANS[days]}"


def milliseconds(value: float | None) -> str:
    """A duration with the digits that matter: 4.2 ms, 320 ms, 1.24 s, 3 min."""
    if value is None:
        return NOTHING
    if value < 999.5:
        return f"{decimal(value)}{NARROW}ms"
    if value < 99_950:
        return f"{value / 1000:.2f}{NARROW}s" if value < 9_995 else f"{value / 1000:.1f}{NARROW}s"
    return f"{decimal(value / 60_000)}{NARROW}min"


def per_cent(rate: float | None) -> str:
    """A share of one; something never reads as nothing, and not quite all never as all."""
    if rate is None:
        return NOTHING
    if 0.995 <= rate < 1:
        return f"{min(99.9, rate * 100):.1f}{NARROW}%"
    return f"{decimal(rate * 100)}{NARROW}%"


def megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.1f}{NARROW}MB" if size >= MEGABYTE / 10 else f"{size / 1000:,.0f}{NARROW}kB"


def often_words(per_minute: float | None) -> str:
    """How often, in the unit in which it is a number that a person can picture."""
    if per_minute is None:
        return "how often is not known"
    if per_minute >= 600:
        return f"{decimal(per_minute / 60)} a second"
    if per_minute >= 1:
        return f"{decimal(per_minute)} a minute"
    if per_minute * 60 >= 1:
        return f"{decimal(per_minute * 60)} an hour"
    return f"{decimal(per_minute * 1440)} a day"


def grade_tone(grade: str | None) -> str:
    return {"A": "good", "B": "good", "C": "warn", "D": "slow", "F": "bad"}.get((grade or "")[:1], "calm")
