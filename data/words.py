"""Instants, durations and lists as a manager reads them in a sentence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from data.weeks import instant

_MINUTE, _DAY, _WEEK = 1 / 60, 24.0, 168.0


def when(microseconds_utc: int, zone: ZoneInfo, *, beside: datetime) -> str:
    """`3 March 09:12` in the team's zone, with its year where that is not the year of the date it stands beside."""
    local = instant(microseconds_utc).astimezone(zone)
    year = "" if local.year == beside.astimezone(zone).year else f" {local.year}"
    return f"{local.day} {local:%B}{year} {local:%H:%M}"


def day(microseconds_utc: int, zone: ZoneInfo, *, beside: datetime) -> str:
    return when(microseconds_utc, zone, beside=beside)[:-6]


def duration(hours: float, *, working: bool) -> str:
    """Hours in the unit that reads best; working hours stay hours, for a day of them has no fixed length."""
    if working:
        return plural(number(hours), "working hour")
    size = abs(hours)
    if size < 1.5:
        return plural(number(hours / _MINUTE), "minute")
    if size < 2 * _DAY:
        return plural(number(hours), "hour")
    return plural(number(hours / _DAY), "day") if size < 3 * _WEEK else plural(number(hours / _WEEK), "week")


def number(value: float) -> str:
    """One decimal below ten, none above; something never reads as nothing."""
    if value != 0 and abs(value) < 0.05:
        return f"{value:.1g}"
    return f"{value:,.0f}" if abs(value) >= 9.95 else f"{value:.1f}".removesuffix(".0")


def share(value: float) -> str:
    return f"{number(100 * value)} %"


def plural(amount: str, noun: str) -> str:
    return f"{amount} {noun}" if amount == "1" else f"{amount} {noun}s"


def counted(amount: int, noun: str) -> str:
    return plural(f"{amount:,}", noun)


def listed(names: Collection[str], *, last: str = "or") -> str:
    """`a, b or c`, in the order of the alphabet."""
    ordered = sorted(names, key=str.casefold)
    return ordered[0] if len(ordered) == 1 else f"{', '.join(ordered[:-1])} {last} {ordered[-1]}" if ordered else ""


def ordinal(percent: float) -> str:
    """`85th`, also `2.5th`."""
    text = f"{percent:g}"
    teen = text[-2:] in {"11", "12", "13"}
    return text + ("th" if teen or "." in text else {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th"))
